"""Every field a file can be dropped into says itself how much it takes."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def unbounded(source: str) -> list[int]:
    """Return the lines of uploaders that leave their bound to the server."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "file_uploader"
        and "max_upload_size" not in {keyword.arg for keyword in call.keywords}
    ]


@pytest.mark.parametrize("folder", ["dashboard", "pages"])
def test_no_uploader_is_unbounded(folder: str) -> None:
    found = {
        f"{file.name}:{line}"
        for file in (ROOT / folder).rglob("*.py")
        for line in unbounded(file.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_an_unbounded_one_would_be_found() -> None:
    assert unbounded('st.file_uploader("Files")') == [1]
    assert unbounded('st.file_uploader("Files", max_upload_size=1)') == []
