"""Dex, who issues the tokens (RFC view 6; contracts external C)."""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, TS, C, G, I, N, family

FAMILIES = (
    family("dex_step_ok", G, NONE, "step", "1 when a step of the check succeeded, else 0: discovery, issuer, keys, health, telemetry. A step that is not offered, or could not be tried, is absent.", "dex", "RFC view 6; external C2"),
    family("dex_step_duration_seconds", G, SEC, "step", "How long a step took.", "dex", "external C2"),
    family("dex_step_failure_info", I, NONE, "step error detail", "Why a step failed, credentials removed.", "dex", "external C2"),
    family("dex_keys", G, N, "", "Keys in the JWKS.", "dex", "external C2"),
    family("dex_key_info", I, NONE, "kid alg", "1 per key of the JWKS.", "dex", "external C2"),
    family("dex_keys_read_timestamp_seconds", G, TS, "", "When the JWKS was last read with a key in it.", "dex", "external C2"),
    family("dex_build_info", I, NONE, "version", "The version, as the telemetry reports it.", "dex", "external C1"),
    family("dex_http_requests_total", C, N, "code handler method", "Requests that Dex answered; handler /token are sign-ins and refreshes. Exposed as http_requests_total.", "dex", "external C1"),
)
