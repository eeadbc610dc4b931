"""Write all golden pictures: python -m tests.golden, in the project's root."""

from tests.support.golden import FOLDER, pictures

made = pictures()
for old in FOLDER.glob("*.png"):
    if old.name not in made:
        old.unlink()
for name, data in made.items():
    (FOLDER / name).write_bytes(data)
print(f"{len(made)} pictures in {FOLDER}")
