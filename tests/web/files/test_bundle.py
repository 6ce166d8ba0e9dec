"""Our scripts and style sheets come as one file each, which a browser keeps until it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.settings import Settings
from web import http_headers
from web.files.bundle import Bundle, bundle, parts, register

ASSETS = Path(__file__).parents[3] / "assets"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.js", "a.js", "a.css", "time/t.js", "later/l.js", "vendor/v.js", "favicon.svg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"/{name}/;", encoding="utf-8")
    return tmp_path


def served(*bundles: Bundle) -> FlaskClient:
    web = Flask("test")
    register(web, *bundles)
    http_headers.register(web, Settings)
    return web.test_client()


def test_each_kind_is_joined_by_folder_and_name_without_what_is_fetched_later(folder: Path) -> None:
    assert [path.relative_to(folder).as_posix() for path in parts(folder, "js")] == ["a.js", "b.js", "time/t.js"]
    assert bundle(folder, "js").body == b"/* a.js */\n/a.js/;\n/* b.js */\n/b.js/;\n/* time/t.js */\n/time/t.js/;"
    assert bundle(folder, "css").body == b"/* a.css */\n/a.css/;"


def test_another_content_has_another_address_and_the_same_content_the_same(folder: Path) -> None:
    first = bundle(folder, "js")
    assert bundle(folder, "js") == first
    (folder / "later" / "l.js").write_text("changed", encoding="utf-8")
    assert bundle(folder, "js") == first
    (folder / "b.js").write_text("changed", encoding="utf-8")
    assert bundle(folder, "js").address != first.address


def test_it_is_kept_for_good_with_its_own_type(folder: Path) -> None:
    kinds = {"js": "text/javascript", "css": "text/css"}
    bundles = [bundle(folder, kind) for kind in kinds]
    for one in bundles:
        answer = served(*bundles).get(one.address)
        assert (answer.status_code, answer.mimetype, answer.data) == (200, kinds[one.kind], one.body)
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("prefix", ["", "/hud"])
def test_a_page_of_another_release_gets_what_there_is_and_keeps_it_not_under_the_old_name(
    folder: Path, prefix: str
) -> None:
    one = bundle(folder, "js")
    answer = served(one).get("/assets/bundle/0123456789abcdef.js", environ_overrides={"SCRIPT_NAME": prefix})
    assert (answer.status_code, answer.headers["Location"]) == (302, prefix + one.address)
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["0123456789abcdef.py", "js", ""])
def test_anything_else_is_not_there(folder: Path, name: str) -> None:
    assert served(bundle(folder, "js")).get(f"/assets/bundle/{name}").status_code == 404


def test_each_of_our_scripts_ends_by_itself_and_no_style_sheet_fetches_by_a_relative_address() -> None:
    """So that they can stand one after the other, at another address than their own."""
    for path in parts(ASSETS, "js"):
        text = path.read_text(encoding="utf-8")
        assert text.rstrip().endswith("})();"), path
        assert "currentScript" not in text, path
    for path in parts(ASSETS, "css"):
        text = path.read_text(encoding="utf-8")
        assert "@import" not in text and "@charset" not in text, path
        assert all(part.lstrip("\"'").startswith("data:") for part in text.split("url(")[1:]), path
