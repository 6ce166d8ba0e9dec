"""Credentials never leave the collectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.core.redact import MAX_LENGTH, address_of, instance_of, is_secret_name, redact

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"dial postgres://prism:{SECRET}@db:5432/x: refused",
        f"redis://:{SECRET}@redis.internal:6379",
        f"https://{SECRET}@host/path",
        f"user:{SECRET}@tcp(127.0.0.1:3306)/db",
        f"password={SECRET} host=db",
        f"password: {SECRET}",
        f"PGPASSWORD={SECRET}",
        f"db_passwd='{SECRET}'",
        f'{{"password": "{SECRET} with \\"quotes\\" {SECRET}"}}',
        f"Authorization: Bearer {SECRET}",
        f"bearer {SECRET}",
        f"Authorization: Basic {SECRET}=",
        f"GET /x?token={SECRET}&a=b",
        f"?api_key={SECRET}",
        f"apikey={SECRET}",
        f"AccountKey={SECRET}",
        f"client_secret={SECRET}",
        f"sig={SECRET}",
        f"eyJhbGciOi.{SECRET}.{SECRET}",
    ],
)
def test_no_credential_survives(text: str) -> None:
    assert SECRET not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "connection refused",
        "dial tcp 10.0.0.1:5432: i/o timeout",
        "reconnecting to nats://nats.internal:4222…",
        "auth: connection refused",
        "key `namespace` not found",
        "kafka: client has run out of brokers",
        "mail to alice@example.com at 10:30",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert redact(text) == text


def test_the_host_stays_when_the_user_goes() -> None:
    assert redact("redis://u:p@redis.internal:6379/0") == "redis://[removed]@redis.internal:6379/0"


def test_control_characters_become_blanks() -> None:
    assert redact("a\r\nb\x1b[31mc\u202ed") == "a b [31mc d"


def test_half_a_character_becomes_a_blank() -> None:
    assert redact("a\ud800b").encode() == b"a b"


def test_long_texts_are_cut() -> None:
    assert len(redact("x" * 5000)) == MAX_LENGTH
    assert redact("x" * 5000).endswith("…")


@given(st.text())
def test_any_text_comes_out_short_and_on_one_line(text: str) -> None:
    shown = redact(text)
    assert len(shown) <= MAX_LENGTH
    assert "\n" not in shown


@given(st.from_regex(r"[a-zA-Z0-9]{8,30}", fullmatch=True), st.integers(0, 1300))
def test_a_secret_at_the_cut_does_not_survive_by_being_cut(secret: str, before: int) -> None:
    text = "x " * (before // 2) + f"password={secret}"
    assert f"={secret[:4]}" not in redact(text)


def test_addresses_are_shown_without_what_is_secret() -> None:
    assert address_of("https://u:p@host:8080/a/metrics?token=x#y") == "https://host:8080/a/metrics"


@pytest.mark.parametrize(
    ("url", "instance"),
    [
        ("http://localhost:8980/metrics", "localhost:8980"),
        ("http://u:p@proxy/metrics", "proxy:80"),
        ("https://signoz", "signoz:443"),
        ("http://[::1]:9090/m", "[::1]:9090"),
    ],
)
def test_the_instance_is_host_and_port(url: str, instance: str) -> None:
    assert instance_of(url) == instance


@pytest.mark.parametrize("name", ["password", "db_password", "apiKey", "api-key", "auth_token", "secret", "KEY"])
def test_secret_names_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["keys", "max_keys", "monkey", "topic", "pool_size", "passed"])
def test_harmless_names_are_not_taken_for_secrets(name: str) -> None:
    assert not is_secret_name(name)
