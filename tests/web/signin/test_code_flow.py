"""Signing in with a provider that may lie: whatever is not as it must be is refused with a sentence."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from tests.web.signin.conftest import Dashboard, come_back, sent_to, sign_in
from tests.web.signin.issuer import Issuer, another_key
from web.signin.routes import safe

Made = Callable[..., Dashboard]
HMAC_HEADER = b'{"alg":"HS256"}'


def test_whoever_opens_a_page_is_sent_to_sign_in_and_comes_back_to_it(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    browser = site.browser()
    first = site.get(browser, "/security?range=1h")
    assert first.status_code == 303
    url = sent_to(site, browser, first.location)
    asked = parse_qs(urlsplit(url).query)
    assert asked["redirect_uri"] == ["http://localhost:8095/signin/callback"]
    assert {"openid", "groups", "email"} <= set(asked["scope"][0].split())
    done = come_back(site, browser, issuer.consent(url))
    assert (done.status_code, done.location) == (303, "http://localhost:8095/security?range=1h")
    page = site.get(browser, "/")
    assert page.status_code == 200
    assert 'data-signed-in="Ada"' in page.text
    assert "private" in page.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "somebody"}, "audience"),
        ({"aud": ["hud", "somebody"], "azp": "somebody"}, "another client"),
        ({"aud": None}, "audience"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"exp": 1_000_000_000}, "expired"),
        ({"exp": None}, "until when"),
        ({"exp": "tomorrow"}, "until when"),
        ({"nbf": 4_000_000_000}, "not valid yet"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_300}, "not valid yet"),
        ({"sub": None}, "whose"),
        ({"sub": ""}, "whose"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(
    dashboard: Made, issuer: Issuer, changed: dict[str, Any], words: str
) -> None:
    site = dashboard()
    issuer.changed = changed
    browser, answer = sign_in(site, issuer)
    assert (answer.status_code, words in answer.text) == (403, True), answer.text
    assert site.get(browser, "/").status_code == 303, "nobody is signed in"


@pytest.mark.parametrize("which", ["none", "HS256", "unknown key", "unsigned", "another's key under a known name"])
def test_a_token_that_the_provider_did_not_sign_is_refused(dashboard: Made, issuer: Issuer, which: str) -> None:
    site = dashboard()
    known = issuer.keys[0]
    assert isinstance(known, RSAKey)
    pem = known.as_pem(private=False)
    if which == "unknown key":
        issuer.header = {"kid": "nobody's"}
    elif which == "another's key under a known name":
        site.door.provider._key(str(known.kid), "RS256")
        issuer.keys = [another_key(str(known.kid))]
    whole = issuer.token

    def token(**changed: Any) -> str:
        made = whole(**changed)
        if which == "none":
            return "eyJhbGciOiJub25lIn0." + made.split(".")[1] + "."
        if which == "HS256":  # with what everybody knows as the secret
            signed = f"{_encoded(HMAC_HEADER)}.{made.split('.')[1]}".encode()
            return f"{signed.decode()}.{_encoded(hmac.digest(pem, signed, 'sha256'))}"
        return made.rpartition(".")[0] + "." if which == "unsigned" else made

    issuer.token = token  # type: ignore[method-assign]
    _, answer = sign_in(site, issuer)
    assert answer.status_code == 403
    assert "This token is signed by" in answer.text or "not signed by the provider" in answer.text


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_another_state_than_that_of_this_browser_is_refused(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    mine, theirs = site.browser(), site.browser()
    back = issuer.consent(sent_to(site, theirs))
    sent_to(site, mine)
    answer = come_back(site, mine, back)
    assert (answer.status_code, "state" in answer.text) == (403, True)
    nobody = come_back(site, site.browser(), back)
    assert (nobody.status_code, "No sign-in is under way" in nobody.text) == (401, True)


def test_another_verifier_than_that_of_the_challenge_is_refused(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    browser = site.browser()
    first = issuer.consent(sent_to(site, browser))
    second = issuer.consent(sent_to(site, browser))
    answer = come_back(site, browser, {**second, "code": first["code"]})
    assert (answer.status_code, "invalid_grant" in answer.text) == (403, True)


def test_a_code_serves_once(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    browser = site.browser()
    back = issuer.consent(sent_to(site, browser))
    held = browser.get_cookie("hud-signin")
    assert come_back(site, browser, back).status_code == 303
    assert come_back(site, browser, back).status_code == 401, "what the answer must match is gone"
    assert held is not None
    browser.set_cookie("hud-signin", held.value)
    again = come_back(site, browser, back)
    assert (again.status_code, "invalid_grant" in again.text) == (403, True)


def test_an_answer_that_names_another_issuer_is_refused(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    browser = site.browser()
    back = issuer.consent(sent_to(site, browser))
    answer = come_back(site, browser, {**back, "iss": "https://evil.example"})
    assert (answer.status_code, "another issuer" in answer.text) == (403, True)


def test_a_refusal_at_the_provider_is_said(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    browser = site.browser()
    state = issuer.consent(sent_to(site, browser))["state"]
    answer = come_back(site, browser, {"state": state, "error": "<b>access_denied"})
    assert answer.status_code == 403
    assert "&lt;b&gt;access_denied" in answer.text


def test_somebody_of_no_allowed_group_is_refused(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    issuer.person["groups"] = ["others"]
    browser, answer = sign_in(site, issuer)
    assert (answer.status_code, "ada@example.com may not look" in answer.text) == (403, True)
    assert site.get(browser, "/").status_code == 303


@pytest.mark.parametrize(
    ("emails", "person", "status"),
    [
        ("ada@example.com", {}, 303),
        ("*@example.com", {}, 303),
        ("ADA@Example.com", {}, 303),
        ("*@example.org", {}, 403),
        ("ada@example.com", {"email_verified": False}, 403),
        ("ada@example.com", {"email_verified": None}, 403),
        ("ada@example.com", {"email": ["ada@example.com"]}, 403),
        ("*", {"email": None}, 303),
    ],
)
def test_an_email_address_lets_in_when_the_provider_verified_it(
    dashboard: Made, issuer: Issuer, emails: str, person: dict[str, Any], status: int
) -> None:
    issuer.person |= {"groups": [], **person}
    _, answer = sign_in(dashboard(allowed_groups="", allowed_emails=emails), issuer)
    assert answer.status_code == status


def test_keys_may_be_rotated(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    assert sign_in(site, issuer)[1].status_code == 303
    issuer.keys.append(another_key("second", curve=True))
    issuer.header = {"alg": "ES256"}
    assert sign_in(site, issuer)[1].status_code == 403, "keys are not asked for with every token"
    site.later(11.0)
    assert sign_in(site, issuer)[1].status_code == 303


@pytest.mark.parametrize(
    "then",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "evil",
     "javascript:alert(1)", "/\n/evil.example", "", "/signin", "/x" * 2000, "/%0d%0aX: 1\r\nX: 1"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(then: str) -> None:
    assert safe(then) == "/"


def test_where_to_go_after_is_signed_and_stays_here(dashboard: Made, issuer: Issuer) -> None:
    _, answer = sign_in(dashboard(), issuer, "/signin?next=//evil.example/")
    assert answer.location == "http://localhost:8095/"


def test_a_provider_that_does_not_answer_or_is_another_lets_nobody_in(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    issuer.away = True
    away = site.get(site.browser(), "/signin")
    assert (away.status_code, "does not answer" in away.text) == (502, True)
    issuer.away, issuer.named = False, "https://evil.example"
    assert site.get(site.browser(), "/signin").status_code == 502


def test_whoever_comes_by_another_name_signs_in_by_the_public_one(dashboard: Made) -> None:
    site = dashboard(public_url="https://hud.example/")
    answer = site.browser().get("/signin?next=/alerts", base_url="http://127.0.0.1:8095")
    assert (answer.status_code, answer.location) == (303, "https://hud.example/signin?next=/alerts")
