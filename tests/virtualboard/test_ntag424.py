"""The card model against what the data sheet says, APDU by APDU and without our driver."""

from random import Random

import pytest

from virtualboard.chips.ntag424 import ATS, FRAME, Ntag424
from virtualboard.chips.ntag424_keys import aes_cbc, aes_cmac, mac_t

UID = bytes.fromhex("04A1B2C3D4E580")
SELECT = "00A4040007D276000085010100"


@pytest.fixture
def card():
    card = Ntag424(UID, Random(7).randbytes)
    card.activated()
    return card


def ask(card, apdu):
    """Send hex, return hex."""
    return card.exchange(bytes.fromhex(apdu))[0].hex().upper()


def authenticated(card, number=0, key=bytes(16)):
    """Authenticate by hand (DS 9.1.5); return the session keys and TI."""
    ask(card, SELECT)
    challenge = bytes.fromhex(ask(card, f"9071000002{number:02X}0000"))
    assert challenge[16:] == b"\x91\xaf"
    rnd_b = aes_cbc(key, bytes(16), challenge[:16], back=True)
    rnd_a = bytes(range(16))
    answer = aes_cbc(key, bytes(16), rnd_a + rnd_b[1:] + rnd_b[:1])
    closing = bytes.fromhex(ask(card, "90AF000020" + answer.hex() + "00"))
    assert closing[32:] == b"\x91\x00"
    plain = aes_cbc(key, bytes(16), closing[:32], back=True)
    assert plain[4:20] == rnd_a[1:] + rnd_a[:1]
    mixed = rnd_a[:2] + bytes(a ^ b for a, b in zip(rnd_a[2:8], rnd_b[:6], strict=True)) + rnd_b[6:] + rnd_a[8:]
    return [aes_cmac(key, label + b"\x00\x01\x00\x80" + mixed) for label in (b"\xa5\x5a", b"\x5a\xa5")] + [plain[:4]]


def test_activation(card):
    assert (card.atqa, card.sak, card.ats) == (0x0344, 0x20, ATS)
    assert ATS[0] == len(ATS)
    with pytest.raises(ValueError, match="7-byte"):
        Ntag424(UID[:4], Random(1).randbytes)


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        (SELECT, "9000"),
        ("00A4040C07D276000085010100", "9000"),
        ("00A4000C023F00", "9000"),
        ("00A4000C02E110", "9000"),
        ("00A4040007D276000085010200", "6A82"),
        ("00A4000C02E104", "6A82"),  # a file, before the application
        ("00A4050002E104", "6A86"),
        ("00A4040511" + "00" * 17, "6A86"),
        ("00A4040C11" + "00" * 17, "6A87"),
        ("00A4040C07D2760000", "6700"),
        ("00B0840010", "6985"),  # no application selected
        ("00C0000000", "6D00"),
        ("80CA000000", "6E00"),
        ("9071000002000000", "9140"),  # originality keys only
        ("9064000001000000", "917E"),  # a byte too many
        ("90640000010000", "9140"),
        ("90F50000010200", "919D"),
        ("90AD0000070200000010000000", "919D"),
        ("9051000000", "91AE"),
        ("90C4000001000000", "917E"),
        ("90990000", "917E"),  # no Le
        ("9099000000", "911C"),
        ("905C000000", "911C"),  # SetConfiguration is not modelled
        ("90AF000000", "911C"),
        ("9060010000", "919E"),
    ],
)
def test_at_picc_level(card, apdu, answer):
    assert ask(card, apdu) == answer


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("90640000010400", "009100"),
        ("90640000010500", "9140"),
        ("90640000012000", "919E"),
        ("9071000002050000", "9140"),
        ("90710000024000" + "00", "919E"),
        ("90710000020007" + "00", "917E"),
        ("907100000100" + "00", "917E"),
        ("907700000100" + "00", "919D"),  # not authenticated
        ("90F500000103" + "00", "000330238000009100"),
        ("90F500000104" + "00", "91F0"),
        ("90F600000102" + "00", "919D"),  # no mirror is enabled
        ("90AD0000070200000001000000", "009100"),
        ("90AD0000070300000001000000", "91AE"),
        ("90AD00000702FF000002000000", "91BE"),
        ("90AD000007020001000000000" + "0", "91BE"),
        ("90AD00000602000000010000", "917E"),
        ("908D0000080200000001000055" + "00", "9100"),
        ("908D0000080200000002000055" + "00", "917E"),
        ("908D0000090200010002000055" + "66" + "00", "91BE"),
        ("908D0000080100000001000055" + "00", "91AE"),
        ("905F0000040200EEEE" + "00", "91AE"),
        ("00B0830003", "0017209000"),
        ("00B0850010", "6982"),
        ("00B0860010", "6A82"),
        ("00B0A40010", "6A86"),
        ("00B0000010", "6985"),  # no file selected
        ("00D6840001AA", "9000"),
        ("00D6830001AA", "6982"),
        ("90AF000000", "911C"),
    ],
)
def test_in_the_application_without_authentication(card, apdu, answer):
    ask(card, SELECT)
    assert ask(card, apdu) == answer


def test_a_selected_file_is_read_by_offset(card):
    ask(card, SELECT)
    assert ask(card, "00A4000C02E103") == "9000"
    assert ask(card, "00B0000002") == "00179000"
    assert ask(card, "00B0000102") == "17209000"
    assert len(ask(card, "00B0000000")) == 2 * (32 + 2)
    assert ask(card, "00B0002000") == "6A86"


def test_the_version_comes_in_three_parts(card):
    assert ask(card, "9060000000") == "0404023000110591AF"
    assert ask(card, "90AF000000") == "0404020102110591AF"
    assert ask(card, "90AF000000") == UID.hex().upper() + "CF391D5B302A189100"


@pytest.mark.parametrize("first", ["9060000000", "9071000002000000"])
def test_another_command_aborts_what_takes_several(card, first):
    ask(card, SELECT)
    assert ask(card, first).endswith("91AF")
    assert ask(card, "90640000010000") == "91CA"
    assert ask(card, "90640000010000") == "009100"
    ask(card, first)
    assert ask(card, "00B0840001") == "6985"
    assert ask(card, "00B0840001") == "009000"


def test_an_authentication_in_the_application_counts_wrong_answers(card):
    ask(card, SELECT)
    ask(card, "9071000002010000")
    assert ask(card, "90AF000020" + "00" * 32 + "00") == "91AE"
    assert card.keys.slots[1].total_failures == 1
    ask(card, "9071000002010000")
    assert ask(card, "90AF00001F" + "00" * 31 + "00") == "917E"
    assert card.keys.slots[1].total_failures == 1


def test_a_request_for_lrp_is_answered_in_aes(card):
    ask(card, SELECT)
    assert len(ask(card, "907100000300010200")) == 2 * 18
    assert len(ask(card, "90AF000000")) == 4


def test_delay_answers_take_their_time(card):
    ask(card, SELECT)
    key = card.keys.slots[2]
    key.failures_in_a_row = 52
    for _ in range(3):
        answer, seconds = card.exchange(bytes.fromhex("9071000002020000"))
        assert answer == b"\x91\xad"
        assert 0.025 < seconds < 0.04
    assert ask(card, "9071000002020000").endswith("91AF")


def test_secure_messaging(card):
    enc, mac, ti = authenticated(card)
    command = mac_t(mac, b"\x51\x00\x00" + ti)
    answer = bytes.fromhex(ask(card, "9051000008" + command.hex() + "00"))
    assert answer[-2:] == b"\x91\x00"
    assert mac_t(mac, b"\x00\x01\x00" + ti + answer[:16]) == answer[16:24]
    iv = aes_cbc(enc, bytes(16), b"\x5a\xa5" + ti + b"\x01\x00" + bytes(8))
    assert aes_cbc(enc, iv, answer[:16], back=True) == UID + b"\x80" + bytes(8)


def test_a_command_played_again_ends_the_session(card):
    _, mac, ti = authenticated(card)
    command = "9051000008" + mac_t(mac, b"\x51\x00\x00" + ti).hex() + "00"
    assert ask(card, command).endswith("9100")
    assert ask(card, command) == "911E"
    assert ask(card, command) == "91AE"


@pytest.mark.parametrize("at", range(8))
def test_a_wrong_mac_ends_the_session(card, at):
    _, mac, ti = authenticated(card)
    good = mac_t(mac, b"\x64\x00\x00" + ti + b"\x01")
    wrong = good[:at] + bytes([good[at] ^ 0x80]) + good[at + 1 :]
    assert ask(card, "906400000901" + wrong.hex() + "00") == "911E"
    assert card.keys.authenticated_with is None


def test_the_last_count_is_refused(card):
    _, mac, ti = authenticated(card)
    card.keys._state.counter = 0xFFFF
    command = mac_t(mac, b"\x51\xff\xff" + ti)
    assert ask(card, "9051000008" + command.hex() + "00") == "911E"


@pytest.mark.parametrize("way", ["activated", "removed"])
def test_power_ends_session_and_selection_and_keeps_the_rest(card, way):
    card.keys.slots[1].failures_in_a_row = 9
    authenticated(card)
    getattr(card, way)()
    assert card.keys.authenticated_with is None
    assert ask(card, "90F50000010200") == "919D"
    assert card.keys.slots[1].failures_in_a_row == 9


def test_free_access_is_plain_in_a_session_too(card):
    authenticated(card)
    assert ask(card, "90AD0000070200000001000000") == "009100"
    assert card.keys._state.counter == 1


def changed(card, settings):
    """Set file 2 from inside; return the status that the card would give."""
    from virtualboard.chips.ntag424_answers import Refused

    try:
        card.files._set(2, card.files.files[2], bytes.fromhex(settings))
    except Refused as refused:
        return f"{refused.status:04X}"
    return "9100"


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ("4000E0C1F121200000430000430000", "9100"),  # AN12196
        ("0000E0", "9100"),
        ("0000E000", "917E"),
        ("00", "917E"),
        ("8000E0", "919E"),
        ("0000E5", "919E"),  # key 5 does not exist
        ("4000E0C1F121200000430000", "917E"),
        ("4000E0C1F12120000043000043000000", "917E"),
        ("4000E0C1F151200000430000430000", "919E"),
        ("4000E0C1F126200000430000430000", "919E"),
        ("4000E0C1F521200000430000430000", "919E"),
        ("4000E0C1E121200000430000430000", "919E"),
        ("4000E0C0F121200000430000430000", "919E"),  # ASCII is the only encoding
        ("4000E001F121200000430000430000", "919E"),  # nothing mirrored, yet encrypted
        ("4000E081F121200000430000430000", "919E"),  # counter right without counter
        ("4000E081FF21200000430000430000", "9100"),
        ("4000E0C1F1F1430000430000", "919E"),  # UID mirrored, meta right says no
        ("4000E0C1F121200000440000430000", "919E"),  # input behind the MAC
        ("4000E0C1F121200000300000300000", "919E"),  # MAC over the meta data
        ("4000E0C1F121F00000F80000F80000", "919E"),  # beyond the file
        ("4000E0E1F121200000430000430000050000", "9100"),
        ("4000E0E1F121200000430000430000000000", "919E"),  # a limit that is reached
        ("4000E0C1F1E1100000300000430000430000", "9100"),  # plain UID and counter
        ("4000E0C1F1E11000001D0000430000430000", "919E"),  # they overlap
        ("4000E0C1F1E1100000FFFFFF430000430000", "9100"),  # counter not mirrored
        ("4000E0D1F121200000430000430000200000630000", "9100"),
        ("4000E0D1F121200000430000430000210000640000", "919E"),  # not a multiple of 32
        ("4000E0D1F121200000430000430000400000630000", "919E"),  # reaches into the MAC
        ("4000E091FF21200000430000430000200000630000", "919E"),  # encryption without counter
    ],
)
def test_file_settings(card, settings, answer):
    assert changed(card, settings) == answer


def test_mirrors_are_for_file_2_only(card):
    from virtualboard.chips.ntag424_answers import Refused

    with pytest.raises(Refused, match="919D"):
        card.files._set(3, card.files.files[3], bytes.fromhex("4000E0C1F121200000430000430000"))


def test_plain_mirrors_and_encrypted_file_data(card):
    ask(card, SELECT)
    assert changed(card, "4000E0D1F1E1100000300000400000400000200000600000") == "9100"
    card.files.files[2].data[0x40:0x60] = b"sixteen byte txt" + bytes(16)
    read = bytes.fromhex(ask(card, "00B0840080"))[:-2]
    assert read[0x10:0x1E] == UID.hex().upper().encode()
    assert read[0x30:0x36] == b"000001"
    key = aes_cmac(bytes(16), b"\xc3\x3c\x00\x01\x00\x80" + UID + b"\x01\x00\x00")
    iv = aes_cbc(key, bytes(16), b"\x01" + bytes(15))
    assert aes_cbc(key, iv, bytes.fromhex(read[0x40:0x60].decode()), back=True) == b"sixteen byte txt"
    session = aes_cmac(bytes(16), b"\x3c\xc3\x00\x01\x00\x80" + UID + b"\x01\x00\x00")
    assert read[0x60:0x70] == mac_t(session, read[0x40:0x60]).hex().upper().encode()


def test_the_read_counter_rises_with_each_row_of_reads(card):
    ask(card, SELECT)
    changed(card, "4000E0C1FEE1100000300000430000430000")
    counter = card.files.files[2].mirror
    for apdu, expected in (
        ("00B0843006", 1), ("00B0843006", 1), ("90AD0000070230000006000000", 2), ("90AD0000070230000006000000", 2),
        ("90640000010000", 2), ("90AD0000070230000006000000", 3), ("00B0843006", 4),
    ):  # fmt: skip
        assert ask(card, apdu).endswith(("9000", "9100"))
        assert counter.counter == expected
    assert ask(card, "90F60000010200") == "04000000009100"
    counter.counter = 0xFFFFFF
    ask(card, SELECT)
    assert ask(card, "00B0843006") == "6982"
    assert ask(card, "90AD0000070230000006000000") == "911E"
    authenticated(card)
    assert ask(card, "90AD0000070230000006000000").endswith("9100")


def test_an_apdu_takes_time_by_its_length(card):
    ask(card, SELECT)
    _, short = card.exchange(bytes.fromhex("00B0840001"))
    _, long = card.exchange(bytes.fromhex("00B0840080"))
    assert 0.002 < short < 0.006
    assert 0.01 < long - short < 0.02
    assert FRAME == 124


def test_noise_gets_an_answer_or_none_and_nothing_else(card):
    noise = Random(11)
    for _ in range(3000):
        command = noise.randbytes(noise.randrange(40))
        if noise.random() < 0.7:
            command = (
                bytes([noise.choice((0x00, 0x90)), noise.choice((0x71, 0xAF, 0xAD, 0x8D, 0xA4, 0xB0, 0x5F, 0xC4))])
                + command
            )
        answer = card.exchange(command)
        assert (answer is None) == (len(command) < 4)
        assert answer is None or len(answer[0]) >= 2
