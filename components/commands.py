"""What a viewer can ask for by the keyboard: the one table of commands and keys, for the finder, its help and the docs.

assets/find/commands.js knows what each does. A key of one character can be switched off in Settings (WCAG 2.1.4).
"""

from __future__ import annotations

from dataclasses import dataclass

VIEW_KEYS = tuple("1234567890")
"""One for each view, in the rail's order."""
MOD = "Mod+"
"""Ctrl, and ⌘ on a Mac."""


@dataclass(frozen=True)
class Command:
    """`name` is what scripts know it by; without `words` the finder does not list it, which has its own for views."""

    name: str
    does: str
    keys: tuple[str, ...] = ()
    listed: bool = True


COMMANDS = (
    Command("find", "Find a page, a pattern, a namespace, a setting … by a few letters", (f"{MOD}K",), listed=False),
    Command("view", "Go to the view of that place in the rail", VIEW_KEYS, listed=False),
    Command("filter", "Filter the first table of the page", ("/",)),
    Command("help", "Show all keys", ("?",)),
    Command("past", "Look at the past: to the time bar", ("t",)),
    Command("live", "Back to live", ("l",)),
    Command("theme", "Switch between dark and light"),
    Command("zone", "Switch between local time and UTC"),
    Command("pause", "Pause the page, or let it catch up"),
    Command("copy", "Copy a link to what is shown"),
    Command("wall", "Show the views in turn, as a wall screen"),
    Command("leave", "Leave the wall screen", ("Escape",), listed=False),
)
"""In the order of the help."""


def facts() -> list[dict[str, object]]:
    """The table for the browser, which finds it in the document."""
    return [{"name": one.name, "does": one.does, "keys": one.keys, "listed": one.listed} for one in COMMANDS]
