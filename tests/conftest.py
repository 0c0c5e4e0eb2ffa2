"""What holds for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.apptests import quick_apptests

# No example is timed: a machine may be busy. `--hypothesis-profile` chooses another than the first.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Few, and the same every time: a failure comes from a change.
settings.register_profile("few", UNTIMED, max_examples=25, derandomize=True, database=None)
settings.register_profile("many", UNTIMED, max_examples=250)
settings.load_profile("few")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse parameters without an order: each worker would collect other tests."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if isinstance(mark.args[1], set | frozenset):
            raise TypeError(f"{metafunc.definition.nodeid} has a set of parameters: sort it.")


# Each worker that looks at pages has a browser and dashboards to start: two of them keep up.
BROWSERS = 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of a file share what it makes, and those of a browser also what files share."""
    in_browser = sorted({item.path for item in items if item.get_closest_marker("browser")})
    for item in items:
        name = str(item.path)
        if item.path in in_browser:
            name = f"browser {in_browser.index(item.path) % BROWSERS}"
        item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session", autouse=True)
def _quick_apptests() -> Iterator[None]:
    with quick_apptests():
        yield
