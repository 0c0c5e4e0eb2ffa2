"""What a person waits for in Chromium, beside the least a Streamlit page can be with the same.

First paint, filter, selection and page change of four screens at 5,000 and at 50,000 tenants, and
of 20,000 jobs as a table and as a tree; and the memory of a session at 50,000 tenants.
"""

import asyncio
import os
import pickle
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from dashboard import embedded_sandbox
from dashboard.settings import Settings
from tests import options
from tests.benchmarks import browser_clock as clock
from tests.benchmarks.ratios import Ratio, medians
from tests.benchmarks.screens import Screen, Shown, shown_at
from tests.browser import chromium
from tests.browser.conftest import ROOT, free_port, serving, started_dashboard
from tests.load.tab import opened
from tests.sandboxes import Control, signed_in

AT_MOST = 1.5
WORD = "~c"
UNREACHED = 1_000_000
SESSIONS = 5
BARE = "tests/benchmarks/scripts/bare_dashboard.py"
TICKED = {"text": r"^1 (\w+ )*selected"}
UNTICKED = {"text": r"^(0 (\w+ )*selected)"}

OVERVIEW = Screen("Overview", "", "ov_all", "ov_all=true", has_selection=False)
DATA_VERSIONS = Screen("Data versions", "data_versions", "dv_tenant", f"dv_tenant={WORD}", WORD)
UPLOADS = Screen("Uploads", "uploads", "up_tenant", f"up_tenant={WORD}", WORD)
JOBS = Screen("Jobs", "jobs", "job_tenant", f"job_tenant={WORD}", WORD)
TREE = Screen("Jobs", "jobs", "job_tenant", f"job_tenant={WORD}", WORD, "job_view=Tree")


@dataclass(frozen=True)
class Size:
    """How many tenants there are, which screens are looked at then, and how often.

    Where it has a name the first screen is only where a page change comes from.
    """

    tenants: int
    screens: tuple[Screen, ...]
    paints: int
    rounds: int
    name: str = ""

    def measures(self, screen: Screen) -> bool:
        """Whether this screen is measured at this size."""
        return not self.name or screen is not self.screens[0]


SIZES = (
    Size(5000, (OVERVIEW, DATA_VERSIONS, UPLOADS, JOBS), paints=3, rounds=5),
    Size(50_000, (OVERVIEW, DATA_VERSIONS, UPLOADS), paints=1, rounds=3),
    # So many tenants have 20,000 jobs in the 24 hours that Jobs opens with.
    Size(23_700, (OVERVIEW, JOBS), paints=2, rounds=5, name="20,000 jobs"),
    Size(23_700, (OVERVIEW, TREE), paints=2, rounds=5, name="20,000 jobs as a tree"),
)


def measure() -> Iterator[Ratio]:
    """Yield what is waited for on each screen; ours and the bare page take turns."""
    found = chromium.executable()
    if found is None:
        raise RuntimeError(chromium.ADVICE)
    for size in SIZES:
        with _world(size) as world:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=found, args=chromium.FLAGS)
                yield from _paints(browser, world)
                yield from _reactions(browser, world)
                browser.close()
            if size.tenants == max(each.tenants for each in SIZES):
                yield _memory(world)


@dataclass(frozen=True)
class World:
    """Both addresses, what stands on each screen in which state, and the dashboard's process."""

    size: Size
    ours: str
    bare: str
    whole: Sequence[Shown]
    filtered: Sequence[Shown]
    process: psutil.Process

    def name(self, what: str, screen: Screen) -> str:
        """Return the name of what is measured."""
        return f"{what} {screen.title}, {self.size.name or f'{self.size.tenants:,} tenants'}"


@contextmanager
def _world(size: Size) -> Iterator[World]:
    sandbox = embedded_sandbox.start(
        Settings(
            dashboard_sandbox_tenants=size.tenants,
            # Without a limit of its own the dashboard would keep to Visier's, and wait.
            dashboard_sandbox_rate_limit=UNREACHED,
            dashboard_sandbox_speed=0,
        )
    )
    with ExitStack() as stack:
        stack.callback(sandbox.stop)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = _signed_in(sandbox.url, folder)
        ours, process = stack.enter_context(started_dashboard(folder, settings))
        seen = asyncio.run(_seen(size, ours, Control(sandbox.url)))
        content = folder / "content.pickle"
        headers = signed_in(sandbox.url)
        screens = [_bare(screen, headers, *each) for screen, each in _paired(size, seen)]
        content.write_bytes(pickle.dumps({"screens": screens}))
        bare = stack.enter_context(_bare_dashboard(content, folder))
        whole, filtered, _ = zip(*seen, strict=True)
        yield World(size, ours, bare, whole, filtered, psutil.Process(process.pid))


def _paired(
    size: Size, seen: list[tuple[Shown, Shown, list[str]]]
) -> Iterator[tuple[Screen, tuple[Shown, Shown, list[str]]]]:
    yield from zip(size.screens, seen, strict=True)


def _signed_in(sandbox: str, folder: Path) -> dict[str, str]:
    return {
        "VISIER_HOST": sandbox,
        "VISIER_VANITY": embedded_sandbox.VANITY_NAME,
        "VISIER_APIKEY": embedded_sandbox.API_KEY,
        "VISIER_USERNAME": embedded_sandbox.USERNAME,
        "VISIER_PASSWORD": embedded_sandbox.PASSWORD,
        "DASHBOARD_LEDGER_URL": f"sqlite:///{folder / 'ledger.sqlite3'}",
    }


async def _seen(size: Size, url: str, control: Control) -> list[tuple[Shown, Shown, list[str]]]:
    """Return of each screen what it shows, also filtered, and what a new session reads for it."""
    found = []
    for screen in size.screens:
        async with opened(url) as tab:
            # What one session has read for all is not read again by the next.
            await shown_at(tab, screen.address())
        control.clear_requests()
        async with opened(url) as tab:
            whole = await shown_at(tab, screen.address())
            asked = [each for each in control.requests() if each["method"] == "GET"]
            urls = [f"{control.url}{each['path']}?{urlencode(each['query'])}" for each in asked]
            filtered = await shown_at(tab, screen.address(is_filtered=True))
        found.append((whole, filtered, urls))
    return found


def _bare(
    screen: Screen, headers: dict[str, str], whole: Shown, filtered: Shown, urls: list[str]
) -> dict[str, Any]:
    return {
        "title": screen.title,
        "path": screen.path,
        "urls": urls,
        "headers": headers,
        "whole": vars(whole),
        "filtered": vars(filtered),
    }


@contextmanager
def _bare_dashboard(content: Path, folder: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://localhost:{port}"
    streamlit = [sys.executable, "-m", "streamlit", "run", BARE]
    command = [*streamlit, f"--server.port={port}", "--", str(content)]
    health = f"{url}/_stcore/health"
    with serving(command, health, folder / "bare.txt", os.environ | options.AT_HOME, ROOT):
        yield url


def _paints(browser: Browser, world: World) -> Iterator[Ratio]:
    for screen, whole in zip(world.size.screens, world.whole, strict=True):
        if not world.size.measures(screen):
            continue
        wanted, address = whole.wanted(), screen.address()
        of_bare = f"{world.bare}/{screen.path}"
        times = [
            (
                clock.first_paint(browser, f"{world.ours}/{address}", wanted),
                clock.first_paint(browser, f"{of_bare}?read=1", wanted),
                clock.first_paint(browser, of_bare, wanted),
            )
            for _ in range(world.size.paints)
        ]
        name = world.name("first paint of", screen)
        asking = medians([(ours, asks) for ours, asks, _ in times])
        knowing = medians([(ours, knows) for ours, _, knows in times])
        yield Ratio(f"{name} / bare page asking the same", *asking, AT_MOST)
        yield Ratio(f"{name} / bare page asking nothing", *knowing)


def _reactions(browser: Browser, world: World) -> Iterator[Ratio]:
    with clock.tab(browser) as ours, clock.tab(browser) as bare, clock.tab(browser) as full:
        for number, screen in enumerate(world.size.screens):
            if not world.size.measures(screen):
                continue
            whole = world.whole[number].wanted(world.filtered[number])
            filtered = world.filtered[number].wanted(world.whole[number])
            ours.goto(f"{world.ours}/{screen.address()}")
            bare.goto(f"{world.bare}/{screen.path}")
            full.goto(f"{world.bare}/{screen.path}?elements=1")
            filter_each = partial(_filter_each, (ours, bare, full), screen, filtered, whole)
            filter_each()
            filtering = [filter_each() for _ in range(world.size.rounds)]
            yield from _beside(world.name("filter of", screen), filtering)
            if screen.has_selection:
                selecting = [
                    (_select(ours), _select(bare), _select(full)) for _ in range(world.size.rounds)
                ]
                yield from _beside(world.name("selection on", screen), selecting)
        yield from _page_changes(ours, bare, world)


def _filter_each(
    tabs: tuple[Page, Page, Page],
    screen: Screen,
    filtered: dict[str, Any],
    whole: dict[str, Any],
) -> tuple[float, float, float]:
    ours, bare, full = tabs
    return (
        _filter_ours(ours, screen, filtered, whole),
        _filter_bare(bare, filtered, whole),
        _filter_bare(full, filtered, whole),
    )


def _beside(name: str, times: list[tuple[float, float, float]]) -> Iterator[Ratio]:
    """Yield the ratio to the bare page, and to one that is sent as many elements as ours."""
    yield Ratio(f"{name} / bare page", *medians([each[:2] for each in times]), AT_MOST)
    name = f"{name} / bare page of as many elements"
    yield Ratio(name, *medians([(ours, full) for ours, _, full in times]))


def _filter_ours(
    page: Page, screen: Screen, filtered: dict[str, Any], whole: dict[str, Any]
) -> float:
    if not screen.word:
        seconds = clock.after_toggle(page, screen.filter, filtered)
        clock.after_toggle(page, screen.filter, whole)
        return seconds
    seconds = clock.after_enter(page, screen.filter, screen.word, filtered)
    clock.after_enter(page, screen.filter, "", whole)
    return seconds


def _filter_bare(page: Page, filtered: dict[str, Any], whole: dict[str, Any]) -> float:
    seconds = clock.after_enter(page, "filter", WORD, filtered)
    clock.after_enter(page, "filter", "", whole)
    return seconds


def _select(page: Page) -> float:
    seconds = clock.after_tick(page, TICKED)
    clock.after_tick(page, UNTICKED)
    return seconds


def _page_changes(ours: Page, bare: Page, world: World) -> Iterator[Ratio]:
    """Go round the screens by the menu; what a screen needs has been read before."""
    wanted = {
        screen.title: whole.wanted()
        for screen, whole in zip(world.size.screens, world.whole, strict=True)
        # The menu leads to a screen as it opens.
        if not screen.query
    }
    times: dict[str, list[tuple[float, float]]] = {title: [] for title in wanted}

    def change(title: str) -> tuple[float, float]:
        return (
            clock.after_link(ours, title, wanted[title]),
            clock.after_link(bare, title, wanted[title]),
        )

    for title in wanted:
        change(title)
    for _ in range(world.size.rounds if len(wanted) > 1 else 0):
        for title in wanted:
            times[title].append(change(title))
    for screen in world.size.screens:
        if times.get(screen.title) and world.size.measures(screen):
            name = f"{world.name('page change to', screen)} / bare page"
            yield Ratio(name, *medians(times[screen.title]), AT_MOST)


def _memory(world: World) -> Ratio:
    """Return the MB of one more session, on average, beside the frames it is shown."""

    async def growth() -> float:
        async with AsyncExitStack() as stack:
            before = world.process.memory_info().rss
            for _ in range(SESSIONS):
                tab = await stack.enter_async_context(opened(world.ours))
                for screen in world.size.screens:
                    await tab.open(screen.address())
            return float(world.process.memory_info().rss - before) / SESSIONS / 1e6

    frames = sum(
        int(frame.memory_usage(deep=True).sum()) for shown in world.whole for frame in shown.frames
    )
    session = asyncio.run(growth())
    name = f"memory of a session, {world.size.tenants:,} tenants / the frames it is shown"
    return Ratio(name, session, frames / 1e6, session * 1e6 / frames, unit="MB")
