"""The import rules that import-linter cannot express: what a part may import at all, and the firmware's rules."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
HARDWARE_MODULES = {"machine", "drivers", "neopixel", "rp2"}
OURS = {
    "boot",
    "checkpost",
    "drivers",
    "gateway",
    "kiosk",
    "main",
    "modem",
    "pins",
    "replay",
    "settings",
    "tests",
}
OURS |= {"virtualboard", "workbench"}


def imports(source: str, at_module_level: bool = False) -> Iterator[str]:
    """Yield the absolute names that a file imports; `at_module_level` leaves out those inside functions."""
    tree = ast.parse(source)
    for node in module_level(tree) if at_module_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_level(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when the module is imported."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from module_level(child)


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def first(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("path", files(FIRMWARE / "lib" / "checkpost"), ids=named)
def test_the_core_imports_nothing_of_ours(path):
    assert {first(name) for name in imports(path.read_text())} & (OURS - {"checkpost"}) == set()


@pytest.mark.parametrize("path", files(FIRMWARE / "drivers"), ids=named)
def test_a_driver_imports_at_most_the_core(path):
    assert {first(name) for name in imports(path.read_text())} & (OURS - {"checkpost", "drivers"}) == set()


@pytest.mark.parametrize("path", files(FIRMWARE / "kiosk"), ids=named)
def test_the_kiosk_is_handed_its_hardware(path):
    assert {first(name) for name in imports(path.read_text(), at_module_level=True)} & HARDWARE_MODULES == set()


@pytest.mark.parametrize("path", files(FIRMWARE), ids=named)
def test_firmware_imports_nothing_that_a_board_does_not_carry(path):
    here = {entry.stem for entry in FIRMWARE.iterdir()} | {"checkpost"}
    assert {first(name) for name in imports(path.read_text())} & (OURS - here) == set()


@pytest.mark.parametrize("path", files(ROOT / "gateway" / "central"), ids=named)
def test_central_imports_of_the_gateway_only_the_contract_and_what_pages_have_in_common(path):
    ours = {name for name in imports(path.read_text()) if first(name) in OURS}
    allowed = ("gateway.contract", "gateway.central", "gateway.ui", "checkpost")
    assert {name for name in ours if not name.startswith(allowed)} == set()


@pytest.mark.parametrize("path", files(ROOT / "gateway" / "ui"), ids=named)
def test_what_pages_have_in_common_imports_nothing_of_ours(path):
    assert {first(name) for name in imports(path.read_text())} & OURS == set()


def test_a_forbidden_import_is_seen():
    source = "import machine\nif x:\n    from drivers import oled\ndef f():\n    import rp2\nfrom . import near\n"
    assert list(imports(source, at_module_level=True)) == ["machine", "drivers.oled"]
    assert list(imports(source)) == ["machine", "drivers.oled", "rp2"]


def test_files_stay_short():
    long = {
        named(path): lines
        for folder in ("gateway", "firmware", "hardware", "tools")
        for path in files(ROOT / folder)
        if (lines := len(path.read_text().splitlines())) > 330
    }
    assert long == {}, "one idea a file, about 300 lines"


def test_the_revisions_of_the_centres_store_form_one_line():
    folder = ROOT / "gateway" / "central" / "store" / "migrations" / "versions"
    before = {}
    for path in files(folder):
        said = dict(re.findall(r'^(revision|down_revision) = (?:"(\w+)"|None)$', path.read_text(), re.MULTILINE))
        assert path.stem.startswith(said["revision"] + "_"), path
        assert said["revision"] not in before, f"{path.name}: there is another {said['revision']}; number one anew"
        before[said["revision"]] = said["down_revision"]
    line = [""]
    while line[-1] in before.values():
        nexts = [revision for revision, earlier in before.items() if earlier == line[-1]]
        assert len(nexts) == 1, f"{' and '.join(nexts)} both follow {line[-1] or 'nothing'}: number one of them anew"
        line += nexts
    assert sorted(line[1:]) == sorted(before)
