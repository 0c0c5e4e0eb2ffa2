"""How tests are written here, where it can be told from their text."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
A_TEST = re.compile(r"\.test_")
A_KEY = re.compile(r"^(session|clicks)\.\w")


@cache
def parsed() -> dict[str, ast.Module]:
    """Return every module of the tests by where it lies."""
    files = {str(file.relative_to(TESTS)): file for file in TESTS.rglob("*.py")}
    return {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in files.items()}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_what_tests_share_is_in_no_test() -> None:
    taken = [
        (file, name)
        for file, tree in parsed().items()
        for name in imported(tree)
        if name.startswith("tests.") and A_TEST.search(name)
    ]
    assert taken == []


def test_no_test_names_a_key_of_the_session() -> None:
    named = [
        (file, text) for file, tree in parsed().items() for text in texts(tree) if A_KEY.match(text)
    ]
    assert named == []
