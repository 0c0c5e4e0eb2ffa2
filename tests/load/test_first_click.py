"""What a browser says of a table beside the first thing that is pressed on a screen."""

import asyncio
import json
import re
from collections.abc import Iterator

import pyarrow as pa
import pytest

from tests.browser.conftest import running_dashboard
from tests.load.tab import Answer, opened

NOTHING_TICKED = json.dumps({"selection": {"rows": [], "columns": [], "cells": []}})
SELECTABLE = {
    "data_versions": ("data_versions.select_all", "dv.table"),
    "uploads": ("uploads.select_all", "up.table"),
    "jobs": ("jobs.select_all", "jobs.table"),
    "jobs?job_view=Tree": ("jobs.select_all", "jobs.tree"),
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_dashboard(tmp_path_factory.mktemp("dashboard"), tenants=30) as address:
        yield address


async def select_all(url: str, page: str, button: str, table: str) -> list[Answer]:
    async with opened(url) as tab:
        before = await tab.open(page)
        return [before, await tab.set({table: NOTHING_TICKED}, press=button, bound=False)]


@pytest.mark.slow
@pytest.mark.parametrize("page", SELECTABLE)
def test_a_table_that_tells_its_state_for_the_first_time_takes_nothing_back(
    url: str, page: str
) -> None:
    before, answer = asyncio.run(select_all(url, page, *SELECTABLE[page]))
    buttons = [element.button.label for element in before.elements()]
    # Jobs that come in beside the page have it drawn again.
    (every,) = {
        found[1] for text in buttons if (found := re.match("Select all (.+) matching", text))
    }
    texts = [element.text.body for element in answer.elements()]
    (selected,) = {text for text in texts if " selected" in text}
    assert selected.split()[0] == every


async def press_beside_what_is_open(url: str) -> Answer:
    """Open a credential by a link whose filter leaves its row out of the table, then refresh."""
    page = "credentials?cred_tenants=WFF_j1r~c7o"
    async with opened(url) as tab:
        answer = await tab.open(page)
        (listed,) = [
            pa.ipc.open_stream(element.dataframe.arrow_data.data).read_pandas()
            for element in answer.elements()
            if element.HasField("dataframe")
        ]
        first, second = listed["credential_id"].iloc[:2]
        await tab.open(f"{page}&cred_open=WFF_j1r~c7o+{first}&cred_text={second}")
        return await tab.set({"cred.table": NOTHING_TICKED}, press="cred.refresh", bound=False)


def test_what_a_link_has_opened_stays_open_when_its_row_is_out_of_sight(url: str) -> None:
    answer = asyncio.run(press_beside_what_is_open(url))
    told = " ".join(element.markdown.body for element in answer.elements())
    assert "Select a row to see where a credential is used" not in told
