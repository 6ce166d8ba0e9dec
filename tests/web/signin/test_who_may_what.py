"""Without a sign-in nothing is answered; with one, what the role allows; programs bring a token."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import g

import app
from model.settings import Settings, SettingsError
from pages.shared.selections import permitted
from store.snapshot import snapshot_of
from tests.aggregators.auth_scenario import NOW, AuthScenario, login
from tests.web.signin.conftest import HOST, Dashboard, session_of, sign_in
from tests.web.signin.issuer import Issuer, another_key
from tests.web.test_api import reader_of
from web.feed import StoreFeed
from web.hub_payload import encode
from web.replay.replays import Replays
from web.signin.person import Person

Made = Callable[..., Dashboard]
JSON = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}


def every_route() -> list[tuple[str, str]]:
    """(method, an address) of all that is served."""
    found = []
    for rule in app.server.url_map.iter_rules():
        if rule.endpoint in ("healthz", "readyz", "signin.begin", "signin.back", "signin.out", "signin.left"):
            continue
        address = "/".join("x" if part.startswith("<") else part for part in rule.rule.split("/"))
        found += [(method, address) for method in sorted((rule.methods or {"GET"}) - {"HEAD"})]
    return found


def test_every_route_and_every_method_is_behind_the_sign_in(dashboard: Made) -> None:
    site = dashboard()
    routes = every_route()
    assert len(routes) > 30
    for method, address in routes:
        answer = site.browser().open(address, method=method, base_url=site.door.home, headers=JSON)
        assert answer.status_code == 401, f"{method} {address}: {answer.status_code}"
        assert "ign in" in answer.text, f"{method} {address}: {answer.text}"


def test_health_endpoints_stay_open_and_say_nothing_inside(dashboard: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    site = dashboard()
    monkeypatch.setattr("web.health_endpoints.why_not_ready", lambda *_: ["the collector is 10.0.0.7, and silent"])
    monkeypatch.setattr(app.runtime, "_feed", StoreFeed(reader_of(snapshot_of([]))))
    monkeypatch.setattr(app.runtime, "start", lambda: None)
    assert site.browser().get("/healthz", base_url=site.door.home).text == "ok\n"
    ready = site.browser().get("/readyz", base_url=site.door.home)
    assert (ready.status_code, "10.0.0.7" in ready.text) == (503, False)


def test_where_nobody_signs_in_there_is_no_sign_in(dashboard: Made) -> None:
    site = dashboard(oidc_issuer="", oidc_client_id="", oidc_client_secret="", allowed_groups="")
    assert site.get(site.browser(), "/").status_code == 200
    assert site.get(site.browser(), "/signin").status_code == 404
    assert "data-signed-in" not in site.get(site.browser(), "/").text


def test_whoever_may_look_may_report_what_the_page_had(
    dashboard: Made, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = dashboard(operator_groups="operators")
    monkeypatch.setattr(app.runtime, "start", lambda: None)
    issuer.person["groups"] = ["ops"]
    browser, _ = sign_in(site, issuer)
    headers = {"Origin": f"http://{HOST}"}
    assert browser.post("/api/measured", base_url=site.door.home, json={}, headers=headers).status_code == 400
    assert site.browser().post("/api/measured", base_url=site.door.home, json={}, headers=JSON).status_code == 401


@pytest.mark.parametrize(
    ("groups", "status"), [(["ops"], 403), (["ops", "operators"], 404)], ids=["a viewer", "an operator"]
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_only_an_operator_injects_faults(
    dashboard: Made, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, groups: list[str], status: int, method: str
) -> None:
    site = dashboard(operator_groups="operators")
    monkeypatch.setattr(app.runtime, "_feed", StoreFeed(reader_of(snapshot_of([]))))
    monkeypatch.setattr(app.runtime, "start", lambda: None)
    issuer.person["groups"] = groups
    browser, _ = sign_in(site, issuer)
    answer = browser.open(
        "/simulated/faults", method=method, base_url=site.door.home, json={}, headers={"Origin": f"http://{HOST}"}
    )
    assert answer.status_code == status
    if status == 403:
        assert "operator" in json.loads(answer.data)["message"]


@pytest.mark.parametrize(("roles", "hidden"), [((), True), (("operator",), True), (("security",), False)])
def test_the_names_of_failed_logins_are_hidden_from_viewers(roles: tuple[str, ...], hidden: bool) -> None:
    with app.server.test_request_context("/security?hide="):
        g.person = Person("ada", roles=frozenset(roles))
        assert (permitted({"hide": "", "all": "1"}) == {"hide": "1", "all": "1"}) is hidden
    with app.server.test_request_context("/security"):
        assert permitted({}) == {"hide": "1"}, "nobody was asked who they are"


def test_a_program_comes_with_a_token_of_the_same_issuer(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard(oidc_audience="hud-api")
    good = issuer.token(aud="hud-api")
    assert _by_token(site, good) == (200, "")
    assert _by_token(site, issuer.token())[1].startswith("This token is meant for somebody else")
    assert "expired" in _by_token(site, issuer.token(aud="hud-api", exp=1_000_000_000))[1]
    assert "not valid yet" in _by_token(site, issuer.token(aud="hud-api", nbf=4_000_000_000))[1]
    assert "another issuer" in _by_token(site, issuer.token(aud="hud-api", iss="https://evil.example"))[1]
    assert "may not look" in _by_token(site, issuer.token(aud="hud-api", groups=["others"]))[1]
    for junk in ("", "x", "a.b.c", good[:-4] + "AAAA", "e30.e30.", "x" * 20_000, "\x7f.\x7f.\x7f"):
        assert _by_token(site, junk)[0] == 401, junk
    issuer.keys = [another_key("stranger's")]
    assert "key" in _by_token(site, issuer.token(aud="hud-api"))[1]


def test_a_token_that_is_nested_without_end_is_refused_and_no_fault(dashboard: Made) -> None:
    site = dashboard()
    for text in (b"[" * 4000, b'{"a":' * 1200):
        head = base64.urlsafe_b64encode(text).decode().rstrip("=")
        assert _by_token(site, f"{head}.e30.e30") == (401, "This token is not signed by the provider.")


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [10**400, -(10**400), float("inf"), float("nan"), True, "4000000000", [], None])
def test_what_is_no_instant_gives_a_token_no_longer_life(
    dashboard: Made, issuer: Issuer, claim: str, value: object
) -> None:
    missing = value is None and claim != "exp"
    answer = _by_token(dashboard(), issuer.token(**{claim: value}))
    assert answer == ((200, "") if missing else (401, "This token does not say until when it holds."))


def test_a_token_opens_no_page(dashboard: Made, issuer: Issuer) -> None:
    site = dashboard()
    answer = site.get(site.browser(), "/", Authorization=f"Bearer {issuer.token()}")
    assert answer.status_code == 303


def _by_token(site: Dashboard, token: str) -> tuple[int, str]:
    answer = site.browser().get(
        "/api/openapi.json", base_url=site.door.home, headers={**JSON, "Authorization": f"Bearer {token}"}
    )
    return answer.status_code, "" if answer.status_code == 200 else json.loads(answer.data)["message"]


BY_PROXY: dict[str, Any] = {
    "oidc_issuer": "", "oidc_client_id": "", "oidc_client_secret": "", "allowed_groups": "", "host": "0.0.0.0",
    "auth_proxy_header": "X-Forwarded-Email", "trusted_proxies": "10.0.0.7, fd00::/8",
    "auth_proxy_groups_header": "X-Forwarded-Groups", "security_groups": "sec", "allowed_emails": "*@example.com",
}  # fmt: skip


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("10.0.0.7", {"X-Forwarded-Email": "ada@example.com"}, 200),
        ("fd00::7", {"X-Forwarded-Email": "ada@example.com"}, 200),
        ("::ffff:10.0.0.7", {"X-Forwarded-Email": "ada@example.com"}, 200),
        ("10.0.0.8", {"X-Forwarded-Email": "ada@example.com"}, 403),
        ("", {"X-Forwarded-Email": "ada@example.com"}, 403),
        ("10.0.0.8", {"X-Forwarded-Email": "ada@example.com", "X-Forwarded-For": "10.0.0.7"}, 403),
        ("10.0.0.7", {}, 401),
        ("10.0.0.7", {"X-Forwarded-Email": ""}, 401),
        ("10.0.0.7", {"X-Forwarded-Email": "eve@evil.example"}, 403),
    ],
)
def test_a_proxys_word_counts_from_its_own_address_alone(
    dashboard: Made, peer: str, headers: dict[str, str], status: int
) -> None:
    site = dashboard(**BY_PROXY)
    browser = site.browser()
    answer = browser.get("/", base_url="http://10.0.0.1", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == status, answer.text


def test_a_header_that_came_twice_is_nobodys(dashboard: Made) -> None:
    site = dashboard(**BY_PROXY)
    twice = [("X-Forwarded-Email", "ada@example.com"), ("X-Forwarded-Email", "eve@example.com")]
    near = {"REMOTE_ADDR": "10.0.0.7"}
    assert site.browser().get("/", base_url="http://10.0.0.1", headers=twice, environ_base=near).status_code == 401


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ({"oidc_issuer": "https://dex.example"}, "HUD_OIDC_CLIENT_ID"),
        ({"oidc_client_id": "hud"}, "HUD_OIDC_ISSUER"),
        ({"oidc_issuer": "https://dex.example", "oidc_client_id": "hud"}, "HUD_ALLOWED_GROUPS"),
        ({"oidc_issuer": "http://dex.example", "oidc_client_id": "hud", "allowed_emails": "*"}, "HUD_OIDC_ISSUER"),
        ({"oidc_issuer": "https://dex.example", "oidc_client_id": "hud", "allowed_emails": "*",
          "public_url": "http://hud.example"}, "HUD_PUBLIC_URL"),
        ({"oidc_issuer": "https://dex.example", "oidc_client_id": "hud", "allowed_emails": "*", "host": "0.0.0.0"},
         "HUD_PUBLIC_URL"),
        ({"auth_proxy_header": "X-User"}, "HUD_TRUSTED_PROXIES"),
        ({"auth_proxy_groups_header": "X-Groups"}, "HUD_AUTH_PROXY_HEADER"),
        ({"security_groups": "sec"}, "HUD_OIDC_ISSUER"),
        ({"auth_proxy_header": "X-User", "trusted_proxies": "10.0.0.7", "allow_anonymous": True},
         "HUD_ALLOW_ANONYMOUS"),
    ],
)  # fmt: skip
def test_half_a_sign_in_stops_the_start_with_the_settings_name(said: dict[str, Any], setting: str) -> None:
    with pytest.raises(SettingsError, match=setting):
        Settings(**said).refuse_open_door()


@pytest.mark.parametrize(
    "said",
    [
        {"oidc_issuer": "https://dex.example", "oidc_client_id": "hud", "allowed_groups": "ops",
         "public_url": "https://hud.example"},
        {"auth_proxy_header": "X-User", "trusted_proxies": "10.0.0.7"},
    ],
)  # fmt: skip
def test_with_a_sign_in_others_may_reach_it(said: dict[str, Any]) -> None:
    Settings(host="0.0.0.0", **said).refuse_open_door()


def test_nobody_elses_name_leaves_by_the_page_or_by_the_api(
    dashboard: Made, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = AuthScenario(events=[login(NOW - 5, ip="10.9.8.7", user="mallory")]).snapshot()
    feed = StoreFeed(reader_of(named))
    monkeypatch.setattr(app.runtime, "_feed", feed)
    monkeypatch.setattr(app.runtime, "_replays", Replays(reader_of(named), clock=lambda: NOW))
    monkeypatch.setattr("web.api.routes.time.time", lambda: NOW)
    site = dashboard(security_groups="sec")
    monkeypatch.setattr(app.runtime, "start", lambda: None)
    for groups, seen in ((["ops"], False), (["ops", "sec"], True)):
        issuer.person["groups"] = groups
        browser, _ = sign_in(site, issuer)
        api = browser.get("/api/security", base_url=site.door.home).text
        show = browser.get("/api/security?hide=", base_url=site.door.home).text
        with app.server.test_request_context("/"):
            g.person = site.door.current(session_of(site, browser))
            frame = encode(feed.read("security", feed.selection("security", permitted({"hide": ""})), NOW)).decode()
        for text in (api, show, frame):
            assert ("mallory" in text, "10.9.8.7" in text, "10.0.2.12" in text) == (seen, seen, seen)
            assert seen or '"hidden"' in text
