"""One stage for all rows of a file."""

from collections.abc import Iterator

import pytest

from tests.faults.stage import Stage, stage


@pytest.fixture(scope="module")
def stage_of_all() -> Iterator[Stage]:
    with stage() as made:
        yield made
