"""The examples of the README run as they are written; TLS from files; what may be served where."""

import datetime
import ipaddress
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.central import support
from tests.central.test_process import one_sentence, run

README = Path(__file__).resolve().parents[2] / "gateway" / "README.md"


def test_the_examples_run_as_written(served, tmp_path):
    if not shutil.which("curl"):
        pytest.skip("no curl here")
    boards, spans, _ = support.written(served)
    batches = list(support.in_tap_order(boards, spans[:60], 20))
    for runs in batches[:2]:
        served.take(*runs)
    (script,) = re.findall(r"```sh\n(.*?)```", README.read_text(), re.S)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = os.environ | {"CENTRE": served.url, "TOKEN": served.tokens["office"], "PATH": path, "COLUMNS": "200"}
    for more in ([], batches[2]):  # a second time what came since stands there, too, and nothing twice
        if more:
            served.take(*more)
        shell = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(shell, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
    table = served.good("office", "GET", "/v1/table")
    assert json.dumps(table["taps"]) == "60" and '"taps":60' in done.stdout
    for point, row in table["by_crossing_point"].items():
        for verdict in set(row) - {"reasons"}:
            assert re.search(rf"{point} +{verdict} +{row[verdict]}\b", done.stdout), (point, verdict)
    assert len((tmp_path / "crossings.ndjson").read_text().splitlines()) == 60


@pytest.fixture
def certificate(tmp_path):
    """A certificate of this machine that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "centre")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    signed = made.add_extension(here, False).sign(key, hashes.SHA256())
    files = tmp_path / "centre.pem", tmp_path / "centre.key"
    files[0].write_bytes(signed.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_tls_from_files(served, certificate):
    served.kill()
    served.port = 0
    served.start("--tls-cert", certificate[0], "--tls-key", certificate[1])
    assert served.url.startswith("https://")
    trusted = ssl.create_default_context(cafile=certificate[0])
    with httpx.Client(base_url=served.url, verify=trusted, timeout=120) as http:
        headers = {"Authorization": f"Bearer {served.tokens['office']}"}
        assert http.get("/v1/table", headers=headers).json()["taps"] == 0
        assert http.get("/").status_code == 303  # the page asks for a sign-in: this is not development
    with pytest.raises(httpx.TransportError), httpx.Client(base_url=served.url) as stranger:
        stranger.get("/healthz")


def test_what_may_be_served_where(served, certificate, tmp_path):
    beyond = ["run", "--data", served.data, "--port", 0, "--host", "0.0.0.0"]
    assert "--tls-cert and --tls-key" in one_sentence(run(*beyond))
    assert "lets everyone in" in one_sentence(run(*beyond, "--development"))
    assert "belong together" in one_sentence(run(*beyond, "--tls-cert", certificate[0]))
    wrong = ["--tls-cert", certificate[0], "--tls-key", certificate[0]]
    assert "cannot be used (one of them is not PEM)" in one_sentence(run(*beyond, *wrong))
