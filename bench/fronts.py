"""nginx in front of a dashboard, as deploy/ has it, but for what a machine without privileges cannot have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

NGINX = """daemon off;
pid {home}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/hud.conf;
}}
"""


def replaced(file: Path, words: Mapping[str, str]) -> str:
    """The text with these words instead of those. Raises ValueError for words that are not there."""
    text = file.read_text(encoding="utf-8")
    for old, new in words.items():
        if old not in text:
            raise ValueError(f"{file.name} does not say {old}")
        text = text.replace(old, new)
    return text


def nginx(home: Path, conf: str) -> list[str]:
    """Write what nginx needs below `home`; its command. `conf` is what deploy/nginx.conf became."""
    (home / "hud.conf").write_text(conf)
    (home / "nginx.conf").write_text(NGINX.format(home=home))
    return ["nginx", "-p", str(home), "-c", str(home / "nginx.conf"), "-e", "stderr"]
