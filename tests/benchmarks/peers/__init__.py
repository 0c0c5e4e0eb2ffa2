"""What people wait for with a list of runs: ours beside the consoles they would use instead.

`python -m tests.benchmarks peers`, or with options `python -m tests.benchmarks.peers --help`.
Downloads each console from PyPI into an environment of its own, below the cache folder.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.benchmarks.peers import clock
from tests.benchmarks.peers.consoles import (
    BACK,
    CONSOLES,
    FIRST_COLD,
    FIRST_WARM,
    OURS,
    STEPS,
    Console,
)
from tests.benchmarks.peers.environments import PEERS, served
from tests.benchmarks.peers.line import LOOPBACK, SLOW, Line, Network, line_to
from tests.benchmarks.ratios import Ratio
from tests.browser import chromium
from tests.browser.conftest import started_dashboard

CACHE = platformdirs.user_cache_path("visier-load-dashboard") / "peers"
# So many tenants have so many jobs in the 24 hours that Jobs opens with.
TENANTS = {5_000: 5_950, 20_000: 23_700}
ROUNDS = 5
UNREACHED = "1000000"
# In sight of the least of them, which has a chart above its rows.
IN_SIGHT = 3
AT_MOST = 1.0


Times = dict[str, dict[str, list[float]]]


def measure() -> Iterator[Ratio]:
    """Yield ours beside the fastest console for everything that is done, and print the tables."""
    yield from compare(CACHE, [*TENANTS], ROUNDS)


def compare(cache: Path, sizes: list[int], rounds: int) -> Iterator[Ratio]:
    """Yield as `measure` does, of lists of so many runs, each thing done so many times."""
    found = chromium.executable()
    if found is None:
        raise RuntimeError(chromium.ADVICE)
    for number in sizes:
        with _all_served(cache, number) as served_at, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=chromium.FLAGS)
            addresses = {name: address for name, (address, _) in served_at.items()}
            learned = {name: _learn(browser, name, addresses[name]) for name in addresses}
            for network in (LOOPBACK, SLOW):
                for _, line in served_at.values():
                    line.network = network
                times = _times(browser, addresses, learned, network, rounds)
                title = f"{number:,} runs, {network.name}"
                sys.stdout.write(f"\n{table(title, times)}\n")
                yield from _ratios(title, times)
            browser.close()


@contextmanager
def _all_served(cache: Path, number: int) -> Iterator[dict[str, tuple[str, Line]]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = {
            "DASHBOARD_SANDBOX_TENANTS": str(TENANTS[number]),
            # Without a limit of its own the dashboard would keep to Visier's, and wait.
            "DASHBOARD_SANDBOX_RATE_LIMIT": UNREACHED,
            "DASHBOARD_SANDBOX_SPEED": "0",
            "DASHBOARD_LEDGER_URL": f"sqlite:///{folder / 'ledger.sqlite3'}",
        }
        ours, _ = stack.enter_context(started_dashboard(folder, settings))
        line, url = stack.enter_context(line_to(urlsplit(ours).port or 0))
        peers = {peer.name: stack.enter_context(served(peer, cache, number)) for peer in PEERS}
        yield {OURS.name: (url, line)} | peers


def _console(name: str) -> Console:
    return next(console for console in (OURS, *CONSOLES) if console.name == name)


def _learn(browser: Browser, name: str, address: str) -> dict[str, str]:
    """Return by which expression each thing is there, having done all of it once, untimed."""
    console = _console(name)
    with clock.new_session(browser, f"{console.rows}.length >= {IN_SIGHT}") as context:
        page = context.new_page()
        clock.opened(page, f"{address}{console.path}")
        first = _settled(page, console)
        known = {FIRST_WARM: _shows(console, first)}
        for what in STEPS:
            step = console.steps[what]
            if step.is_there or what == BACK:
                known[what] = step.is_there or known[FIRST_WARM]
                continue
            clock.opened(page, f"{address}{console.path}")
            _settled(page, console)
            if step.prepare:
                step.prepare(page)
            clock.after(page, step.event, partial(step.act, page), "true")
            known[what] = _shows(
                console, [row for row in _settled(page, console) if row not in first]
            )
    return known


def _settled(page: Page, console: Console) -> list[str]:
    page.wait_for_timeout(1500)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    rows: list[str] = clock.value(page, console.rows)
    return rows


def _shows(console: Console, rows: list[str]) -> str:
    wanted = rows[:IN_SIGHT]
    if not wanted:
        raise RuntimeError(f"{console.name} shows no new rows.")
    return (
        f"(rows => {wanted!r}.every(row => rows.includes(row)))({console.rows})"
        f" && {console.is_settled}"
    )


def _times(
    browser: Browser,
    addresses: Mapping[str, str],
    learned: Mapping[str, Mapping[str, str]],
    network: Network,
    rounds: int,
) -> Times:
    """Return the seconds of everything in every console; the consoles take turns."""
    times: Times = {}
    for _ in range(rounds):
        for name, address in addresses.items():
            done = _round(browser, _console(name), address, learned[name])
            try:
                for what, seconds in done:
                    times.setdefault(what, {}).setdefault(name, []).append(seconds)
            except Error as odd:
                # A click that nothing follows costs the rest of its round.
                sys.stderr.write(f"{name}, {network.name}: {str(odd)[:300]}\n")
    return times


def _round(
    browser: Browser, console: Console, address: str, known: Mapping[str, str]
) -> Iterator[tuple[str, float]]:
    """Yield the seconds of everything, done once in a new browser session."""
    listing = f"{address}{console.path}"
    with clock.new_session(browser, known[FIRST_WARM]) as context:
        page = context.new_page()
        yield FIRST_COLD, clock.opened(page, listing)
        page.wait_for_load_state("networkidle")
        yield FIRST_WARM, clock.opened(page, listing)
        for what in STEPS:
            step = console.steps[what]
            if what != STEPS[0]:
                clock.opened(page, listing)
            page.wait_for_load_state("networkidle")
            if step.prepare:
                step.prepare(page)
            yield what, clock.after(page, step.event, partial(step.act, page), known[what])


def _ratios(title: str, times: Times) -> Iterator[Ratio]:
    for what, of in times.items():
        if OURS.name not in of or len(of) < 2:
            continue
        ours, (_, best) = statistics.median(of[OURS.name]), _fastest(of)
        yield Ratio(f"{what}, {title} / fastest console", ours, best, ours / best, AT_MOST)


def _fastest(of: Mapping[str, list[float]]) -> tuple[str, float]:
    medians = {name: statistics.median(each) for name, each in of.items() if name != OURS.name}
    return min(medians.items(), key=lambda each: each[1])


def table(title: str, times: Times) -> str:
    """Return the medians as a table of Markdown."""
    names = [OURS.name, *(console.name for console in CONSOLES)]
    lines = [f"| {title} | {' | '.join(names)} | ours / fastest |", f"| --- |{' --- |' * 5}"]
    for what, of in times.items():
        medians = [
            f"{1000 * statistics.median(of[name]):,.0f} ms" if name in of else "—" for name in names
        ]
        share = next((f"{ratio.share:.2f}" for ratio in _ratios("", {what: of})), "—")
        lines.append(f"| {what} | {' | '.join(medians)} | {share} |")
    return "\n".join(lines)
