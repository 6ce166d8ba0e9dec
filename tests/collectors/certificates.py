"""Certificates for the tests of encrypted sources, as files; and a server put behind TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from tests.collectors.conftest import HttpServer


class Certificates:
    """An authority, a server's certificate for `localhost`, and a client's, as files."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.server = self.authority.issue_cert("localhost", "127.0.0.1")
        self.ca = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca))
        self.client = folder / "client.pem"
        self.authority.issue_cert("hud@prism").private_key_and_cert_chain_pem.write_to_path(str(self.client))
        self.stranger = folder / "stranger.pem"
        trustme.CA().cert_pem.write_to_path(str(self.stranger))


def behind_tls(server: HttpServer, certificates: Certificates, asks: bool) -> HttpServer:
    """The server, behind TLS from now on; with `asks` it wants to know who the client is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificates.server.configure_cert(context)
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        certificates.authority.configure_trust(context)
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
    server.url = f"https://localhost:{server.port}"
    return server
