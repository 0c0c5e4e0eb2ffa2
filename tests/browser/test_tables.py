"""What a table does under the pointer: it stays where it is, and what is hidden comes back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error
from tests.browser.driving import export_csv, open_page, place_of_table

pytestmark = pytest.mark.browser

SOME = "WFF_j1r~c..WFF_j1r~d"
TENANTS = "&".join(f"con_tenants=WFF_j1r~{each}" for each in ("e1a", "i1o", "c2u", "d1z", "e3j"))
FIRST_ROW, ROW = 50, 33  # pixels below the top of a table, and from one row to the next


def settled(page: Page) -> float:
    """Return where the first table begins, once all is drawn."""
    no_error(page)
    expect(page.locator("[data-stale='true']")).to_have_count(0)
    place = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert place
    return place["y"]


@pytest.mark.parametrize(
    ("address", "title", "noun"),
    [
        pytest.param(
            f"connectors?con_check=true&{TENANTS}",
            "Connectors",
            "connector",
            marks=pytest.mark.slow,
        ),
        pytest.param("jobs?job_live=false", "Jobs", "job", marks=pytest.mark.slow),
        ("uploads", "Uploads", "upload"),
    ],
)
def test_a_tick_moves_no_table(
    page: Page, dashboard_url: str, address: str, title: str, noun: str
) -> None:
    open_page(page, f"{dashboard_url}/{address}", title)
    place = place_of_table(page)
    top = settled(page)
    for number in (1, 2):
        page.mouse.click(place["x"] + 16, place["y"] + FIRST_ROW + number * ROW)
        expect(page.get_by_text(re.compile(rf"^{number} {noun}s? selected"))).to_be_visible()
        assert settled(page) == top


def test_the_toolbar_of_a_table_leaves_what_stands_above_it_to_the_pointer(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/uploads?up_tenant={SOME}", "Uploads")
    place = place_of_table(page)
    # A toolbar is there while the pointer is in its table, or on the toolbar itself.
    page.mouse.click(place["x"] + 16, place["y"] + FIRST_ROW + ROW)
    page.get_by_role("button", name="Show only selected").click()
    expect(page.get_by_role("button", name="Show all rows")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^1 of [\d,]+ uploads$"))).to_be_visible()


@pytest.mark.slow
def test_a_draft_stands_at_the_foot_and_moves_no_table(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/uploads?up_tenant={SOME}", "Uploads")
    place = place_of_table(page)
    top = settled(page)
    page.mouse.click(place["x"] + 0.706 * place["width"], place["y"] + FIRST_ROW + ROW)
    expect(page.get_by_text("1 change, not sent yet")).to_be_visible()
    assert settled(page) == top
    page.get_by_role("button", name="Discard the draft").click()
    expect(page.get_by_text("1 change, not sent yet")).to_have_count(0)


def test_a_column_that_was_hidden_is_brought_back(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/uploads?up_tenant={SOME}", "Uploads")
    place = place_of_table(page)
    heads = page.locator("[data-testid='stDataFrame'] th")
    name = heads.filter(has_text=re.compile("^Code$"))
    expect(name).to_have_count(1)
    # The menu of a column stands at the right end of its head.
    page.mouse.move(place["x"] + 290, place["y"] + 16)
    page.mouse.click(place["x"] + 315, place["y"] + 16)
    page.get_by_text("Hide column").click()
    expect(name).to_have_count(0)
    page.mouse.move(place["x"] + 300, place["y"] + FIRST_ROW)
    page.get_by_role("button", name="Show/hide columns").click()
    menu = page.get_by_test_id("stDataFrameColumnVisibilityMenu")
    menu.get_by_text("Code", exact=True).click()
    expect(name).to_have_count(1)
    page.keyboard.press("Escape")
    # And the exports beside it can be pressed while the pointer is on the table.
    page.mouse.move(place["x"] + 300, place["y"] + FIRST_ROW)
    with page.expect_download():
        export_csv(page)


# All that is painted, as it is painted.
REMEMBER_TEXTS = """
  window.painted = new Set();
  const paint = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    painted.add(text);
    paint.call(this, text, ...rest);
  };
"""


def test_a_name_that_does_not_fit_its_column_ends_in_three_dots(
    page: Page, dashboard_url: str
) -> None:
    page.add_init_script(REMEMBER_TEXTS)
    open_page(page, f"{dashboard_url}/jobs?job_view=tree&job_live=false", "Jobs")
    page.get_by_role("button", name="Expand all").click()
    no_error(page)
    page.wait_for_function(
        "() => [...painted].some((text) => /^\\S.* · WFF.*…$|^\\s+\\S.*…$/.test(text))"
    )
    # One that fits is whole.
    assert any(str(text).strip() == "WFF_j1r" for text in page.evaluate("[...painted]"))
