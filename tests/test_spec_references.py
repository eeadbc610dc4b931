"""Every section that the code names in SPEC.md is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "firmware" / "lib" / "checkpost" / "SPEC.md"


def test_sections_that_code_names_exist():
    headings = set(re.findall(r"^## (.+)$", SPEC.read_text(), re.MULTILINE))
    named = {
        section: path.name
        for folder in ("firmware", "gateway", "tools")
        for path in (ROOT / folder).rglob("*.py")
        for section in re.findall(r'SPEC\.md,? "([^"]+)"', path.read_text())
    }
    assert {section: name for section, name in named.items() if section not in headings} == {}
