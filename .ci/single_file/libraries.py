"""Shared libraries without what is for debuggers, and without the places of the machine that builds."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

LIBRARIES = ("BINARY", "EXTENSION")


def lean(found: Iterable[tuple[str, str, str]], folder: Path) -> list[tuple[str, str, str]]:
    """Of a table of PyInstaller's (the name inside, the file outside, its kind) each library made leaner."""
    return [
        (name, str(_lean(Path(source), folder / name)) if kind in LIBRARIES else source, kind)
        for name, source, kind in found
    ]


def _lean(source: Path, copy: Path) -> Path:
    """A library with neither stays as it is: numpy's OpenBLAS breaks when it is stripped a second time."""
    about = subprocess.run(["readelf", "-WSd", source], capture_output=True, text=True, check=True).stdout
    placed = "(RUNPATH)" in about
    if not (placed or ".debug_info" in about):
        return source
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, copy)
    subprocess.run(["strip", "--strip-unneeded", copy], check=True)
    if placed:
        subprocess.run(["patchelf", "--remove-rpath", copy], check=True)
    return copy
