"""What carries the firmware: package.json for mip, the manifest for a frozen build, the wheel's data."""

import json
import subprocess
import sys
import zipfile

from tests.support.boards import FIRMWARE, ROOT
from workbench.board.tree import BESIDE, FROZEN, NOT_CARRIED, SKIPPED


def carried():
    """Return the files of a board's file system, as paths below firmware/."""
    return sorted(
        path.relative_to(FIRMWARE).as_posix()
        for path in FIRMWARE.rglob("*")
        if path.is_file() and path.suffix not in NOT_CARRIED and not SKIPPED.intersection(path.parts)
        if path.name not in FROZEN
    )


def test_package_json_names_every_file_once():
    urls = json.loads((FIRMWARE / "package.json").read_text())["urls"]
    assert urls == [[name, name] for name in carried()], (
        "make firmware/package.json anew: python -m workbench.board.package"
    )


def test_the_manifest_freezes_every_module():
    frozen = set()

    class Maker:
        def include(self, path):
            assert path == "$(PORT_DIR)/boards/manifest.py"

        def module(self, name):
            frozen.add(name)

        def package(self, name, base_path=""):
            top = FIRMWARE / base_path
            frozen.update(path.relative_to(FIRMWARE).as_posix() for path in (top / name).rglob("*.py"))

    maker = Maker()
    names = {"include": maker.include, "module": maker.module, "package": maker.package}
    exec((FIRMWARE / "manifest.py").read_text(), names)
    assert frozen == {name for name in carried() if name.endswith(".py")}


def test_the_wheel_carries_the_firmware(tmp_path):
    build = (
        "import sys; from hatchling.builders.wheel import WheelBuilder; "
        "print(next(WheelBuilder('.').build(directory=sys.argv[1], versions=['standard'])))"
    )
    made = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert made.returncode == 0, made.stderr
    names = zipfile.ZipFile(made.stdout.strip().splitlines()[-1]).namelist()
    missing = [name for name in [*carried(), *BESIDE] if f"workbench/firmware/{name}" not in names]
    assert missing == [] and "workbench/board/inside/files.py" in names
