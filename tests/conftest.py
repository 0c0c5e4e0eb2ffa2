"""What holds for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.apptests import quick_apptests

# `pytest --hypothesis-profile=large` looks for more than the quick suite has the time for.
settings.register_profile(
    "large",
    max_examples=1000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="session", autouse=True)
def _quick_apptests() -> Iterator[None]:
    with quick_apptests():
        yield
