"""The Merkle tree against published vectors and against the definition; notes and cosignatures."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.central.proof import checkpoint, leaf, merkle, note, tiles
from gateway.central.proof.merkle import ProofError
from gateway.central.proof.note import COSIGNATURE, ED25519, Note, NoteError, Signer, Verifier

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
TREE = json.loads((VECTORS / "merkle_tree.json").read_text())
NOTE = json.loads((VECTORS / "signed_note.json").read_text())
LEAVES = [merkle.leaf_hash(bytes.fromhex(text)) for text in TREE["leaves"]]
LOG = Signer("log.example", ED25519, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
PARTY = Signer("party.example", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))


def kept(hashes, steps=()):
    """The tiles of a tree that grew in steps."""
    stored = {}

    def read(level, number):
        return stored.get((level, number), b"")

    at = 0
    for end in (*steps, len(hashes)):
        stored.update(tiles.append(read, at, hashes[at:end]))
        at = end
    return tiles.Tiles(read)


def by_definition(hashes):
    """RFC 9162, 2.1.1, word by word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else merkle.EMPTY_ROOT
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return merkle.node_hash(by_definition(hashes[:k]), by_definition(hashes[k:]))


def hexed(path):
    return [step.hex() for step in path]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size):
    assert merkle.root(kept(LEAVES[:size]).node, size).hex() == TREE["roots"][size]
    assert merkle.fold(LEAVES[:size]).hex() == TREE["roots"][size]


@pytest.mark.parametrize(("at", "size", "path"), TREE["inclusion"])
def test_published_inclusion_proofs(at, size, path):
    found = merkle.inclusion(kept(LEAVES).node, at, size)
    assert hexed(found) == path
    merkle.check_inclusion(LEAVES[at], at, size, found, bytes.fromhex(TREE["roots"][size]))


@pytest.mark.parametrize(("first", "second", "path"), TREE["consistency"])
def test_published_consistency_proofs(first, second, path):
    found = merkle.consistency(kept(LEAVES).node, first, second)
    assert hexed(found) == path
    old, new = (bytes.fromhex(TREE["roots"][size]) for size in (first, second))
    merkle.check_consistency(first, second, old, new, found)


def many(count):
    return [merkle.leaf_hash(at.to_bytes(4, "big")) for at in range(count)]


@given(st.integers(1, 700), st.lists(st.integers(1, 700), max_size=5), st.data())
def test_a_tree_in_tiles_is_the_tree_of_the_definition(size, steps, data):
    hashes = many(size)
    tree = kept(hashes, sorted(step for step in steps if step < size))
    part = data.draw(st.integers(1, size))
    assert merkle.root(tree.node, part) == by_definition(hashes[:part])


@given(st.integers(1, 700), st.data())
def test_a_proof_fits_its_leaf_and_no_other(size, data):
    hashes = many(size)
    tree = kept(hashes)
    at = data.draw(st.integers(0, size - 1))
    root, path = merkle.root(tree.node, size), merkle.inclusion(tree.node, at, size)
    assert len(path) <= size.bit_length()
    merkle.check_inclusion(hashes[at], at, size, path, root)
    for wrong in ((merkle.leaf_hash(b"x"), at, path), (hashes[at], at, [*path, root]), (hashes[at], at ^ 1, path)):
        if wrong[1] != at and size == 1:
            continue
        with pytest.raises(ProofError):
            merkle.check_inclusion(wrong[0], wrong[1], size, wrong[2], root)


@given(st.integers(1, 700), st.data())
def test_growth_is_proven_and_nothing_else(size, data):
    hashes = many(size)
    tree = kept(hashes)
    first = data.draw(st.integers(1, size))
    old, new = merkle.root(tree.node, first), merkle.root(tree.node, size)
    path = merkle.consistency(tree.node, first, size)
    merkle.check_consistency(first, size, old, new, path)
    changed = list(hashes)
    changed[data.draw(st.integers(0, first - 1))] = merkle.leaf_hash(b"changed")
    forged = merkle.root(kept(changed).node, first)
    with pytest.raises(ProofError):
        merkle.check_consistency(first, size, forged, new, path)


def test_a_large_tree_is_appended_to_by_few_tiles():
    stored = {}

    def read(level, number):
        return stored.get((level, number), b"")

    stored.update(tiles.append(read, 0, many(256 * 256 + 255)))
    changed = tiles.append(read, 256 * 256 + 255, [merkle.leaf_hash(b"last")])
    assert set(changed) == {(0, 256), (1, 1)}


def test_a_tile_that_was_cut_is_not_appended_to():
    with pytest.raises(ProofError, match="holds 1 hashes, not 2"):
        tiles.append(lambda level, number: LEAVES[0], 2, [LEAVES[1]])


def test_a_leaf_hides_its_content_behind_its_salt():
    entry = leaf.record_entry(1, 2, 3, b"r" * 32)
    assert leaf.hash_of(entry.kind, b"a" * 16, entry.content) != leaf.hash_of(entry.kind, b"b" * 16, entry.content)
    assert leaf.state_entry(1, "{}").content != leaf.erasure_entry(1, "{}").content + b"x"


def test_a_published_note():
    Verifier.parse(NOTE["vkey"]).check(note.parse(NOTE["note"]))
    assert str(note.parse(NOTE["note"])) == NOTE["note"] and str(Verifier.parse(NOTE["vkey"])) == NOTE["vkey"]
    with pytest.raises(NoteError, match="does not fit"):
        Verifier.parse(NOTE["vkey"]).check(note.parse(NOTE["note"].replace("answer", "answers")))


def test_a_checkpoint_is_signed_and_cosigned():
    state = checkpoint.Checkpoint("log.example", 8, bytes.fromhex(TREE["roots"][8]))
    assert state.text() == "log.example\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    signed = Note(state.text(), (LOG.sign(state.text()), PARTY.cosign(state.text(), 1_700_000_000)))
    found, again = checkpoint.checked(str(signed), LOG.verifier)
    assert found == state
    cosignature = Verifier.parse(str(PARTY.verifier)).check(again)
    assert note.cosigned_at(cosignature) == 1_700_000_000
    later = Note(again.text, (note.Signature(cosignature.name, cosignature.key_id, b"\0" * 8 + cosignature.raw[8:]),))
    with pytest.raises(NoteError, match="does not fit"):
        PARTY.verifier.check(later)
    with pytest.raises(NoteError, match="no signature"):
        PARTY.verifier.check(Note(state.text(), (LOG.sign(state.text()),)))


@given(st.text(max_size=200))
def test_whatever_is_no_note_is_said_to_be_none(text):
    for read in (lambda: checkpoint.checked(text, LOG.verifier), lambda: Verifier.parse(text)):
        with pytest.raises(NoteError):
            read()


@pytest.mark.parametrize("text", ["a\n8\nAAAA\n", "a\n08\n" + "A" * 43 + "=\n", "a\n-1\n" + "A" * 43 + "=\n", "a\n8\n"])
def test_a_signed_text_that_is_no_checkpoint(text):
    with pytest.raises(NoteError, match="no checkpoint"):
        checkpoint.read(Note(text, ()))
