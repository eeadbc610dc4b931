"""The board's file system as an image: littlefs on 768 blocks of 4096 bytes, made from a firmware folder."""

import json
from pathlib import Path

BLOCK = 4096
BLOCKS = 768  # 3072 KB: what the rp2 port leaves for files on a Pico 2's 4 MB flash
_SKIPPED = frozenset(("__pycache__", ".mypy_cache", ".ruff_cache"))


class FirmwareMissing(FileNotFoundError):
    """The firmware folder or the settings file is not there."""


def make_image(path: Path, firmware: Path, settings: Path | None = None) -> int:
    """Write a new image with the firmware's files and settings.json; return how many files it holds."""
    from littlefs import LittleFS

    if not firmware.is_dir():
        raise FirmwareMissing(f"there is no firmware folder {firmware}: name the folder that holds main.py")
    fs = LittleFS(block_size=BLOCK, block_count=BLOCKS, prog_size=32, read_size=32, lookahead_size=32, cache_size=128)
    count = 0
    for source in sorted(firmware.rglob("*")):
        inside = source.relative_to(firmware)
        if _SKIPPED.intersection(inside.parts) or source.suffix == ".pyc":
            continue
        if source.is_dir():
            fs.makedirs("/" + inside.as_posix(), exist_ok=True)
            continue
        fs.makedirs("/" + inside.parent.as_posix(), exist_ok=True)
        _put(fs, "/" + inside.as_posix(), source.read_bytes())
        count += 1
    if settings is not None:
        if not settings.is_file():
            raise FirmwareMissing(f"there is no settings file {settings}")
        json.loads(settings.read_text())  # a broken one is the maker's mistake, not the board's
        _put(fs, "/settings.json", settings.read_bytes())
        count += 1
    path.write_bytes(bytes(fs.context.buffer))
    return count


def read_file(path: Path, name: str) -> bytes:
    """Return a file out of an image."""
    fs = _open(path)
    with fs.open(name, "rb") as handle:
        return bytes(handle.read())


def write_file(path: Path, name: str, data: bytes) -> None:
    """Put a file into an image that no board runs from."""
    fs = _open(path)
    _put(fs, name, data)
    path.write_bytes(bytes(fs.context.buffer))


def _put(fs, name: str, data: bytes) -> None:  # type: ignore[no-untyped-def]
    with fs.open(name, "wb") as handle:
        handle.write(data)


def _open(path: Path):  # type: ignore[no-untyped-def]
    from littlefs import LittleFS

    fs = LittleFS(
        block_size=BLOCK, block_count=BLOCKS, prog_size=32, read_size=32, lookahead_size=32, cache_size=128, mount=False
    )
    fs.context.buffer = bytearray(path.read_bytes())
    fs.mount()
    return fs
