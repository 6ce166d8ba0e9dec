"""What goes into `bin/prism-dashboard` beside what PyInstaller finds by itself, and what does not."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

Entry = tuple[str, str, str]
"""As PyInstaller has it: the name inside, the file outside, its kind."""

ROOMS = ["model", "store", "collectors", "aggregators", "components", "pages", "web", "simulator", "proto"]
BY_NAME = ["app", "gunicorn.app.wsgiapp", "gunicorn.glogging", "gunicorn.workers.gthread", "psycopg_binary"]
OWN = {"assets": "assets", "gunicorn.conf.py": ".", "pyproject.toml": ".", "web/api/descriptions.json": "web/api"}
SERVED = ["dash", "dash_bootstrap_components", "reportlab"]
"""What browsers are given of them, and fonts."""
PLUGINS = "apprise.plugins"

LEFT_OUT = [
    # what some package could use and nothing here does
    *("tkinter", "IPython", "matplotlib", "scipy", "pyarrow", "numba", "sqlalchemy", "lxml", "openpyxl"),
    # for those who develop, build or sit at a prompt
    *("pytest", "setuptools", "pip", "pandas.tests", "numpy.tests", "numpy.f2py", "pydoc_data", "test", "readline"),
    # pictures of kinds that no report has
    *("PIL._avif", "PIL._webp", "PIL._imagingcms", "PIL._imagingft", "PIL._imagingtk"),
]
NEVER_ASKED_FOR = [
    "plotly/*",  # charts are drawn by the script in assets/vendor
    *("*.map", "*.dev.js", "dash/deps/react*@*[0-9].js"),  # for whoever debugs the browser's side
    *("dash/dash_table/async-*", "dash/dash_table/commons.js"),  # our tables are Tabulator's
    "dash/dcc/async-mathjax.js",  # no chart has formulas
    *("dash/labextension/*", "dash/nbextension/*"),  # a notebook runs from the tree
]
PLOTLY = ("plotly.graph_objs.", "plotly.express", "plotly.figure_factory", "plotly.matplotlylib", "plotly.validators.")
PLOTLY_KEPT = "plotly.graph_objs._figure"
"""Of plotly's Python Dash imports this alone."""


def modules(found: Iterable[Entry]) -> list[Entry]:
    """Those that something here imports."""
    return [one for one in found if one[0] == PLOTLY_KEPT or not one[0].startswith(PLOTLY)]


def files(found: Iterable[Entry]) -> list[Entry]:
    """Those that are read or served."""
    return [one for one in found if not any(fnmatch(one[0], pattern) for pattern in NEVER_ASKED_FOR)]


def names(plugins: Iterable[str], folder: Path) -> list[Entry]:
    """Apprise looks for its plugins by the names of files; it imports them from where all modules are."""
    empty = folder / "empty.py"
    empty.touch()
    return [(f"{name.replace('.', '/')}.py", str(empty), "DATA") for name in plugins if name.count(".") == 2]
