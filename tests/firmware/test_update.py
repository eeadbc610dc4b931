"""Updates of the firmware: what is refused and why, and power cuts at its flash operations, on a real littlefs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import update
from kiosk.trial import CARD_WITHIN_S, STEP_MS, SYNC_WITHIN_MS, Trial
from workbench.board.bundle import Signer, pack
from workbench.board.tree import Tree

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
SAMPLE = 13  # of so many flash operations of an update over the link one is cut here; `python -m tests.cuts` cuts all
FILES = {
    "main.mpy": b"new main",
    "kiosk/version.mpy": b"new version" * 60,
    "lib/checkpost/record.mpy": b"same" * 200,
    "kiosk/added.mpy": bytes(range(256)) * 5,
}


def signer(seed=1):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def bundle(version=(0, 2, 0), by=None, files=FILES):
    return pack(Tree(version, 6, files), by or signer())


def cut_everywhere(folder, every=1):
    """Cut an update at every flash operation, one over the link at each `every`th; return what MicroPython printed."""
    (folder / "bundle").write_bytes(bundle())
    words = ["tests/firmware/inside_update.py", str(folder / "bundle"), signer().public.hex(), str(every)]
    command = [str(MICROPYTHON), "-X", "heapsize=8m", *words]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1000)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.strip()


@pytest.mark.skipif(not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform")
def test_a_power_cut_leaves_one_of_two_versions_and_the_update_goes_on(tmp_path):
    said = cut_everywhere(tmp_path, every=SAMPLE)
    print(said)
    kept, left, link_kept, link_left = map(int, re.findall(r"\d+", said))
    assert kept > 200 and left > 200 and link_kept > 20 and link_left > 20


def checked(path, key, running):
    found = update.Bundle(str(path), key)
    assert list(found.proving(running))  # in slices
    return found


def refused(tmp_path, data, key=None, running=(0, 1, 0)):
    path = tmp_path / "bundle"
    path.write_bytes(data)
    with pytest.raises(update.UpdateRefused) as caught:
        checked(path, key or signer().public, running)
    return str(caught.value)


def test_a_wrong_an_old_an_altered_and_a_half_bundle_are_refused_with_their_reason(tmp_path):
    good = bundle()
    assert refused(tmp_path, b"PK" + good).startswith("wrong: this is no firmware bundle")
    assert refused(tmp_path, good[:8] + b"\x05" + good[9:]).startswith("wrong: the bundle is made for another")
    assert refused(tmp_path, good[:-1]) == f"half: {len(good) - 1} of {len(good)} bytes are here"
    assert refused(tmp_path, bundle(by=signer(2))).startswith("altered: the signature does not fit")
    assert refused(tmp_path, good, running=(0, 2, 1)) == "old: 0.2.0 is older than what runs"
    for place in (5, 25, 60):  # version, a path, a hash
        assert refused(tmp_path, good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])[:7] in (
            "altered",
            "wrong: ",
        )


def test_a_good_bundle_says_the_mark_that_a_flash_would_write(tmp_path):
    path = tmp_path / "bundle"
    path.write_bytes(bundle())
    found = checked(path, signer().public, (0, 1, 0))
    assert found.mark() == Tree((0, 2, 0), 6, FILES).mark
    data = bundle()
    assert {name: data[place : place + size] for name, size, _, place in found.files()} == FILES


@pytest.mark.parametrize("text", ["{}", '{"update_key": "00"}', '{"update_key": 7}', "no json"])
def test_a_board_without_a_key_takes_no_update(tmp_path, text):
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(update.UpdateRefused, match="no key for updates"):
        update.update_key(str(tmp_path / "settings.json"))
    with pytest.raises(update.UpdateRefused, match="no key for updates"):
        update.update_key(str(tmp_path / "missing"))
    (tmp_path / "settings.json").write_text(json.dumps({"update_key": "ab" * 32}))
    assert update.update_key(str(tmp_path / "settings.json")) == b"\xab" * 32


class Slots:
    """What slots.py is told."""

    def __init__(self):
        self.told = []

    def confirm(self):
        self.told.append("confirm")

    def go_back(self, why):
        self.told.append(why)


class Uplink:
    """A link that the test puts up."""

    def __init__(self):
        self.is_up = False
        self.brought = 0

    def bring(self, piece):
        self.brought += 1

    def up(self):
        return self.is_up

    def queue(self):
        return 0


def run(trial, seconds, start_s=0):
    for second in range(start_s + 1, start_s + seconds + 1):
        trial.step(second * STEP_MS & 0x3FFFFFFF)


@pytest.fixture
def trial():
    found = Trial(Slots(), Uplink(), lambda: found._slots.told.append("restart"), 0)
    return found


def test_a_trial_ends_well_after_a_sync_and_a_card(trial):
    run(trial, 10)
    trial.card = True
    run(trial, 10, 10)
    assert trial._slots.told == []
    trial._uplink.is_up = True
    run(trial, 10, 20)
    assert trial._slots.told == ["confirm"] and trial._uplink.brought == 1


def test_a_trial_without_a_gateway_is_left_after_half_an_hour(trial):
    trial.card = True
    run(trial, SYNC_WITHIN_MS // STEP_MS - 1)
    assert trial._slots.told == []
    run(trial, 5, SYNC_WITHIN_MS // STEP_MS - 1)
    assert trial._slots.told == ["left: no gateway answered in half an hour", "restart"]


def test_a_trial_without_a_card_is_left_after_a_day(trial):
    trial._uplink.is_up = True
    run(trial, CARD_WITHIN_S + 5)
    assert trial._slots.told == ["left: no card was read in a day", "restart"]
