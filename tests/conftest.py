"""What holds for every test."""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests import options
from tests.apptests import quick_apptests

# No example is timed: a machine may be busy. `--hypothesis-profile` chooses another than the first.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Few, and the same every time: a failure comes from a change.
settings.register_profile("few", UNTIMED, max_examples=12, derandomize=True, database=None)
settings.register_profile("many", UNTIMED, max_examples=250)
settings.load_profile("few")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse parameters without an order: each worker would collect other tests."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if isinstance(mark.args[1], set | frozenset):
            raise TypeError(f"{metafunc.definition.nodeid} has a set of parameters: sort it.")


# Around all others: that of `-m` reads the marks that are made here.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Leave all cases but the first of a test that is marked so to the slow run."""
    begun = set()
    for item in items:
        if item.get_closest_marker("first_is_quick"):
            test = item.nodeid.partition("[")[0]
            if test in begun:
                item.add_marker(pytest.mark.slow)
            begun.add(test)
    return (yield)


class BySharing(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Gives a worker what shares most: the tests of a file, or of what takes long to load or start.

    A browser and its dashboards are started by two workers, and Visier's SDK is loaded by one.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        match Path(file).parts:
            case ("tests", "browser", name):
                return f"browser {crc32(name.encode()) % 2}"
            case ("tests", "sdk", *_) | (*_, "starts", "test_forms.py"):
                return "sdk"
        return file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BySharing | None:
    """Give the scheduler, unless another than that of scopes is asked for."""
    return BySharing(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(scope="session", autouse=True)
def _quick_apptests() -> Iterator[None]:
    options.read()
    with quick_apptests():
        yield
