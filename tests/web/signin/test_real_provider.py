"""Signing in with a certified provider: its login page, its tokens, its refusals, its keys after a restart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bench.processes import free_port
from tests.servers import oidc_process
from tests.web.signin.conftest import Dashboard, come_back, sent_to
from tests.web.signin.issuer import SECRET

pytestmark = [pytest.mark.server, pytest.mark.node]
BACK = "http://localhost:8095/signin/callback"
API = "https://hud.example/api"
Made = Callable[..., Dashboard]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = Path(__file__).parent / "provider.mjs"
    return oidc_process.installed(tmp_path_factory.mktemp("provider"), script)


@pytest.fixture
def provider(directory: Path) -> Iterator[str]:
    with oidc_process.running(directory, str(free_port()), BACK, "first") as (issuer, _):
        yield issuer


def through(url: str, name: str) -> dict[str, str]:
    """What the browser brings back from the provider's own pages."""
    with requests.Session() as browser:
        answer = browser.get(url, allow_redirects=False, timeout=20)
        for _ in range(12):
            if answer.is_redirect:
                onward = requests.compat.urljoin(answer.url, answer.headers["Location"])
                if onward.startswith(BACK):
                    return dict(parse_qsl(urlsplit(onward).query))
                answer = browser.get(onward, allow_redirects=False, timeout=20)
                continue
            form = re.search(r'action="([^"]+)"', answer.text)
            assert form is not None, answer.text
            wish = dict(re.findall(r'name="(prompt)" value="(\w+)"', answer.text)) | {"login": name, "password": "x"}
            target = requests.compat.urljoin(answer.url, form[1])
            answer = browser.post(target, data=wish, allow_redirects=False, timeout=20)
    raise AssertionError(f"the provider asks on and on: {answer.text}")


def sign_in(site: Dashboard, name: str = "ada") -> tuple[FlaskClient, TestResponse, dict[str, str]]:
    browser = site.browser()
    back = through(sent_to(site, browser), name)
    return browser, come_back(site, browser, back), back


def test_a_certified_provider_lets_in_renews_and_takes_the_right_away(dashboard: Made, provider: str) -> None:
    site = dashboard(oidc_issuer=provider, session_check_seconds=60)
    browser, answer, back = sign_in(site)
    assert back["iss"] == provider, "it names itself in its answer (RFC 9207)"
    assert answer.status_code == 303, answer.text
    assert 'data-signed-in="ada"' in site.get(browser, "/").text
    site.later(61.0)
    assert site.get(browser, "/").status_code == 200, "renewed by a refresh token, which the provider rotates"
    site.later(61.0)
    assert site.get(browser, "/").status_code == 200
    requests.post(f"{provider}/groups?ada=others", timeout=20)
    site.later(61.0)
    refused = site.get(browser, "/")
    assert (refused.status_code, "may not look" in refused.text) == (403, True)


def test_a_certified_provider_refuses_a_used_code_and_another_verifier(dashboard: Made, provider: str) -> None:
    site = dashboard(oidc_issuer=provider)
    browser = site.browser()
    first = through(sent_to(site, browser), "ada")
    second = through(sent_to(site, browser), "ada")
    crossed = come_back(site, browser, {**second, "code": first["code"]})
    assert (crossed.status_code, "invalid_grant" in crossed.text) == (403, True)
    held = browser.get_cookie("hud-signin")
    assert held is not None
    assert come_back(site, browser, second).status_code == 303
    browser.set_cookie("hud-signin", held.value)
    again = come_back(site, browser, second)
    assert (again.status_code, "invalid_grant" in again.text) == (403, True)


def test_a_restart_with_other_keys_is_followed(dashboard: Made, directory: Path) -> None:
    port = str(free_port())
    with oidc_process.running(directory, port, BACK, "first") as (issuer, _):
        site = dashboard(oidc_issuer=issuer)
        assert sign_in(site)[1].status_code == 303
    with oidc_process.running(directory, port, BACK, "second"):
        site.later(11.0)
        assert sign_in(site)[1].status_code == 303


def test_a_programs_token_is_for_its_audience_alone(dashboard: Made, provider: str) -> None:
    site = dashboard(oidc_issuer=provider, oidc_audience=API, allowed_groups="", allowed_emails="*")

    def asked(audience: str) -> TestResponse:
        wish = {"grant_type": "client_credentials", "resource": audience}
        given = requests.post(f"{provider}/token", data=wish, auth=("robot", "nor is this"), timeout=20).json()
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        return site.browser().get("/api/openapi.json", base_url=site.door.home, headers=headers)

    assert asked(API).status_code == 200
    other = asked("https://another.example/api")
    assert (other.status_code, "audience" in other.text) == (401, True)


def test_a_client_with_a_wrong_secret_lets_nobody_in(dashboard: Made, provider: str) -> None:
    site = dashboard(oidc_issuer=provider, oidc_client_secret=SECRET + "x")
    _, answer, _ = sign_in(site)
    assert (answer.status_code, "invalid_client" in answer.text) == (403, True)
