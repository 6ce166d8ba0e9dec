"""A CycloneDX 1.6 bill of materials of what runs: the packages of requirements.lock and the libraries of assets/vendor.

`python .ci/sbom.py > sbom.cdx.json`. It reads the locks and nothing else, so it is the same on every machine, and needs
no network. Each component has its package URL; those of the lock also the SHA-256 sums with which pip installs them.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from dashboard_assets import LIBRARIES, TRACES

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INSIDE = "node_modules/"
ENTRY = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==(\S+)([^\n]*(?:\n    --hash[^\n]*)*)", re.MULTILINE)


def locked(text: str) -> list[dict[str, Any]]:
    """The components of a lock file."""
    found = []
    for name, version, rest in ENTRY.findall(text):
        sums = re.findall(r"--hash=sha256:([0-9a-f]{64})", rest)
        found.append(component(name, version, f"pkg:pypi/{name.lower().replace('_', '-')}@{version}", sums))
    return found


def package(name: str, version: str, sums: list[str]) -> dict[str, Any]:
    """A package of npm, of which these files are."""
    return component(name, version, f"pkg:npm/{name.replace('@', '%40')}@{version}", sums)


def component(name: str, version: str, purl: str, sums: list[str]) -> dict[str, Any]:
    """One component, whose archives have these SHA-256 sums."""
    references = [
        {"type": "distribution", "url": purl, "hashes": [{"alg": "SHA-256", "content": one}]} for one in sorted(sums)
    ]
    said: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    return said | ({"externalReferences": references} if references else {})


def bill() -> dict[str, Any]:
    """The whole document; its serial number changes with what it lists, and with nothing else."""
    parts = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    for one in LIBRARIES:
        parts.append(package(one.name, one.version, [sum256 for _, _, sum256 in one.files]))
    joined = json.loads((TRACES / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    parts += [package(path.removeprefix(INSIDE), one["version"], []) for path, one in joined.items() if path]
    own = f"pkg:pypi/{PROJECT['name']}@{PROJECT['version']}"
    listed = json.dumps(parts, sort_keys=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, listed)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": PROJECT["name"],
                "version": PROJECT["version"],
                "licenses": [{"license": {"id": PROJECT["license"]}}],
            }
        },
        "components": parts,
        "dependencies": [{"ref": own, "dependsOn": sorted(one["purl"] for one in parts)}],
    }


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=1)
    sys.stdout.write("\n")
