"""What is read and reviewed on a phone: nothing lies beyond its edge, and the state is in view."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, OnSandbox, has_run
from tests.browser.driving import DISPATCHING_JOB, click_apply, place_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH, HEIGHT = 420, 900
# What reaches beyond the screen, and words cut off. Tables and charts scroll in themselves.
BEYOND = """() => {
    const isCut = (node) => getComputedStyle(node).textOverflow === "ellipsis"
        && node.scrollWidth > node.clientWidth + 1;
    const told = [...document.querySelectorAll(
        "[data-testid=stMain] *, [data-testid=stBottom] *, [role=dialog] *")]
        .filter((node) => !node.closest(
            "[data-testid=stDataFrame], .js-plotly-plot, [data-baseweb=select], pre"))
        .filter((node) => {
            const {width, height, left, right} = node.getBoundingClientRect();
            return width > 1 && height > 1
                && (left < -1 || right > innerWidth + 1 || (isCut(node) && node.innerText));
        });
    return told.map((node) => node.dataset.testid ?? node.innerText ?? node.tagName);
}"""
TOO_SMALL = """() => [...document.querySelectorAll(
        "[data-testid=stMain] :is(button, a[href], summary, label:has([role=switch]))")]
    .filter((node) => !node.closest(".modebar, [data-testid=stDataFrame], [data-baseweb=select]"))
    .filter((node) => {
        const {width, height} = node.getBoundingClientRect();
        return width > 1 && height > 1 && (width < 24 || height < 24);
    })
    .map((node) => node.ariaLabel || node.innerText)"""
JOB = f"jobs?job_window=7+days&job_live=false&job={DISPATCHING_JOB}"
SCREENS = ["?ov_live=false", "jobs?job_live=false", JOB, "activity", "deliveries", "data_versions"]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def opened(phone: Page, address: str) -> None:
    phone.goto(address)
    expect(phone.get_by_role("heading", level=1)).to_be_attached()
    has_run(phone)


def columns_in_view(phone: Page) -> list[str]:
    """Return the titles of the columns of the first table that are in view, at least partly."""
    phone.get_by_test_id("glide-cell-1-0").first.wait_for(state="attached")
    table = phone.get_by_test_id("stDataFrame").first
    return table.locator("[role=columnheader]").all_text_contents()


@pytest.mark.parametrize("path", SCREENS)
def test_nothing_lies_beyond_the_edge_or_is_too_small_for_a_finger(
    phone: Page, dashboard_url: str, path: str
) -> None:
    opened(phone, f"{dashboard_url}/{path}")
    if path == JOB:
        expect(phone.get_by_role("dialog").get_by_text(DISPATCHING_JOB).first).to_be_visible()
        assert place_of(phone.get_by_role("dialog"))["width"] == WIDTH
    assert phone.evaluate("document.documentElement.scrollWidth") == WIDTH
    assert phone.evaluate(BEYOND) == []
    assert phone.evaluate(TOO_SMALL) == []


# What stands after the state is in view, so the state is as a whole.
@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("jobs?job_live=false", ["State", "Tenant"]),
        ("jobs?job_view=tree&job_live=false", ["Expand", "State", "Job"]),
        ("?ov_live=false", ["Tenant", "Code", "Problem"]),
    ],
)
def test_the_state_is_read_without_moving_the_table(
    phone: Page, dashboard_url: str, path: str, first: list[str]
) -> None:
    opened(phone, f"{dashboard_url}/{path}")
    assert columns_in_view(phone)[: len(first)] == first


def test_the_filters_unfold_over_the_page(phone: Page, dashboard_url: str) -> None:
    opened(phone, f"{dashboard_url}/jobs?job_live=false&job_type=processing")
    # What is filtered by is read at once, and what else can be filtered once it is asked for.
    expect(phone.get_by_role("button", name="Type: Processing")).to_be_visible()
    for folded in (phone.locator(".st-key-over-filters"), phone.locator(".st-key-jobs-status")):
        expect(folded).not_to_be_visible()
    phone.get_by_text("Filters", exact=True).tap()
    expect(phone.locator(".st-key-jobs-status")).to_be_visible()
    phone.locator(".st-key-over-filters summary").tap()
    unfolded = place_of(phone.locator(".st-key-over-filters [data-testid=stExpanderDetails]"))
    assert unfolded["x"] >= 0
    assert unfolded["x"] + unfolded["width"] <= WIDTH
    assert phone.evaluate(BEYOND) == []


def test_a_plan_is_reviewed_and_applied_and_its_result_read(
    phone: Page, workbench: OnSandbox
) -> None:
    opened(phone, f"{workbench.url}/uploads?up_tenant=WFF_j1r~a..WFF_j1r~b")
    # The test before may have read what was there before the sandbox began anew.
    phone.get_by_role("button", name="Refresh").tap()
    has_run(phone)
    phone.get_by_role("button", name=re.compile("^Select all ")).first.tap()
    selection = place_of(phone.locator(".st-key-selection"))
    assert selection["height"] <= HEIGHT * 0.4
    phone.locator(".st-key-up-exclude button").tap()
    summary = phone.get_by_text(re.compile(r"^\d+ items? will change"))
    expect(summary).to_be_visible()
    has_run(phone)
    drawer = phone.locator(".st-key-drawer").bounding_box()
    assert drawer
    assert (drawer["x"], drawer["width"]) == (0, WIDTH)
    for shown in (summary, phone.locator("[class*='st-key-uploads-apply-'] button")):
        box = shown.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= HEIGHT
    assert phone.evaluate(BEYOND) == []
    count = int(summary.inner_text().split()[0])
    click_apply(phone, "uploads", count)
    result = phone.locator(".st-key-drawer").get_by_text(f"✓ {count} Succeeded", exact=True)
    expect(result).to_be_visible()
    assert phone.evaluate(BEYOND) == []
    opened(phone, f"{workbench.url}/activity")
    assert columns_in_view(phone)[:3] == ["What", "State", "Outcome"]


def test_the_menu_lies_over_the_page_and_folds_once_it_has_led_elsewhere(
    phone: Page, dashboard_url: str
) -> None:
    opened(phone, f"{dashboard_url}/activity")
    menu = phone.get_by_test_id("stSidebar")
    unfold = phone.get_by_test_id("stExpandSidebarButton")
    expect(menu).to_have_attribute("data-collapsed", "true")
    unfold.tap()
    menu.get_by_role("link", name="Deliveries", exact=True).tap()
    expect(phone.get_by_role("heading", name="Deliveries", exact=True)).to_be_visible()
    expect(menu).to_have_attribute("data-collapsed", "true")
    has_run(phone)
    unfold.tap()
    expect(menu).to_have_attribute("data-collapsed", "false")
    phone.touchscreen.tap(WIDTH - 5, HEIGHT - 5)
    expect(menu).to_have_attribute("data-collapsed", "true")
    unfold.tap()
    expect(menu).to_have_attribute("data-collapsed", "false")
    phone.reload()
    expect(phone.get_by_role("heading", name="Deliveries", exact=True)).to_be_visible()
    expect(menu).to_have_attribute("data-collapsed", "true")
