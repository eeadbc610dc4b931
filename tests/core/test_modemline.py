"""The lines between gateway and modem: there and back, and nothing that is no message is taken for one."""

from checkpost import modemline as line


def body(text, kind):
    found = line.parse(text)
    assert found is not None and found[0] == kind
    return found[1]


def test_frames_go_there_and_back():
    for frame in (b"\x00", bytes(range(255)), b"\x03\n\r~"):
        text = line.pack_send(65535, 1000, True, frame)
        assert b"\n" not in text and b"\x03" not in text
        assert line.parse_send(body(text, line.SEND)) == (65535, 1000, True, frame)
        assert line.parse_heard(body(line.pack_heard(-117, -4, frame), line.HEARD)) == (-117, -4, frame)


def test_what_became_of_a_frame():
    for how in range(len(line.HOW)):
        assert line.parse_done(body(line.pack_done(7, how, 348), line.DONE)) == (7, how, 348)
    assert line.parse_done(b"\x07\x00\x09\x00\x00") is None


def test_a_report_names_its_fields():
    fields = ["EU868", 869_525_000, 7, 1, 360_000, 17, 1, 2, 3, 4, 5]
    found = line.parse_report(body(line.pack_report(bytes(range(8)), fields), line.REPORT))
    assert found["identity"] == "0001020304050607"
    assert [found[name] for name in line.REPORT_FIELDS] == fields


def test_what_is_no_message_is_none():
    for text in (b"", b"~", b"~~~~", b"MPY: soft reboot", b">>> ", b"~\xff\xfe", b"~QQ=", b"QUJD"):
        assert line.parse(text) is None, text
    for parser in (line.parse_send, line.parse_heard, line.parse_done, line.parse_report):
        for size in range(12):
            assert parser(b"\xff" * size) is None or parser is line.parse_heard or size > 5
    assert line.parse_send(bytes(5)) is None and line.parse_send(bytes(5 + 256)) is None
    assert line.parse_report(b"\xff" * 54) is None
