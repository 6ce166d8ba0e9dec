"""A browser signs in, says who is signed in, signs out, and leaves the figures when its session ends."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

import app
from bench.processes import free_port
from store.snapshot import snapshot_of
from tests.patience import LONG_SECONDS
from tests.web.signin.conftest import Dashboard
from tests.web.signin.issuer import Issuer
from tests.web.test_api import reader_of
from web.feed import StoreFeed
from web.hub import Hub
from web.processes import standalone

LONG = 1000 * LONG_SECONDS


@contextmanager
def served(port: int, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """The application at this port, on an empty store."""
    feed = StoreFeed(reader_of(snapshot_of([])))
    hub = Hub(feed, 10)
    patch.setattr(app.runtime, "_feed", feed)
    patch.setattr(app.runtime, "_hub", hub)
    patch.setattr(app.runtime, "start", lambda: None)
    web = standalone.listen(app.server, "127.0.0.1", port)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield
    hub.close()
    web.shutdown()
    thread.join(LONG_SECONDS)
    web.server_close()


# A browser that leaves a page while its scripts are on their way leaves their files open in the server.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_browser_signs_in_and_out_and_a_session_that_ends_takes_its_page_along(
    chromium: Browser, dashboard: Callable[..., Dashboard], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    site = dashboard(public_url=f"http://localhost:{port}", port=port)
    with served(port, monkeypatch), chromium.new_context() as context:
        context.set_default_timeout(LONG)
        page = context.new_page()
        page.goto(f"http://localhost:{port}/security?range=1h")
        assert page.url == f"http://localhost:{port}/security?range=1h", "there and back again"
        out = page.locator(".sign-out")
        expect(out).to_have_attribute("title", "Signed in as Ada", timeout=LONG)
        held = {one["name"]: one for one in context.cookies()}
        assert (held["hud-session"].get("httpOnly"), held["hud-session"].get("sameSite")) == (True, "Lax")
        out.click()
        page.wait_for_url("**/signed-out")
        assert "hud-session" not in {one["name"] for one in context.cookies()}
        page.get_by_role("link", name="Sign in").click()
        page.wait_for_selector('html[data-live="stale"]')
        issuer.person["groups"] = []
        for one in (site.door.settings.cache_dir / "sessions").iterdir():
            if len(one.name) == 64:
                one.unlink()
        expect(page.get_by_role("status").filter(has_text="may not look")).to_contain_text("may not look", timeout=LONG)
    site.held.close()
    gc.collect()
