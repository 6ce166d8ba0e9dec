"""The log stays short whatever is sent."""

from __future__ import annotations

import logging

from web.log_limits import MOST_CHARACTERS, MOST_LINES, WINDOW_SECONDS, Limits


class Log:
    """A logger of its own with bounds, on a clock that stands still."""

    def __init__(self) -> None:
        self.now, self.lines = 100.0, list[str]()
        self.logger = logging.Logger("bounded")
        log = self

        class Kept(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                log.lines.append(self.format(record))

        handler = Kept()
        handler.addFilter(Limits(lambda: self.now))
        self.logger.addHandler(handler)

    def often(self, count: int, text: str = "no") -> None:
        for _ in range(count):
            self.logger.error("bad request: %s", text)


def test_a_long_message_is_cut_and_stays_one_line() -> None:
    log = Log()
    log.often(1, "x\r\n" * 100_000)
    (line,) = log.lines
    assert len(line) < 2 * MOST_CHARACTERS
    assert "\n" not in line and "\r" not in line
    assert "300013 characters" in line


def test_a_flood_of_one_kind_is_bounded_and_counted_and_others_are_said() -> None:
    log = Log()
    log.often(1000)
    assert len(log.lines) == MOST_LINES
    log.logger.error("something else")
    assert log.lines[-1] == "something else"
    log.now += WINDOW_SECONDS
    log.often(1)
    assert log.lines[-1] == f"bad request: no ({1000 - MOST_LINES} more like this were left out)"


def test_what_comes_seldom_is_never_left_out() -> None:
    log = Log()
    for _ in range(100):
        log.often(MOST_LINES)
        log.now += WINDOW_SECONDS
    assert log.lines == ["bad request: no"] * 100 * MOST_LINES


def test_a_deep_traceback_keeps_its_end() -> None:
    log = Log()

    def deep(left: int) -> None:
        if not left:
            raise ValueError("the reason")
        deep(left - 1)

    try:
        deep(200)
    except ValueError:
        log.logger.exception("failed")
    assert len(log.lines[0]) < MOST_CHARACTERS + 100
    assert log.lines[0].endswith("ValueError: the reason")
