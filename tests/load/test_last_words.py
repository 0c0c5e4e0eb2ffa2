"""What is typed or ticked last goes with the press that follows at once: nothing older is sent."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ledger import Ledger
from services.operations.recovery import incident
from services.operations.recovery.incident import Step
from tests.browser.conftest import running_dashboard
from tests.load.tab import Answer, Tab, Value, opened
from tests.pages.connecting import C7O, E1A, E1A_UKG, TEST
from tests.sandboxes import Control

TENANTS = "start.tenants.chosen"
BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dashboard")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with running_dashboard(folder, tenants=120) as address:
        yield address


def ticked(*rows: int) -> str:
    """Return what a browser says of a table with these rows ticked."""
    return json.dumps({"selection": {"rows": list(rows), "columns": [], "cells": []}})


def texts(answer: Answer) -> list[str]:
    return [element.text.body for element in answer.elements() if element.HasField("text")]


def written(answer: Answer) -> str:
    """Return everything that was told, as one text."""
    return " ".join(str(element) for element in answer.elements())


def sandbox_of(answer: Answer) -> Control:
    found = re.search(r"127\.0\.0\.1:\d+", written(answer))
    assert found
    return Control(f"http://{found[0]}")


async def end_of(tab: Tab, answer: Answer, words: str) -> None:
    """Follow what was begun until the page says these words."""
    while words not in written(answer) and (fragment := tab.beat()):
        answer = await tab.tick(fragment)
    assert words in written(answer)


def test_a_row_that_was_just_ticked_is_in_the_plan_and_one_taken_out_is_not(url: str) -> None:
    async def hands() -> list[str]:
        async with opened(url) as tab:
            await tab.open("data_versions?dv_state=Fresh")
            await tab.set({"dv.table": ticked(0, 1, 2)}, bound=False)
            more = await tab.set({"dv.table": ticked(0, 1, 2, 3)}, press="dv.disable", bound=False)
            less = await tab.set({"dv.table": ticked(0, 3)}, press="dv.disable", bound=False)
            return [[t for t in texts(a) if "will change" in t][-1] for a in (more, less)]

    more, less = asyncio.run(hands())
    assert more.startswith("4 items will change")
    assert less.startswith("2 items will change")


def test_a_press_that_was_left_behind_does_nothing_when_one_comes_back(url: str) -> None:
    async def hands() -> list[str]:
        async with opened(url) as tab:
            await tab.open("data_versions?dv_state=Fresh")
            await tab.set({"dv.table": ticked(0, 1)}, bound=False)
            await tab.open("jobs", {"dv.table": ticked(0)}, press="dv.disable")
            return texts(await tab.open("data_versions?dv_state=Fresh"))

    told = asyncio.run(hands())
    assert "1 data version selected" in told
    assert not any("will change" in text for text in told)


def test_a_start_is_sent_as_it_stands_on_the_screen(url: str) -> None:
    async def hands() -> list[list[str]]:
        async with opened(url) as tab:
            control = sandbox_of(await tab.open("start_jobs?start_kind=Process"))
            await tab.set({TENANTS: C7O}, bound=False)
            answer = await tab.set({TENANTS: E1A}, press="start.go", bound=False)
            await end_of(tab, answer, "It started")
            sent = control.requests("adhoc_processing_jobs")
            return [each["body"]["tenants"] for each in sent]

    assert asyncio.run(hands()) == [[E1A]]


def test_a_start_that_may_no_longer_be_sent_is_not(url: str) -> None:
    async def hands() -> int:
        async with opened(url) as tab:
            control = sandbox_of(await tab.open("start_jobs?start_kind=Process"))
            await tab.set({TENANTS: C7O}, bound=False)
            before = len(control.requests("adhoc_processing_jobs"))
            await tab.set({TENANTS: ""}, press="start.go", bound=False)
            await tab.set({TENANTS: C7O}, bound=False)
            return len(control.requests("adhoc_processing_jobs")) - before

    assert asyncio.run(hands()) == 0


@pytest.mark.parametrize(
    ("tenants", "typed"), [(C7O, {}), (f"{C7O} {E1A}", {"start.reason": "a late word"})]
)
def test_the_same_start_waits_for_a_press_after_its_warning(
    url: str, tenants: str, typed: dict[str, Value]
) -> None:
    async def hands() -> tuple[list[int], str]:
        async with opened(url) as one, opened(url) as other:
            control = sandbox_of(await one.open("start_jobs?start_kind=Process"))
            await other.open("start_jobs?start_kind=Process")
            for tab in (one, other):
                await tab.set({TENANTS: tenants}, bound=False)
            before, sent = len(control.requests("adhoc_processing_jobs")), []
            await end_of(one, await one.press("start.go"), "It started")
            await other.set(typed, press="start.go", bound=False)
            sent.append(len(control.requests("adhoc_processing_jobs")) - before)
            answer = await other.press_again()
            sent.append(len(control.requests("adhoc_processing_jobs")) - before)
            return sent, written(answer)

    sent, told = asyncio.run(hands())
    assert sent == [1, 1]
    assert "The same job was started just now" in told


@pytest.mark.slow
def test_a_reason_is_written_down_when_apply_is_pressed_out_of_its_field(url: str) -> None:
    async def hands() -> str:
        async with opened(url) as tab:
            await tab.open("uploads?up_state=Included")
            await tab.set({"up.table": ticked(0)}, bound=False)
            await tab.press("up.exclude")
            reason, apply = tab.key_of("uploads.reason."), tab.key_of("uploads.apply.")
            filled: dict[str, Value] = {reason: "a late word"}
            answer = await tab.set(filled, press=apply, bound=False)
            await end_of(tab, answer, "1 Succeeded")
            return written(await tab.open("activity"))

    assert "a late word" in asyncio.run(hands())


def test_a_mapping_is_planned_as_it_stands(url: str) -> None:
    rows = [f"{C7O},Test Connector,UKG Callisto", f"{E1A},{TEST},{E1A_UKG}"]

    async def hands() -> list[str]:
        async with opened(url) as tab:
            await tab.open("connectors?con_view=Assign+by+mapping")
            both = "\n".join(["tenant,connector,credential", *rows])
            await tab.set({"con.mapping": both}, bound=False)
            one = both.removesuffix(f"\n{rows[1]}")
            answer = await tab.set({"con.mapping": one}, press="con.mapping.review", bound=False)
            return texts(answer)

    assert any(text.startswith("1 item will change") for text in asyncio.run(hands()))


def test_a_credential_is_created_by_its_last_name(url: str) -> None:
    async def hands() -> str:
        async with opened(url) as tab:
            page = f"credentials?cred_tenants={C7O}&cred_view=New+credential"
            control = sandbox_of(await tab.open(page))
            await tab.set({"credential.new.name": "An old name"}, bound=False)
            form = "credential.new.UKG"
            filled: dict[str, Value] = {"credential.new.name": "A new name"}
            filled |= {f"secret.{form}.0.{each}.0": "x" for each in ("apiKey", "password")}
            answer = await tab.set(filled, press=f"{form}.send.0", bound=False)
            await end_of(tab, answer, "1 Succeeded")
            (sent,) = control.requests("create_connector_credential")
            return str(sent["body"])

    sent = asyncio.run(hands())
    assert "A new name" in sent
    assert "An old name" not in sent


def test_a_tenant_just_left_out_of_a_recovery_is_not_in_its_plan(url: str, folder: Path) -> None:
    async def hands() -> str:
        async with opened(url) as tab:
            await tab.open(f"recovery?rec_job={BAD_BATCH}")
            begun = await tab.press("rec.begin")
            found = re.search(r"recovery=([0-9a-f-]{36})", str(begun.messages))
            assert found
            await tab.open(f"recovery?{found[0]}")
            left = ticked(*range(1, 40))
            await tab.set({"rec.table.EXCLUDE": left}, press="rec.save", bound=False)
            return found[1]

    recovery = incident.read(
        Ledger.open(f"sqlite:///{folder / 'ledger.sqlite3'}"), asyncio.run(hands())
    )
    assert recovery.choices
    assert {step: len(out) for step, out in recovery.choices.left_out.items()} == {Step.EXCLUDE: 1}


def test_ticks_are_not_told_back_to_who_made_them(url: str) -> None:
    async def hands() -> list[bool]:
        async with opened(url) as tab:
            await tab.open("data_versions")
            own = await tab.set({"dv.table": ticked(0, 1)}, bound=False)
            none = await tab.press("data_versions.select_none")
            return [
                any(element.dataframe.HasField("selection_state") for element in answer.elements())
                for answer in (own, none)
            ]

    assert asyncio.run(hands()) == [False, True]
