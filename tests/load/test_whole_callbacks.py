"""Two events one right after another, which a busy machine hears at once: neither is lost."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from tests.browser.conftest import running_app
from tests.load.tab import opened

APP = ["streamlit", "run", "tests/browser/scripts/patient_app.py"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("patient")
    with running_app(APP, folder, os.environ | {"PYTHONPATH": "."}) as address:
        yield address


@pytest.mark.parametrize("second", ["second_tick", "second_press"])
@pytest.mark.parametrize("first", ["first_tick", "first_press"])
def test_what_comes_first_is_taken_although_the_second_comes_at_once(
    url: str, first: str, second: str
) -> None:
    async def hands() -> list[str]:
        async with opened(url) as tab:
            await tab.open("")
            answer = await tab.at_once(first, second)
            return [element.text.body for element in answer.elements() if element.HasField("text")]

    assert asyncio.run(hands())[-1] == f"Taken: {first} {second}"
