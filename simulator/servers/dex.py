"""Dex: discovery, keys and health below the issuer's path; health and metrics on the telemetry listener."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.sockets.exposition import TEXT_TYPE, BucketLines, Exposition
from simulator.sockets.http import NOT_FOUND, Request, Response, json_response
from simulator.traffic.timestamps import rfc3339
from simulator.traffic.traffic_model import TrafficModel

_MODULUS = (
    "qCzCmN7yD35HrbPrmCngpcl0sG1BQnBwOf0qvuwBSOGJxoeYOMn_1YUIN9l2e4dO7qtWP5IqviWvASlV5wiPGr"
    "yRaqsHaDvrkfLPR7Pu_Fq9k1nNj-ahe8xBPwmgUgqjkwbQ9igVYnBzWGaOvsu5YZDnlvipFRor-Wn8aeVHCDNY"
    "mQGf1FLSUmbiKIHedIdUaS-bI-ztCm6_KRGVm7tmylKAtAWxv_pdo4iMxjmEpHEkSW4SvVN0BcvbETD7L1Fxzt"
    "j-2KMK3f0PL24C_-uwUvJPq9EzpsBAZ3e88NAgel7SIgvKJnpdSRag1ZkKc9r4s1NVjh1EtFLq8CVlOrE66w"
)
"""A public key whose private half was never kept: nothing here can sign."""

_KEY = {"use": "sig", "kty": "RSA", "kid": "7d41b9e2c05f4f0a", "alg": "RS256", "n": _MODULUS, "e": "AQAB"}

STEPS = {
    "/dex/.well-known/openid-configuration": "discovery",
    "/dex/keys": "keys",
    "/dex/healthz": "health",
}
"""What a path is for."""


class DexIssuer:
    """Everything below the issuer but tokens; `issuer` is its own address, reported in discovery."""

    def __init__(self, issuer: Callable[[], str], broken: Callable[[], Mapping[str, str]] = dict) -> None:
        """`broken`: what is wrong with which of STEPS."""
        self._issuer, self._broken = issuer, broken

    def __call__(self, request: Request) -> Response:
        """Discovery, keys, health."""
        if STEPS.get(request.path) in self._broken():
            return json_response({"error": "internal server error"}, 500)
        if request.path == "/dex/.well-known/openid-configuration":
            return json_response(self._discovery())
        if request.path == "/dex/keys":
            answer = json_response({"keys": [_KEY]})
            return Response(answer.body, answer.content_type, 200, {"Cache-Control": "max-age=600, must-revalidate"})
        if request.path == "/dex/healthz":
            return Response(b"Health check passed")
        return NOT_FOUND

    def _discovery(self) -> dict[str, object]:
        issuer = self._issuer()
        return {
            "issuer": f"{issuer}-old" if "issuer" in self._broken() else issuer,
            "authorization_endpoint": f"{issuer}/auth",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "device_authorization_endpoint": f"{issuer}/device/code",
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code",
            ],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256", "plain"],
            "scopes_supported": ["openid", "email", "groups", "profile", "offline_access"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "claims_supported": ["iss", "sub", "aud", "iat", "exp", "email", "email_verified", "name", "at_hash"],
        }


class DexTelemetry:
    """/healthz, /healthz/ready, /healthz/live and /metrics."""

    def __init__(self, traffic_model: TrafficModel, clock: Callable[[], float]) -> None:
        self._traffic_model, self._clock = traffic_model, clock

    def __call__(self, request: Request) -> Response:
        """The telemetry listener has no issuer path."""
        if request.path in ("/healthz", "/healthz/ready"):
            if request.query.get("type") == "short":
                return json_response({"storage": "PASS"})
            at = rfc3339(self._clock() // 15 * 15)
            return json_response(
                {"storage": {"message": {}, "timestamp": at, "contiguousFailures": 0, "timeOfFirstFailure": None}}
            )
        if request.path == "/healthz/live":
            return Response(b"ok")
        if request.path == "/metrics":
            return Response(self.text(), TEXT_TYPE)
        return NOT_FOUND

    def text(self) -> bytes:
        """Token refreshes are the books' own."""
        out = Exposition(False, (), BucketLines())
        with self._traffic_model.lock:
            self._traffic_model.advance(self._clock())
            rows = [
                ({"code": "200", "handler": "/token", "method": "post"}, self._traffic_model.auth.refreshes),
                ({"code": "200", "handler": "/keys", "method": "get"}, self._traffic_model.auth.misses),
            ]
            out.family("http_requests_total", "counter", "Count of all HTTP requests.", rows)
            started = self._traffic_model.started
        out.family("process_start_time_seconds", "gauge", "Start time of the process.", [({}, started)])
        out.family("process_resident_memory_bytes", "gauge", "Resident memory.", [({}, 38.0 * 1024 * 1024)])
        out.family("dex_build_info", "gauge", "The version.", [({"version": "v2.37.0"}, 1)])
        return out.text()
