"""Takes the screenshots of docs/ from the real application: `python -m docs.screenshots` (or `make screenshots`)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.browser import executable
from bench.processes import dashboard_with_past, simulated_prism

FOLDER = Path(__file__).parent / "screenshots"
PAGES = {
    "system-health": "/",
    "pattern": "/patterns/nats",
    "performance": "/performance",
    "backends": "/backends",
    "messaging": "/messaging",
    "namespaces": "/namespaces",
    "security": "/security",
    "observability": "/observability",
    "resources": "/resources",
    "service-map": "/map",
    "alerts": "/alerts",
    "settings": "/settings",
}
PAST_HOURS = 24
WATCHED_SECONDS = 75
"""How long the dashboard watches, after its past is loaded, before the picture: the minute of its start is over."""
DRAWN = """() => [".grid", ".chart"].every(kind => Array.from(document.querySelectorAll(kind)).every(
    slot => slot.dataset.drawn || slot.getBoundingClientRect().top > innerHeight))"""
DRAWN_MILLISECONDS, SETTLED_MILLISECONDS = 60_000, 3000


def main() -> None:
    """Every page, dark and light, on a wide screen."""
    FOLDER.mkdir(exist_ok=True)
    prism = simulated_prism("--past", str(PAST_HOURS))
    with prism as addresses, dashboard_with_past(addresses) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox", "--disable-gpu"])
        browser.new_page().wait_for_timeout(WATCHED_SECONDS * 1000)
        for theme in ("dark", "light"):
            context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme)
            for name, path in PAGES.items():
                page = context.new_page()
                page.goto(address + path)
                page.wait_for_selector('html[data-live="live"]')
                page.wait_for_function(DRAWN, timeout=DRAWN_MILLISECONDS)
                page.wait_for_timeout(SETTLED_MILLISECONDS)
                page.screenshot(path=FOLDER / f"{name}-{theme}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
