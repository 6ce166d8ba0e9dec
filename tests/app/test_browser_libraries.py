"""What the browser gets: the libraries as their makers published them, and scripts that share their means."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import brotli
import dash_bootstrap_components as dbc
from plotly import graph_objects  # type: ignore[import-untyped]  # plotly ships no types
from plotly.basedatatypes import BaseTraceType  # type: ignore[import-untyped]

from tests.traces import traces_of_the_build

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "assets"
FOLDERS = (ASSETS, ASSETS / "find", ASSETS / "keep", ASSETS / "later")
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for folder in FOLDERS for path in folder.glob("*.js")}
MOST_PAINT_LINES = 120
PRODUCT = ("aggregators", "assets", "components", "hud", "model", "pages", "web")


def test_each_library_is_the_file_of_its_package_with_its_licence() -> None:
    assert runpy.run_path(str(ROOT / ".ci" / "dashboard_assets.py"))["wrong"]() == []
    licences = {path.name.partition("-LICENSE")[0] for path in (ASSETS / "vendor").glob("*-LICENSE.txt")}
    for path in (ASSETS / "vendor").iterdir():
        assert re.split(r"[-.]", path.name)[0] in licences


def test_beside_each_library_lies_the_very_same_compressed() -> None:
    vendor = ASSETS / "vendor"
    served = [path for path in vendor.iterdir() if path.suffix in (".js", ".css")]
    assert len(served) == 6
    assert {path.name for path in vendor.glob("*.br")} == {f"{path.name}.br" for path in served}
    for path in served:
        assert brotli.decompress(path.with_name(f"{path.name}.br").read_bytes()) == path.read_bytes(), path.name


def test_bootstraps_stylesheet_is_the_one_that_its_components_are_made_for() -> None:
    wanted = re.search(r"bootstrap@([\d.]+)/", dbc.themes.BOOTSTRAP)
    assert wanted
    assert (
        f"Bootstrap  v{wanted.group(1)} " in (ASSETS / "vendor" / "bootstrap.min.css").read_text(encoding="utf-8")[:99]
    )


def test_plotly_has_the_traces_that_charts_are_made_of_and_no_other() -> None:
    classes = (getattr(graph_objects, name) for name in graph_objects.__all__)
    every = {one.__name__.lower() for one in classes if isinstance(one, type) and issubclass(one, BaseTraceType)}
    assert "sankey" in every
    product = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*.[pj][ys]") if "vendor" not in path.parts]
    text = "\n".join(path.read_text(encoding="utf-8") for path in product)
    named = set(re.findall(r"""["']?type["']?\]?\s*[:=]\s*["'](\w+)["']""", text))
    assert named & every == traces_of_the_build()


def test_what_plotly_is_joined_with_is_locked_and_names_no_place() -> None:
    wanted, lock = (
        json.loads((ROOT / ".ci" / "plotly" / name).read_text(encoding="utf-8"))
        for name in ("package.json", "package-lock.json")
    )
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert lock["packages"][""]["dependencies"] == wanted["dependencies"]
    assert all(one["integrity"].startswith("sha512-") and "resolved" not in one for one in packages.values())


def test_one_script_makes_elements_and_fetches_libraries_for_all() -> None:
    assert min(path.name for path in ASSETS.glob("*.js")) == "base.js", "Dash loads scripts in the order of their names"
    assert [name for name, text in SCRIPTS.items() if "document.head" in text] == ["base.js"]
    makers = {name for name, text in SCRIPTS.items() if "document.createElement(" in text}
    assert makers == {"base.js", "paint.js"}, "paint.js makes what Dash's components say"
    assert [name for name, text in SCRIPTS.items() if 'closest?.("a[href]")' in text] == ["links.js"]


def test_what_paints_frames_is_short_enough_to_be_read_at_once() -> None:
    assert len(SCRIPTS["paint.js"].splitlines()) <= MOST_PAINT_LINES
