"""`checkpost gateway enrol`: a code becomes the gateway's own token, in its file, once."""

import subprocess

from tests.central import support


def enrol(folder, url, code, name="north", token_file=True):
    lines = [f'data = "{folder}"', f'name = "{name}"', f'central_url = "{url}"']
    lines += [f'token_file = "{folder / "token"}"'] if token_file else []
    config = folder / "gateway.toml"
    config.write_text("\n".join(lines))
    command = [support.CHECKPOST, "gateway", "enrol", code, "--config", config]
    return subprocess.run(command, capture_output=True, text=True, timeout=180)


def test_a_code_becomes_a_token(served, tmp_path):
    def code():
        return served.good("admin", "POST", "/v1/gateways/north/codes", json={})["code"]

    first = code()
    done = enrol(tmp_path, served.url, first)
    assert done.returncode == 0 and "is enrolled" in done.stdout, done.stderr
    token = tmp_path / "token"
    assert token.stat().st_mode & 0o777 == 0o600
    served.tokens["north"] = token.read_text().strip()
    served.good("north", "GET", "/v1/changes")
    for again, said in (
        (enrol(tmp_path, served.url, first), "was used"),
        (enrol(tmp_path, served.url, code(), name="south"), "not south"),
        (enrol(tmp_path, served.url, code(), token_file=False), "`token_file`"),
        (enrol(tmp_path, "http://127.0.0.1:9", "X"), "cannot be reached"),
    ):
        assert again.returncode == 1 and said in again.stderr and "Traceback" not in again.stderr, again.stderr
    assert token.read_text().strip() == served.tokens["north"]
