"""Fetch the browser libraries of assets/vendor by package name and version: `make dashboard-assets` (needs npm, Linux).

What npm brings must have the integrity that stands in browser_libraries.json, as a lock file's; then the files are as
their makers published them. Two are put together here, since all that they can draw is three times as much: Mermaid's
of the modules that flow charts need; plotly's of the traces in plotly/entry.mjs, with the packages that the lock file
beside it names and whose licences lie by it. By each file lies what browsers are sent of it (`.br`), compressed once
and well. Without npm, `--check` still says whether the files that are there are these.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).parents[1] / "assets" / "vendor"


@dataclass(frozen=True)
class Library:
    """A package of npm: `integrity` is that of its archive, `files` are (path in it, name here, SHA-256)."""

    name: str
    version: str
    integrity: str
    files: tuple[tuple[str, str, str], ...]


def library(told: dict[str, Any]) -> Library:
    """A library of browser_libraries.json."""
    files = tuple((one["path"], one["name"], one["sha256"]) for one in told["files"])
    return Library(told["name"], told["version"], told["integrity"], files)


LISTED = Path(__file__).with_name("browser_libraries.json").read_text(encoding="utf-8")
LIBRARIES = tuple(library(one) for one in json.loads(LISTED))
BUILDER = Library(
    "@esbuild/linux-x64",
    "0.28.2",
    "sha512-4xTZr1FUmSoQW4XIWmit3tzQrUTZM+N3P0XV8xROKYF50XfI7xeO90+1bZvNwxIufQ9hDQVRJH5YhgPVF8A/HQ==",
    (),
)
"""What joins the modules of a package in one script; the same input gives the same bytes."""
SCRIPT, META, PACKAGE = "joined.js", "meta.json", re.compile(r"(@[^/]+/)?[^/]+")
WRITES = (f"--outfile={SCRIPT}", f"--metafile={META}")
JOIN = ("entry.mjs", "--bundle", "--minify", "--format=iife", "--legal-comments=eof", *WRITES)
TRACES = Path(__file__).with_name("plotly")
"""Which traces our plotly.js has, and a lock file of what it is joined with. Renew it, for a new version, with
`npm install --package-lock-only --omit-lockfile-registry-resolved`."""
TRACED = ("--define:global=window", "--define:define.amd=false", "--alias:maplibre-gl=./no-maps")
"""As plotly.js builds itself. Its core asks for the style sheet of its maps, which we have none of."""
MODULE = ".mjs"
WANTED_MODULES = ("flowDiagram-", "dagre-")
"""Of those that Mermaid imports when it first needs them."""
IMPORTED = re.compile(r'import\("([^"]+)"\)')
COMPRESSED = ".br"
COMPRESS = "process.stdout.write(require('zlib').brotliCompressSync(require('fs').readFileSync(0)))"
"""For node, which npm is: at its best, as it does unasked."""


class AssetError(Exception):
    """What was fetched, or lies there, is not what stands here."""


def packed(library: Library, folder: Path) -> Path:
    """The archive of a library, fetched by npm. Raises AssetError and CalledProcessError."""
    command = ("npm", "pack", "--json", "--pack-destination", str(folder), f"{library.name}@{library.version}")
    told = json.loads(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)
    archive = folder / str(told[0]["filename"])
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != library.integrity:
        raise AssetError(f"{library.name} {library.version} has the integrity {found}, not {library.integrity}")
    return archive


def unpack(library: Library, archive: Path) -> None:
    """The library's files into assets/vendor."""
    with tarfile.open(archive) as packed_files:
        for path, name, _ in library.files:
            inside = None if path in MADE else packed_files.extractfile(f"package/{path}")
            text = inside.read() if inside else MADE[path](archive, path)
            (VENDOR / name).write_bytes(text)


def joined(archive: Path, path: str) -> bytes:
    """Of a package the modules that we want and all that they import, as one script that makes it global."""
    with tempfile.TemporaryDirectory() as made:
        return _join(Path(made), archive, path)


def licences(archive: Path, path: str) -> bytes:
    """The licences of the packages (in `path`) of which something is in plotly's script."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        _join(place, archive, "dist/plotly.min.js")
        inputs = json.loads((place / META).read_text(encoding="utf-8"))["inputs"]
        names = {PACKAGE.match(one.removeprefix(f"{path}/"))[0] for one in inputs if one.startswith(f"{path}/")}
        texts = [_licence(place / path / name, name) for name in sorted(names)]
    return "\n\n".join(texts).encode()


def _licence(package: Path, name: str) -> str:
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    files = sorted(one for one in package.iterdir() if one.name.lower().startswith("licen"))
    text = "\n".join(one.read_text(encoding="utf-8").strip() for one in files)
    return f"{name} {about['version']} ({about.get('license', 'see below')})\n\n{text}\n"


def _join(place: Path, archive: Path, path: str) -> bytes:
    for one in (archive, packed(BUILDER, place)):
        with tarfile.open(one) as packed_files:
            packed_files.extractall(place, filter="data")
    options = (*JOIN, *SCRIPTS[path](place, path))
    subprocess.run(("package/bin/esbuild", *options), cwd=place, capture_output=True, check=True)
    return (place / SCRIPT).read_bytes()


def flow_charts(place: Path, path: str) -> list[str]:
    """Write what asks for Mermaid's flow charts into `place`; esbuild's options, which leave all else out."""
    modules = (place / "package" / path).parent.rglob(f"*{MODULE}")
    later = {name for one in modules for name in IMPORTED.findall(one.read_text(encoding="utf-8"))}
    unwanted = sorted(name for name in later if not name.rpartition("/")[2].startswith(WANTED_MODULES))
    (place / "entry.mjs").write_text(f'import mermaid from "./package/{path}"; window.mermaid = mermaid;')
    return [f"--external:{name}" for name in unwanted]


def traces(place: Path, path: str) -> list[str]:
    """Bring what asks for plotly's traces and the locked packages into `place`; esbuild's options.

    The script begins as the makers' own (`path`) does: with its version, its owner and its licence.
    """
    shutil.copytree(TRACES, place, dirs_exist_ok=True)
    (place / "no-maps" / "dist").mkdir(parents=True)
    (place / "no-maps" / "dist" / "maplibre-gl.css").touch()
    subprocess.run(("npm", "ci", "--ignore-scripts", "--no-audit"), cwd=place, capture_output=True, check=True)
    header, end, _ = (place / "package" / path).read_text(encoding="utf-8").partition("*/")
    return [*TRACED, "--loader:.css=empty", f"--banner:js={header}{end}"]


SCRIPTS = {"dist/mermaid.esm.min.mjs": flow_charts, "dist/plotly.min.js": traces}
"""What is joined of a package, by the file that stands for it."""
MADE = {**dict.fromkeys(SCRIPTS, joined), "node_modules": licences}
"""What we make of a package, by what stands for it there."""


def compress() -> None:
    """Beside each script and style sheet of assets/vendor what a browser that takes Brotli is sent."""
    for one in [*VENDOR.glob("*.js"), *VENDOR.glob("*.css")]:
        made = subprocess.run(("node", "-e", COMPRESS), input=one.read_bytes(), capture_output=True, check=True).stdout
        one.with_name(one.name + COMPRESSED).write_bytes(made)


def wrong() -> list[str]:
    """The files of assets/vendor that are missing, changed, or of no package."""
    wanted = {name: digest for library in LIBRARIES for _, name, digest in library.files}
    plain = [path for path in VENDOR.iterdir() if path.suffix != COMPRESSED or path.stem not in wanted]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in plain}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def main() -> int:
    """0 when assets/vendor holds exactly these libraries."""
    try:
        if "--check" not in sys.argv[1:]:
            with tempfile.TemporaryDirectory() as made:
                for library in LIBRARIES:
                    unpack(library, packed(library, Path(made)))
            compress()
        if different := wrong():
            raise AssetError(f"not as their packages have them: {', '.join(different)}")
    except (AssetError, OSError, subprocess.CalledProcessError) as error:
        print(f"assets/vendor: {error}", file=sys.stderr)
        return 1
    print(f"assets/vendor: {', '.join(f'{one.name} {one.version}' for one in LIBRARIES)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
