"""Two ticks or presses one right after another on a busy machine: neither is lost."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from tests.browser.conftest import running_app
from tests.load.tab import Answer, opened

APP = ["streamlit", "run", "tests/browser/scripts/patient_app.py"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("patient")
    with running_app(APP, folder, os.environ | {"PYTHONPATH": "."}) as address:
        yield address


def taken(answer: Answer) -> str:
    return [element.text.body for element in answer.elements() if element.HasField("text")][-1]


@pytest.mark.parametrize("second", ["second_tick", "second_press"])
@pytest.mark.parametrize("first", ["first_tick", "first_press"])
def test_what_comes_first_is_taken_although_the_second_comes_at_once(
    url: str, first: str, second: str
) -> None:
    async def hands() -> Answer:
        async with opened(url) as tab:
            await tab.open("")
            return await tab.at_once(first, second)

    assert taken(asyncio.run(hands())) == f"Taken: {first} {second}"


@pytest.mark.parametrize("second", ["third_tick", "second_press"])
def test_what_comes_while_the_run_before_comes_to_its_end_is_taken(url: str, second: str) -> None:
    async def hands() -> Answer:
        async with opened(url) as tab:
            await tab.open("")
            return await tab.when_drawn("second_tick", "Taken: second_tick", second)

    assert taken(asyncio.run(hands())) == f"Taken: second_tick {second}"
