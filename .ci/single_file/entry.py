"""What `bin/prism-dashboard` does: the dashboard alone, or one of its processes by name."""

import gc
import importlib
import runpy
import sys
from pathlib import Path
from typing import Any

# Not this module's docstring: those are left out of the file.
HELP = """Prism HUD: the dashboard alone, or one of its processes by name.

    prism-dashboard                  the web with its collector (python app.py)
    prism-dashboard web              the production server with its collector (gunicorn)
    prism-dashboard collector …      the collector (python -m collectors), with its options
    prism-dashboard --check          what can be read of what is configured, then the end
    prism-dashboard simulator …      a simulated Prism, with its options

It starts its own processes as Python does, by `-m`.
"""
HERE = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parents[2]))
"""Where the modules lie: unpacked beside us, or the tree that we stand in."""
MODULES = {"collector": "collectors", "simulator": "simulator"}


def main() -> None:
    """Becomes the process that the arguments name."""
    name, *rest = sys.argv[1:] or [""]
    if name in ("-h", "--help", "help"):
        sys.stdout.write(HELP)
    elif name == "-m":
        _run(rest[0], rest[1:])
    elif name in MODULES:
        _run(MODULES[name], rest)
    elif name == "--check":
        _run("collectors", ["--check", *rest])
    elif name == "web":
        sys.argv = ["gunicorn", "-c", str(HERE / "gunicorn.conf.py"), "app:server", *rest]
        importlib.import_module("gunicorn.app.wsgiapp").run()
    elif name == "":
        sys.exit(_imported("app").main())
    else:
        sys.exit(f"prism-dashboard: there is no {name!r}; --help says what there is")


def _imported(module: str) -> Any:
    """Without looking for garbage meanwhile, since there is none: that took a seventh of the time."""
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def _run(module: str, arguments: list[str]) -> None:
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main()
