"""What is given for containers, Kubernetes and systemd is what it says: whole, unprivileged, and started as here."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.processes import collector_command, free_port, procfile
from model.settings import Settings
from tests.patience import until_served
from web.guard import is_ours

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ALONE = "HUD_SUPERVISE_COLLECTOR"
MOST_EXPOSED = 2.0
NOBODY = 10001
UNPRIVILEGED = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
"""What no capability overrides binds root too: so its modes keep it from writing to the tree."""


def steps() -> list[tuple[str, str]]:
    """(instruction, what follows) of the Dockerfile."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def copied() -> list[str]:
    """What the last stage has of this tree."""
    stage = steps()[max(at for at, (name, _) in enumerate(steps()) if name == "FROM") :]
    words = [said.split() for name, said in stage if name == "COPY" and not said.startswith("--from")]
    return [one for parts in words for one in parts[:-1]]


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """The tree as the image has it, which nobody may write to, and a store beside it."""
    tree, store = tmp_path / "tree", tmp_path / "store"
    tree.mkdir()
    store.mkdir(0o700)
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield tmp_path
    for path in (tree, *(one for one in tree.rglob("*") if one.is_dir())):
        path.chmod(0o755)


@pytest.mark.server
def test_the_tree_of_the_image_serves_read_only_and_without_any_privilege(image: Path) -> None:
    command = json.loads(dict(steps())["CMD"])
    assert command[0] == "python"
    port = str(free_port())
    environment = {
        "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "HUD_PORT": port,
        "HUD_CACHE_DIR": str(image / "store"), "HUD_SUPERVISE_COLLECTOR": "false",
    }  # fmt: skip
    process = subprocess.Popen(
        [*UNPRIVILEGED, sys.executable, *command[1:]], cwd=image / "tree", env=environment, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        until_served(f"http://127.0.0.1:{port}/healthz", process)
        until_served(f"http://127.0.0.1:{port}/", process)
        capabilities = re.search(r"^CapEff:\s+(\w+)$", Path(f"/proc/{process.pid}/status").read_text(), re.M)
        assert capabilities
        assert int(capabilities[1], 16) == 0
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_the_image_runs_as_nobody_looks_after_its_health_and_pins_what_it_installs() -> None:
    said = dict(steps())
    assert said["USER"] == f"{NOBODY}:{NOBODY}"
    assert "/healthz" in said["HEALTHCHECK"]
    assert any("--require-hashes -r /build/requirements.lock" in words for name, words in steps() if name == "RUN")
    assert not [words for name, words in steps() if name == "ADD" or ":latest" in words]
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {f"!{one.rstrip('/')}" for one in copied()} <= set(ignored)


@pytest.mark.parametrize("path", ["docker-compose.dashboard.yml", "deploy/full-stack.yml"])
def test_containers_have_no_more_than_they_need(path: str) -> None:
    stack = yaml.safe_load((ROOT / path).read_text())
    ours = {name: one for name, one in stack["services"].items() if "build" in one}
    assert ours
    for one in ours.values():
        context = ((ROOT / path).parent / one["build"]["context"]).resolve()
        assert (context / one["build"]["dockerfile"]).is_file()
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), "there is no sign-in"


def test_the_stack_starts_what_the_procfile_starts() -> None:
    services = yaml.safe_load((DEPLOY / "full-stack.yml").read_text())["services"]
    assert services["web"]["command"][1:] == procfile("web")[1:]
    assert services["web"]["environment"][ALONE] == "false"
    assert services["collector"]["command"][1:] == collector_command("--wait")[1:]


def scraped() -> list[str]:
    """What the stack's Prometheus asks, as host:port."""
    jobs = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
    return [target for job in jobs for one in job["static_configs"] for target in one["targets"]]


def test_what_the_stacks_prometheus_asks_is_there_and_answers_to_that_name() -> None:
    services = yaml.safe_load((DEPLOY / "full-stack.yml").read_text())["services"]
    assert {one.partition(":")[0] for one in scraped()} == {"prism", "web"}
    assert {"prism", "web"} <= set(services)
    (asked,) = [one for one in scraped() if one.startswith("web:")]
    said = services["web"]["environment"]
    assert is_ours(asked, Settings(host="0.0.0.0", allowed_hosts=said["HUD_ALLOWED_HOSTS"]))


def test_the_container_answers_to_its_own_name() -> None:
    (one,) = yaml.safe_load((ROOT / "docker-compose.dashboard.yml").read_text())["services"].values()
    said = dict(each.split("=", 1) for each in one["environment"])
    assert is_ours(f"{one['container_name']}:8095", Settings(host="0.0.0.0", allowed_hosts=said["HUD_ALLOWED_HOSTS"]))


def manifests() -> dict[str, dict[str, Any]]:
    found = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "prism-hud.yaml").read_text()))
    return {one["kind"]: one for one in found}


def test_pods_are_unprivileged_probed_kept_and_fenced() -> None:
    found = manifests()
    pod = found["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    for one in pod["spec"]["containers"]:
        assert one["securityContext"]["readOnlyRootFilesystem"] is True
        assert one["securityContext"]["allowPrivilegeEscalation"] is False
        assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    web, collector = pod["spec"]["containers"]
    assert web["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert web["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert web["command"][1:] == procfile("web")[1:]
    assert {"name": ALONE, "value": "false"} in web["env"]
    assert collector["command"][1:] == collector_command("--wait")[1:]
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert found["Service"]["spec"]["selector"] == labels


@pytest.mark.server
@pytest.mark.parametrize("unit", UNITS, ids=[one.stem for one in UNITS])
def test_a_unit_is_exposed_to_little(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure, done.stdout + done.stderr
    assert float(exposure[1]) <= MOST_EXPOSED


def test_the_units_start_what_the_procfile_starts() -> None:
    started = {one.stem.rpartition("-")[2]: re.findall(r"^ExecStart=(.*)$", one.read_text(), re.M)[0] for one in UNITS}
    assert shlex.split(started["web"])[1:] == procfile("web")[1:]
    assert f" {ALONE}=false" in next(one for one in UNITS if one.stem.endswith("web")).read_text()
    assert shlex.split(started["collector"])[1:] == collector_command("--wait")[1:]
