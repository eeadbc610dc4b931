"""Write all golden pictures: python -m tests.golden, in the project's root."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "firmware"))

from tests.support.golden import FOLDER, pictures

made = pictures()
for old in FOLDER.rglob("*.png"):
    if old.relative_to(FOLDER).as_posix() not in made:
        old.unlink()
for name, data in made.items():
    (FOLDER / name).parent.mkdir(exist_ok=True)
    (FOLDER / name).write_bytes(data)
print(f"{len(made)} pictures in {FOLDER}")
