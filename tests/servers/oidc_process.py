"""oidc-provider from npm, a certified OpenID provider, running a script of the test."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.patience import patience

PACKAGE = Path(__file__).parents[1] / "collectors" / "oidc_provider"
INSTALL_SECONDS = 60.0


def installed(directory: Path, script: Path) -> Path:
    """`directory` with the provider's packages and the script."""
    for one in (PACKAGE / "package.json", PACKAGE / "package-lock.json", script):
        shutil.copy(one, directory)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=directory, capture_output=True, timeout=INSTALL_SECONDS * patience(), check=True)
    return directory


@contextmanager
def running(directory: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The issuer, which the script prints when it listens, and its process."""
    command = ["node", "provider.mjs", *arguments]
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip(), process
    finally:
        process.kill()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()
