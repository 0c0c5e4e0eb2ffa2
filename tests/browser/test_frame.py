"""Where a table begins, how much of it is in view and how much stands around it."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from dashboard.connection_settings import host_of
from services.ledger import Actor, Ledger, State
from services.operations import Verb
from services.operations.starts.forms import FORMS
from services.sandbox.config import USERNAME
from services.sandbox.population.scenario import BAD_BATCH
from tests.browser.conftest import OnSandbox, a_page, has_run, no_error, running_dashboard
from tests.browser.driving import open_page
from tests.services.ledger.samples import begin

pytestmark = pytest.mark.browser

DESK: ViewportSize = {"width": 1440, "height": 900}
BEGINS_AT_MOST = 260
ROWS_IN_VIEW = 12
ROW_HEIGHT = 33
CONTROLS_AT_MOST = 20

# What can be pressed or filled in outside the menu; of what contains another, the inner is no more.
# A choice among options side by side is one.
MEASURE = """() => {
    const isSeen = (node) => {
        const {width, height, top, bottom} = node.getBoundingClientRect();
        return width > 1 && height > 1 && bottom > 0 && top < innerHeight;
    };
    const main = document.querySelector('[data-testid="stMain"]');
    const all = (names) => [...main.querySelectorAll(names)].filter(isSeen);
    const places = (names) => all(names).map((node) => node.getBoundingClientRect());
    const drawn = places('[data-testid="stDataFrame"], [data-testid="stPlotlyChart"]');
    const [chart] = places('[data-testid="stPlotlyChart"]');
    const [table] = all('[data-testid="stDataFrame"]')
        .map((node) => node.getBoundingClientRect())
        .sort((one, other) => one.left - other.left || one.top - other.top);
    const own = all('button, a[href], input, textarea, [role="radiogroup"]').filter((node) =>
        !node.closest('[data-testid="stDataFrame"], [data-testid="stElementToolbar"]')
        && !node.closest('.modebar, [data-testid="stTooltipIcon"]')
        && !node.parentElement.closest('[role="radiogroup"]'));
    const fields = own.map((node) => node.closest('[data-baseweb="select"]') ?? node);
    const grid = main.querySelector('[data-testid="stDataFrame"] [role="grid"]');
    return {
        begins: Math.min(...drawn.map(({top}) => Math.round(top))),
        asks: Math.min(...fields.map((node) => Math.round(node.getBoundingClientRect().top))),
        chart: chart && [Math.min(chart.bottom, innerHeight) - chart.top, chart.height],
        rows: table ? Math.floor((Math.min(table.bottom, innerHeight) - table.top) / 33) - 1 : 0,
        of: grid ? Number(grid.getAttribute('aria-rowcount')) - 1 : 0,
        controls: new Set(fields).size,
        grey: own.filter((node) => node.disabled).map((node) => node.innerText),
    };
}"""

SCREENS = {
    "": "Overview",
    "deliveries": "Deliveries",
    "data_versions": "Data versions",
    "uploads": "Uploads",
    "jobs": "Jobs",
    "jobs?job_view=tree": "Jobs",
    "jobs?job_view=stages": "Jobs",
    "jobs?job_view=failures": "Jobs",
    "connectors?con_tenants=WFF_j1r~e1a": "Connectors",
    "credentials?cred_tenants=WFF_j1r~e1a": "Credentials",
    "tenant": "Tenant",
    "tenant?code=WFF_j1r~d8z": "Tenant",
    f"recovery?rec_by=delivery&rec_delivery=receiving:{BAD_BATCH}": "Recovery",
}
# A form lists nothing: what is measured instead is where it begins to ask.
FORM_SCREENS = {
    **{f"start_jobs?start_kind={verb}": "Start jobs" for verb in FORMS},
    "recovery": "Recovery",
    "sign_in": "Connect to your tenant",
}


def measured(page: Page) -> dict[str, Any]:
    has_run(page)
    # The page is drawn anew once names were read: for a moment a table has no rows.
    drawn = page.wait_for_function(
        f"() => {{ const found = ({MEASURE})(); return found.of && found; }}"
    )
    found: dict[str, Any] = drawn.json_value()
    return found


def opened(page: Page, address: str, title: str) -> dict[str, Any]:
    """Measure a screen that has no table."""
    page.set_viewport_size(DESK)
    page.goto(address)
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    no_error(page)
    found: dict[str, Any] = page.evaluate(MEASURE)
    return found


def is_calm(found: dict[str, Any]) -> None:
    """Assert that little stands around, and nothing that cannot be pressed."""
    assert found["grey"] == []
    assert 0 < found["controls"] <= CONTROLS_AT_MOST


@pytest.fixture(scope="module")
def many_tenants(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Page, str]]:
    with (
        running_dashboard(tmp_path_factory.mktemp("many"), tenants=5_000) as url,
        a_page(browser) as page,
    ):
        yield page, url


@pytest.mark.parametrize(
    "path", [next(iter(SCREENS)), *(pytest.param(path, marks=pytest.mark.slow) for path in SCREENS)]
)
def test_the_first_screen_is_the_table_and_not_what_stands_around_it(
    page: Page, dashboard_url: str, path: str
) -> None:
    shows_its_table(page, dashboard_url, path)


# A sandbox of 5,000 tenants takes seconds to start and more to be read.
@pytest.mark.slow
@pytest.mark.parametrize("path", SCREENS)
def test_so_it_is_with_many_tenants(many_tenants: tuple[Page, str], path: str) -> None:
    shows_its_table(*many_tenants, path)


def shows_its_table(page: Page, url: str, path: str) -> None:
    page.set_viewport_size(DESK)
    open_page(page, f"{url}/{path}", SCREENS[path])
    page.get_by_test_id("glide-cell-1-0").first.wait_for(state="attached")
    found = measured(page)
    assert found["begins"] <= BEGINS_AT_MOST
    assert found["rows"] >= min(ROWS_IN_VIEW, found["of"]) > 0
    is_calm(found)


# Charts differ with what there is to draw: at 5,000 tenants it is a density.
@pytest.mark.slow
@pytest.mark.parametrize("within", ["24h", "7d"])
def test_a_time_line_fills_the_screen(page: Page, dashboard_url: str, within: str) -> None:
    found = opened(page, f"{dashboard_url}/jobs?job_view=timeline&job_window={within}", "Jobs")
    in_view, height = found["chart"]
    assert found["begins"] <= BEGINS_AT_MOST
    assert in_view >= min(ROWS_IN_VIEW * ROW_HEIGHT, height) > 0
    is_calm(found)


@pytest.mark.first_is_quick
@pytest.mark.parametrize("path", FORM_SCREENS)
def test_a_form_asks_at_once(page: Page, dashboard_url: str, path: str) -> None:
    found = opened(page, f"{dashboard_url}/{path}", FORM_SCREENS[path])
    assert found["asks"] <= BEGINS_AT_MOST
    is_calm(found)


def test_so_does_activity_with_what_was_done(page: Page, workbench: OnSandbox) -> None:
    # Who opens a page first makes the ledger.
    opened(page, f"{workbench.url}/activity", "Activity")
    actor = Actor(USERNAME, "", host_of(workbench.sandbox.url))
    with closing(Ledger(f"sqlite:///{workbench.folder / 'ledger.sqlite3'}")) as ledger:
        for _ in range(ROWS_IN_VIEW):
            done = begin(ledger, actor=actor, identity="somebody", verb=Verb.CANCEL_JOBS)
            ledger.set_state(done, State.FINISHED)
    open_page(page, f"{workbench.url}/activity", "Activity")
    found = measured(page)
    assert found["begins"] <= BEGINS_AT_MOST
    assert found["rows"] >= ROWS_IN_VIEW
    is_calm(found)
