"""Where a table begins, how much of it is in view and how much stands around it."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import has_run
from tests.browser.driving import open_page

pytestmark = pytest.mark.browser

BEGINS_AT_MOST = 260
ROWS_IN_VIEW = 12
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
    const drawn = all('[data-testid="stDataFrame"], [data-testid="stPlotlyChart"]')
        .map((node) => node.getBoundingClientRect());
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
}


def measured(page: Page) -> dict[str, Any]:
    has_run(page)
    # The page is drawn anew once names were read: for a moment a table has no rows.
    drawn = page.wait_for_function(
        f"() => {{ const found = ({MEASURE})(); return found.of && found; }}"
    )
    found: dict[str, Any] = drawn.json_value()
    return found


@pytest.mark.parametrize(
    "path", [next(iter(SCREENS)), *(pytest.param(path, marks=pytest.mark.slow) for path in SCREENS)]
)
def test_the_first_screen_is_the_table_and_not_what_stands_around_it(
    page: Page, dashboard_url: str, path: str
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, f"{dashboard_url}/{path}", SCREENS[path])
    page.get_by_test_id("glide-cell-1-0").first.wait_for(state="attached")
    found = measured(page)
    assert found["begins"] <= BEGINS_AT_MOST
    assert found["rows"] >= min(ROWS_IN_VIEW, found["of"]) > 0
    assert found["controls"] <= CONTROLS_AT_MOST
    assert found["grey"] == []
