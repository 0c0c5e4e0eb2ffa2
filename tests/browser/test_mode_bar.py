"""The toolbar of a chart covers no word, no legend and no mark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What can be seen of a button of a toolbar lies over none of these; a strip scrolls in itself.
COVERED = """() => [...document.querySelectorAll(".js-plotly-plot")].flatMap((plot) => {
    const frame = plot.closest("[data-testid=stVerticalBlock]").getBoundingClientRect();
    const bar = plot.querySelector(".modebar").getBoundingClientRect();
    const bottom = Math.min(bar.bottom, frame.bottom);
    const around = [...document.querySelectorAll("[data-testid=stMain] :is(h1, h2, h3, p, label)")];
    const inside = [...plot.querySelectorAll("text, .legend, .cbfill, .nsewdrag")];
    return [...around, ...inside].filter((node) => {
        const {left, right, top, bottom: end, width} = node.getBoundingClientRect();
        return width > 0 && left < bar.right - 1 && right > bar.left + 1
            && top < bottom - 1 && end > bar.top + 1;
    }).map((node) => node.textContent || node.getAttribute("class"));
})"""
FEW = "tenant=WFF_j1r~a..WFF_j1r~d"
CHARTS = {
    "ages by band": "data_versions",
    "versions of few": f"data_versions?dv_{FEW}",
    "uploads by band": "uploads",
    "uploads of few": f"uploads?up_{FEW}",
    "bars of jobs": f"jobs?job_view=timeline&job_live=false&job_{FEW}",
    "density of jobs": "jobs?job_view=timeline&job_live=false&job_window=7+days",
}


@pytest.mark.parametrize("width", [420, 1440])
@pytest.mark.parametrize("path", CHARTS.values(), ids=CHARTS)
def test_the_toolbar_of_a_chart_covers_nothing(
    page: Page, dashboard_url: str, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{dashboard_url}/{path}")
    expect(page.locator(".js-plotly-plot .modebar").first).to_be_attached()
    no_error(page)
    assert page.evaluate(COVERED) == []
