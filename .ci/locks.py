"""Prove that the lock files install with the pips that people have, today and after every package's next release.

`python .ci/locks.py` fetches what both locks name, once, and has each pip resolve each lock from that alone, in an
empty environment (`pip install --dry-run --require-hashes`). Beside it lies a wheel of version 99999 for every locked
package: what a lock leaves open (pips before 24 ask for an extra that it does not name) is met by that wheel, which has
no hash, so the lock is refused now instead of on the day of the next release.

The newest pip is tried as well, since tomorrow's Python brings it. It is first given a lock of one package: when it
fails already there (an option that is gone, a broken release), that is said, and is no fault of the locks.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
OLD = {"23.0": (3, 11), "23.2": (3, 12)}
"""Pip by the last Python it starts on: Debian 12 has 23.0, Python 3.11.7 and 3.12.0 brought 23.2."""
NEXT_RELEASE = "99999"


def names(lock: Path) -> list[str]:
    """Every package that a lock pins."""
    return re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", lock.read_text(), re.MULTILINE)


def wheel(name: str, version: str, folder: Path, wants: Sequence[str] = (), extras: Sequence[str] = ()) -> Path:
    """An empty package, whole enough to be resolved."""
    stem = f"{re.sub(r'[-_.]+', '_', name)}-{version}"
    said = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {one}" for one in wants),
            *(f"Provides-Extra: {one}" for one in extras)]  # fmt: skip
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{stem}.dist-info/METADATA", "\n".join(["Metadata-Version: 2.1", *said, ""]))
        file.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{stem}.dist-info/RECORD", "")
    return path


def locked(*wheels: Path) -> str:
    """A lock of these wheels."""
    lines = []
    for one in wheels:
        name, version, *_ = one.name.split("-")
        lines.append(f"{name}=={version} --hash=sha256:{hashlib.sha256(one.read_bytes()).hexdigest()}\n")
    return "".join(lines)


class Pip:
    """One version of pip, run by a Python that has nothing else installed."""

    def __init__(self, name: str, python: Path, home: Path) -> None:
        self.name, self._python, self._home = name, python, home

    def refuses(self, lock: Path, *folders: Path) -> str:
        """Why it would not install a lock from these folders; empty when it would."""
        sources = [word for folder in folders for word in ("--find-links", folder)]
        command = [self._python, "-m", "pip", "--isolated", "install", "-q", "--disable-pip-version-check", "--dry-run",
                   "--ignore-installed", "--require-hashes", "--no-index", *sources, "-r", lock]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(self._home)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stderr if done.returncode else ""


def pip_here(*arguments: str | Path) -> None:
    """The pip of this environment. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments], check=True)


def fetch(folder: Path) -> None:
    """What the locks name for this Python and this machine, no more."""
    for lock in LOCKS:
        pip_here("download", "-q", "--no-deps", "--require-hashes", "-d", folder, "-r", lock)


def foretell(folder: Path) -> None:
    """The next release of everything."""
    for name in {name for lock in LOCKS for name in names(lock)}:
        wheel(name, NEXT_RELEASE, folder)


def fetched(wanted: str, python: Path, home: Path) -> Pip:
    """A pip from the index."""
    pip_here("install", "-q", "--target", home, wanted)
    version = next(home.glob("pip-*.dist-info")).name.removesuffix(".dist-info").replace("-", " ")
    return Pip(version, python, home)


def control(folder: Path) -> Path:
    """A lock that every working pip takes."""
    lock = folder / "control.lock"
    lock.write_text(locked(wheel("control", "1", folder)))
    return lock


def pips(home: Path) -> Iterator[Pip]:
    """Those that start on this Python; says why others are left out."""
    python = home / "empty" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / "empty"], check=True)
    for version, last in OLD.items():
        if sys.version_info[:2] <= last:
            yield fetched(f"pip=={version}", python, home / version)
        else:
            print(f"pip {version} starts on Python up to {last[0]}.{last[1]} only, and is tried there", flush=True)
    newest = fetched("pip", python, home / "newest")
    broken = newest.refuses(control(home), home)
    if broken:
        print(f"{newest.name} installs nothing at all here, so it says nothing of the locks:\n{broken}", flush=True)
    else:
        yield newest


def main() -> int:
    """0 when every pip that starts on this Python takes both locks."""
    refused = False
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        wheels, releases = home / "wheels", home / "releases"
        releases.mkdir()
        fetch(wheels)
        foretell(releases)
        for pip, lock in product(pips(home), LOCKS):
            why = pip.refuses(lock, wheels, releases)
            print(f"{pip.name} {'REFUSES' if why else 'takes'} {lock.name}\n{why}".rstrip(), flush=True)
            refused = refused or bool(why)
    return int(refused)


if __name__ == "__main__":
    sys.exit(main())
