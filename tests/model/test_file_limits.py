"""The limit of open files: raised where that is allowed, said where it is not. In processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.processes import ROOT
from model.process.file_limits import collector_files, shortage, web_files

ASK = """
import os, resource, sys
sys.path.insert(0, {root!r})
from model.process.file_limits import make_room
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
if os.geteuid() == 0:
    os.setuid(65534)
print(make_room({wanted}), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.server
@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "then"),
    [(512, 2048, 400, (512, 512, 2048)), (512, 2048, 1500, (1500, 1500, 2048)), (512, 2048, 5000, (2048, 2048, 2048))],
)
def test_the_limit_is_raised_as_far_as_an_ordinary_process_may(
    soft: int, hard: int, wanted: int, then: tuple[int, ...]
) -> None:
    code = ASK.format(soft=soft, hard=hard, wanted=wanted, root=str(ROOT))
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert tuple(map(int, said.stdout.split())) == then


def test_what_cannot_be_had_is_said_once_with_what_to_do() -> None:
    words = shortage("each web process", web_files(1000, 4000), 1024, "lower HUD_MAX_SOCKETS")
    assert "1024 files" in words
    assert "5256" in words
    assert "HUD_MAX_SOCKETS" in words
    assert shortage("the collector", collector_files(20), 1024, "name fewer sources") == ""
    assert shortage("the collector", collector_files(10_000), -1, "name fewer sources") == ""


@pytest.mark.server
def test_a_check_says_it() -> None:
    script = f"ulimit -n 600; exec {sys.executable} -m collectors --check"
    environment = {"PROXY_METRICS_URL": "http://127.0.0.1:1/metrics", "PATH": "/usr/bin:/bin"}
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert "the web process may have 600 files open and is set up to hold 1768" in " ".join(said.stdout.split())
