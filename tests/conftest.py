"""What holds for every test."""

from collections.abc import Iterator

import pytest

from tests.apptests import quick_apptests


@pytest.fixture(scope="session", autouse=True)
def _quick_apptests() -> Iterator[None]:
    with quick_apptests():
        yield
