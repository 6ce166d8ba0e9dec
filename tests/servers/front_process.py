"""Debian's nginx and Caddy in front of a dashboard, as deploy/ has them, but for ports, names and the certificate."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from bench.fronts import nginx, replaced
from bench.processes import ROOT, free_port
from tests.servers.process import Server, listens

NAME = "localhost"


class Certified:
    """A certificate of our own authority, in a folder that a proxy may have."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        made = authority.issue_cert(NAME)
        made.private_key_pem.write_to_path(folder / "hud.key")
        for one in made.cert_chain_pems:
            one.write_to_path(folder / "hud.pem", append=True)
        self.folder, self.context = folder, ssl.create_default_context()
        authority.configure_trust(self.context)


class FrontProcess(Server):
    """A proxy at `url`, with the dashboard on port `behind` below /hud/."""

    def __init__(self, home: Path, behind: int, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"https://{NAME}:{self.port}"
        super().__init__(self._configured(home, behind), home, lambda: listens(self.port))

    def _configured(self, home: Path, behind: int) -> list[str]:
        """Write what it needs below `home`; its command."""
        raise NotImplementedError


class NginxProcess(FrontProcess):
    """`home` holds hud.pem and hud.key."""

    def _configured(self, home: Path, behind: int) -> list[str]:
        conf = replaced(ROOT / "deploy" / "nginx.conf", {
            "127.0.0.1:8095": f"127.0.0.1:{behind}", "443": f"127.0.0.1:{self.port}", "hud.example.com;": f"{NAME};",
            "/etc/ssl/certs/hud.example.com.pem": f"{home}/hud.pem",
            "/etc/ssl/private/hud.example.com.key": f"{home}/hud.key",
        })  # fmt: skip
        return nginx(home, conf)


class CaddyProcess(FrontProcess):
    """`home` holds hud.pem and hud.key."""

    def _configured(self, home: Path, behind: int) -> list[str]:
        conf = replaced(ROOT / "deploy" / "Caddyfile", {
            "127.0.0.1:8095": f"127.0.0.1:{behind}",
            "hud.example.com {": f"{NAME}:{self.port} {{\n\tbind 127.0.0.1\n\ttls {home}/hud.pem {home}/hud.key",
        })  # fmt: skip
        (home / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + conf)
        return ["caddy", "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"]
