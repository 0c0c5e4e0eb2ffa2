"""How tests are written here, where it can be told from their text."""

import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
A_TEST_IMPORTED = re.compile(r"^\s*(from|import) tests(\.\w+)*(\.| import .*\b)test_")
A_KEY_OF_THE_SESSION = re.compile(r"""["'](session|user_activity)\.\w""")
# A clock of a test's own, which it moves by hand, may be asked for any time.
THE_CLOCK = re.compile(r"(?<!def )\b(sleep|wait_for_timeout|perf_counter|process_time|monotonic)\(")
# `make bench` and `make load` measure; in the simulation time is virtual, and takes none.
BESIDE = ("benchmarks", "load", "simulation")


def lines_with(pattern: re.Pattern[str], *, beside: tuple[str, ...] = ()) -> Iterator[str]:
    for file in TESTS.rglob("*.py"):
        if file.relative_to(TESTS).parts[0] not in beside:
            found = filter(pattern.search, file.read_text(encoding="utf-8").splitlines())
            yield from (f"{file.name}: {line.strip()}" for line in found)


def test_what_tests_share_is_in_no_test() -> None:
    assert list(lines_with(A_TEST_IMPORTED)) == []


def test_no_test_names_a_key_of_the_session() -> None:
    assert list(lines_with(A_KEY_OF_THE_SESSION)) == []


def test_no_test_sleeps_or_measures_time() -> None:
    assert list(lines_with(THE_CLOCK, beside=BESIDE)) == []
