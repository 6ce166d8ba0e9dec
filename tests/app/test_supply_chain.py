"""The bill of materials lists what is installed; the look-up of vulnerabilities finds them, and needs no network."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.collectors.conftest import Answers, HttpServer, Reply, http

__all__ = ["http"]
ROOT = Path(__file__).parents[2]
Script = Callable[[str], Any]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A script of .ci/ as a module."""
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    before = set(sys.modules)

    def loaded(name: str) -> Any:
        spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    yield loaded
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(ROOT / ".ci") in str(sys.modules[name].__file__):
            del sys.modules[name]


def test_the_bill_of_materials_lists_every_locked_package_once(script: Script) -> None:
    bill = script("sbom").bill()
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    listed = [one["name"] for one in bill["components"]]
    assert set(re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", lock, re.MULTILINE)) <= set(listed)
    urls = [one["purl"] for one in bill["components"]]
    assert len(urls) == len(set(urls))
    assert {"bootstrap", "tabulator-tables", "@plotly/d3"} <= set(listed), "what browsers are given too"
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    sums = [one["externalReferences"] for one in bill["components"] if one["purl"].startswith("pkg:pypi")]
    assert all(sums)
    assert bill == script("sbom").bill(), "the same every time"


def test_a_known_vulnerability_is_named_and_fails(
    script: Script, http: Callable[[Answers], HttpServer], capsys: pytest.CaptureFixture[str]
) -> None:
    audit = script("audit")

    def answer(asked: Any) -> Reply:
        queries = asked.body["queries"]
        bad = [{"vulns": [{"id": "GHSA-0000"}]} if one["package"]["name"] == "dash" else {} for one in queries]
        return Reply.of({"results": bad})

    audit.OSV = http(answer).url + "/v1/querybatch"
    assert audit.main() == 1
    assert re.search(r"dash \S+: GHSA-0000", capsys.readouterr().out)
    audit.ACCEPTED["GHSA-0000"] = "in a test"
    assert audit.main() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", json.dumps({"results": []}).encode()])
def test_an_answer_that_is_none_is_said_and_fails_nothing(
    script: Script,
    http: Callable[[Answers], HttpServer],
    capsys: pytest.CaptureFixture[str],
    body: bytes,
) -> None:
    audit = script("audit")
    audit.OSV = http(lambda _: Reply(200, body)).url
    assert audit.main() == 0
    assert "not known" in capsys.readouterr().out


def test_without_a_network_it_fails_nothing(script: Script) -> None:
    audit = script("audit")
    audit.OSV = "http://127.0.0.1:9/v1/querybatch"
    assert audit.main() == 0
