"""The web process: pages, hub and routes around one Dash application.

`python app.py` serves alone and looks after the collector; so does gunicorn with `app:server` (Procfile);
a notebook runs `app.run(jupyter_mode="inline")`. Importing this module starts nothing.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from pathlib import Path
from typing import Any

import dash
from dash import Dash, State, dcc, html
from dash.development.base_component import Component
from flask import Flask, g, request
from flask_compress import Compress

from components import ids, shell
from model.process.file_limits import make_room, shortage, web_files
from model.process.malloc_tuning import settle
from model.settings import SettingsError
from model.settings_file import load_settings
from pages.shared.callbacks import EXTENSION
from pages.shared.page_shell import SHELL, register_shell
from pages.shared.registration import companions
from pages.shared.registry import PRODUCT
from web import feed, guard, health_endpoints, http_headers, live, report, sockets
from web.api import alert_actions, fault_actions, routes
from web.files import first_page, libraries
from web.files.bundle import KINDS, NO_FILE_OF_OURS, Bundle, bundle, parts
from web.files.bundle import register as register_bundles
from web.front import prefix
from web.front.middleware import Front
from web.hub_payload import encode
from web.own import measures
from web.processes import standalone
from web.runtime import Runtime
from web.signin import routes as signin
from web.signin.doorkeeper import home

ROOT = Path(__file__).parent
ASSETS = ROOT / "assets"
PAGES = (
    "pages.system_health.page",
    "pages.pattern_detail.page",
    "pages.performance.page",
    "pages.backends.page",
    "pages.messaging.page",
    "pages.alerts.page",
    "pages.incident_detail.page",
    "pages.hud_itself.page",
    "pages.follow.page",
    "pages.settings.page",
    "pages.service_map.page",
    "pages.namespaces.page",
    "pages.namespace_detail.page",
    "pages.security.page",
    "pages.observability.page",
    "pages.resources.page",
    "pages.not_found_404",
)
"""The pages; a module registers itself when it is imported, which must come after the application is made."""
NEVER_RUN = re.compile(r'<script src="[^"]*/(deps/polyfill@|dash_table/)')
"""What stands in for functions that browsers have had for ten years, and Dash's own table: 40 ms of a page's start."""
NEXT_INLINE = re.compile(r"(?<=\n)</script>\n<script>\n")
"""Between two inline scripts; the policy names each by its digest."""

runtime = Runtime()


class Hud(Dash):
    """Dash, listening where the settings say: `app.run()` in a notebook serves on HUD_PORT."""

    served = ""
    """Where it does, once it does."""

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]  # as Dash's documentation has it
        """The document, below the prefix, with the name of who signed in (assets/signin.js)."""
        document = prefix.document(super().interpolate_index(**parts), request.script_root)  # type: ignore[no-untyped-call]
        return live.signed_in(document, getattr(g.get("person"), "name", ""))

    def index(self, *args: Any, **named: Any) -> Any:
        """The document, which says of an address that no page has that it was not found."""
        document = super().index(*args, **named)  # type: ignore[no-untyped-call]
        return document if first_page.is_page(request.path) else (document, 404)

    def _generate_scripts_html(self) -> str:
        """Dash's scripts without those that nothing here runs, and all that callbacks run in the browser as one."""
        lines = super()._generate_scripts_html().splitlines()
        scripts = "\n".join(line for line in lines if not NEVER_RUN.match(line))
        return NEXT_INLINE.sub("", scripts)

    def _generate_config_html(self) -> str:
        """What Dash's renderer has to know, by orjson: plotly's encoder took three quarters of a document's time."""
        facts = encode(self._config()).decode()  # type: ignore[no-untyped-call]
        for mark in "<>/":  # as plotly's encoder does: nothing in it can end the script
            facts = facts.replace(mark, f"\\u{ord(mark):04x}")
        return f'<script id="_dash-config" type="application/json">{facts}</script>'

    def get_layout(self) -> html.Div:
        """What Dash asks for when a document is opened: the layout, and in it the page that the document is of."""
        return whole(first_page.container(self.strip_relative_path))

    def strip_relative_path(self, path: str | None) -> str | None:
        """The page that an address of the browser is about."""
        stripped: str | None = super().strip_relative_path(prefix.stripped(path, request.script_root))  # type: ignore[arg-type]
        return stripped

    def run(self, *args: Any, **options: Any) -> None:
        """Serve inside a notebook (or with Dash's own server). Raises SettingsError."""
        settings = load_settings()
        settings.refuse_open_door()
        http_headers.allow_frames(self.server)  # a notebook's cell is one
        options = {"host": settings.host, "port": settings.port, **options}
        self.served = (
            settings.public_url and home(settings)
        ) or f"http://{standalone.spoken(options['host'])}:{options['port']}"
        super().run(*args, **options)


def create() -> Hud:
    """The application, with nothing running yet."""
    web = Flask("prism-hud")
    web.config["COMPRESS_ALGORITHM_STREAMING"] = ["zstd", "br", "gzip"]  # assets are streamed
    web.config["COMPRESS_ZSTD_LEVEL"] = 6  # a cold page is 5 % lighter than at 3, for 15 ms of CPU
    Compress(web)
    scripts, sheets = (bundle(ASSETS, kind) for kind in ("js", "css"))
    web.wsgi_app = Front(web.wsgi_app, lambda: runtime.settings)  # type: ignore[method-assign]
    hud = Hud(
        __name__,
        server=web,  # type: ignore[arg-type]  # documented, but missing from its annotation
        use_pages=True,
        pages_folder="",  # Dash's own walker runs a module before it is importable, which breaks dataclasses in it
        assets_folder=str(ASSETS),
        assets_ignore=NO_FILE_OF_OURS,  # Dash would name each alone
        external_scripts=[scripts.address],
        external_stylesheets=[sheets.address],
        include_pages_meta=False,
        routing_callback_inputs={"here": State(f"{SHELL}-selection", "data")},  # see register_view's layout
        title=PRODUCT,
        # A page may be left while its answer is under way, and what the answer is for is gone then: no error.
        suppress_callback_exceptions=True,
        update_title="",
    )
    # After Dash's own, which fills the map.
    guard.register(web, lambda: runtime.settings, lambda: runtime.doorkeeper, lambda: hud.callback_map)
    for page in PAGES:
        importlib.import_module(page)
    web.extensions[EXTENSION] = runtime
    register_shell(shell.shell(rail(), dash.page_container))
    hud.layout = whole(dash.page_container)
    root = hud.config.requests_pathname_prefix
    hud.index_string = live.document(shell.DOCUMENT, feed.views(), ROOT, hud.get_asset_url, root)
    add_routes(web, scripts, sheets)
    return hud


def whole(content: Component) -> html.Div:
    """The layout: the shell with a page in it, the address, and what the callbacks of the shell remember."""
    address = dcc.Location(id=ids.ADDRESS, refresh="callback-nav")
    return html.Div([shell.shell(rail(), content), address, *companions(SHELL, {})])


def add_routes(web: Flask, *bundles: Bundle) -> None:
    """Everything that is served beside Dash's own."""
    prefix.register(web)
    register_bundles(web, *bundles)
    libraries.register(web, ASSETS)
    signin.register(web, lambda: runtime.doorkeeper)
    sockets.register(web, lambda: runtime.hub, lambda: runtime.feed, runtime.held)
    routes.register(web, lambda: runtime.feed, runtime.lanes, lambda: runtime.replays)
    report.register(web, lambda: runtime.feed, runtime.lanes, lambda: runtime.replays)
    alert_actions.register(web, runtime.snapshot, runtime.inbox)
    fault_actions.register(web, runtime.control_url)
    measures.register(web, lambda: runtime.settings.cache_dir)
    health_endpoints.register(web, lambda: runtime.feed, lambda: runtime.hub)
    http_headers.register(web, lambda: runtime.settings)
    web.before_request(runtime.start)


def rail() -> list[shell.RailItem]:
    """The views that have an address of their own, in their pages' order."""
    pages = [page for page in dash.page_registry.values() if "judge" in page]
    return [shell.RailItem(page["view"], page["name"], page["path"]) for page in pages]


app = create()
server = app.server


def main() -> int:
    """Serve alone until asked to stop; 2 when a setting is wrong or the port is taken."""
    parser = argparse.ArgumentParser(prog="python app.py", description="Prism HUD, with its collector beside it.")
    parser.add_argument("--reload", action="store_true", help="start again when a file changes, and reload the page")
    reload = parser.parse_args().reload
    try:
        settings = load_settings()
        settings.refuse_open_door()
        settle()
        if reload:
            app.enable_dev_tools(debug=True, dev_tools_ui=False, dev_tools_props_check=False)
            own = [str(path) for kind in KINDS for path in parts(ASSETS, kind)]
            standalone.develop(server, settings.host, settings.port, runtime.start, own)
            return 0
        wanted = web_files(settings.max_sockets)
        if short := shortage("this process", wanted, make_room(wanted), "lower HUD_MAX_SOCKETS"):
            sys.stderr.write(f"{short}\n")
        web = standalone.listen(server, settings.host, settings.port)
        runtime.start()
    except (SettingsError, standalone.ListenError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"Prism HUD: http://{standalone.spoken(settings.host)}:{settings.port}\n")
    sys.stdout.flush()
    standalone.serve(web, runtime.stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
