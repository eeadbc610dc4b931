"""Making a session: fresh X25519 keys of both ends under the board's link key, after the pattern of Noise NNpsk0.

A hello and a welcome are each a header, a public key and a tag by the link key; the reopen hint has a tag only.
SPEC.md, "Handshake".
"""

import hashlib

from checkpost.aes import hmac_sha256, same
from checkpost.frames import HELLO, REOPEN, WELCOME, Header
from checkpost.limits import HEADER_SIZE, TAG_SIZE

_LABEL = b"checkpost link 1 "
_PUBLIC_SIZE = 32
_HELLO_SIZE = HEADER_SIZE + _PUBLIC_SIZE + TAG_SIZE


def _tag(link_key: bytes, label: bytes, transcript: bytes) -> bytes:
    return hmac_sha256(link_key, _LABEL + label + transcript)[:TAG_SIZE]


def _public(frame: bytes, tag_wanted: bytes) -> bytes | None:
    """Return the public key of a hello or welcome if its tag is right."""
    fits = same(frame[HEADER_SIZE + _PUBLIC_SIZE :], tag_wanted)
    return frame[HEADER_SIZE : HEADER_SIZE + _PUBLIC_SIZE] if fits else None


def hello(link_key: bytes, board: int, public: bytes) -> bytes:
    """Return the board's first frame, 45 bytes."""
    words = Header(HELLO, board, 0, False).pack() + public
    return words + _tag(link_key, b"hello", words)


def read_hello(link_key: bytes, frame: bytes) -> bytes | None:
    """Return the board's public key, or None when the tag is not by this link key."""
    if len(frame) != _HELLO_SIZE:
        return None
    return _public(frame, _tag(link_key, b"hello", frame[:-TAG_SIZE]))


def welcome(link_key: bytes, hello_frame: bytes, board: int, public: bytes) -> bytes:
    """Return the gateway's answer to one hello, 45 bytes."""
    words = Header(WELCOME, board, 0, True).pack() + public
    return words + _tag(link_key, b"welcome", hello_frame + words)


def read_welcome(link_key: bytes, hello_frame: bytes, frame: bytes) -> bytes | None:
    """Return the gateway's public key, or None when this is no answer to this hello."""
    if len(frame) != _HELLO_SIZE:
        return None
    return _public(frame, _tag(link_key, b"welcome", hello_frame + frame[:-TAG_SIZE]))


def session_key(link_key: bytes, shared: bytes, hello_frame: bytes, welcome_frame: bytes) -> bytes:
    """Return the 16 bytes that both ends agree on: HKDF (RFC 5869) of the shared secret, bound to both frames."""
    secret = hmac_sha256(link_key, shared)
    transcript = hashlib.sha256(_LABEL + hello_frame + welcome_frame).digest()
    return hmac_sha256(secret, transcript + b"\x01")[:16]


def reopen(link_key: bytes, board: int, counter: int, frame: bytes) -> bytes:
    """Return the hint that the session of a board's sealed `frame` is not known here, 13 bytes."""
    words = Header(REOPEN, board, counter, True).pack()
    return words + _tag(link_key, b"reopen", frame[-TAG_SIZE:] + words)


def is_reopen(link_key: bytes, frame: bytes, asked: bytes) -> bool:
    """Return True if `frame` is the hint for the sealed frame `asked`: it cannot be used again for another."""
    if len(frame) != HEADER_SIZE + TAG_SIZE:
        return False
    return same(frame[HEADER_SIZE:], _tag(link_key, b"reopen", asked[-TAG_SIZE:] + frame[:HEADER_SIZE]))
