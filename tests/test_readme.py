"""What the README points to is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_local_links_lead_somewhere():
    shown = re.sub(r"<!--.*?-->", "", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)#]+)", shown) if "://" not in link]
    assert links and [link for link in links if not (ROOT / link).exists()] == []


def test_the_lock_names_no_index():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock and "--index-url" not in lock and "--find-links" not in lock
