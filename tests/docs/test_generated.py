"""What is generated is what stands in its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generate import GENERATED


@pytest.mark.parametrize("path", sorted(GENERATED), ids=lambda path: path.name)
def test_a_generated_file_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == GENERATED[path](), "run: make docs"
