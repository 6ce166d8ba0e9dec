"""Every tolerance of the contract has a test that is named after it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

NUMBERED = re.compile(r"test_tolerance_(\d\d)_\w+$")


def test_each_of_the_22_tolerances_has_a_test() -> None:
    found = {
        match[1]
        for path in Path(__file__).parent.glob("test_*.py")
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.FunctionDef) and (match := NUMBERED.match(one.name))
    }
    assert found == {f"{number:02}" for number in range(1, 23)}
