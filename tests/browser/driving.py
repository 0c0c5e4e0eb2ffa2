"""What a person does in a browser, whichever screen it is for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import tenacity
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.conftest import has_run, no_error

PAGES = {
    "": "Overview",
    "deliveries": "Deliveries",
    "data_versions": "Data versions",
    "uploads": "Uploads",
    "tenant": "Tenant",
    "jobs": "Jobs",
    "connectors": "Connectors",
    "credentials": "Credentials",
}
# Pixels from the left edge of a table of jobs to its open-buttons, on a desk: the state, and the
# name and the code of the tenant, come before.
OPEN_IN_JOBS = 543
DISPATCHING_JOB = "40bfd838-ad5f-40d9-9000-65c75bcf5f8b"


def open_page(page: Page, address: str, title: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    no_error(page)


def visit(page: Page, title: str) -> None:
    """Go to another page by the menu, in the same tab."""
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    no_error(page)


def choose(page: Page, key: str, words: str) -> None:
    """Choose one of a row of choices, which stand side by side."""
    option = re.compile(rf"^{words}( [\d,]+)?$")
    page.locator(f".st-key-{key}").get_by_text(option).click()
    expect(page.get_by_role("radio", name=option)).to_be_checked()


@contextmanager
def add_filter(page: Page) -> Iterator[None]:
    """Open *Add filter*, where the filters are that few ask for."""
    place = page.locator(".st-key-over-filters")
    place.locator("summary").click()
    expect(place.get_by_test_id("stExpanderDetails")).to_be_visible()
    yield
    # Beside it.
    page.get_by_role("heading", level=1).click()
    expect(place.get_by_test_id("stExpanderDetails")).not_to_be_visible()


def show_whole_chart(page: Page) -> None:
    """Open the chart above a table to its full height."""
    page.get_by_text("Full chart", exact=True).click()
    no_error(page)


def export_csv(page: Page) -> None:
    page.get_by_role("button", name="Export").first.click()
    page.get_by_role("button", name="CSV", exact=True).click()


def is_connected(page: Page, *, yes: bool = True) -> None:
    app = page.get_by_test_id("stApp")
    connected = re.compile("^CONNECTED$")
    if yes:
        expect(app).to_have_attribute("data-test-connection-state", connected)
    else:
        expect(app).not_to_have_attribute("data-test-connection-state", connected)


def open_plain_page(page: Page, url: str) -> Page:
    """Open the page of tests/browser/scripts that has one thing of each kind, and its script."""
    page.goto(url)
    has_run(page)
    page.evaluate("import(new URL('browser.js', location)).then(() => {})")
    return page


def middle_of(page: Page, name: str) -> tuple[float, float]:
    """Return the middle of a button: a mouse that goes there waits for nothing."""
    box = place_of(page.get_by_role("button", name=name, exact=True))
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@tenacity.retry(
    # A page that is drawn anew meanwhile has another in its place.
    retry=tenacity.retry_if_exception_message(match="(?s).*is not attached to the DOM"),
    stop=tenacity.stop_after_attempt(10),
    reraise=True,
)
def place_of(shown: Locator) -> FloatRect:
    """Return where something stands, once it is in view and stands still."""
    expect(shown).to_be_visible()
    shown.scroll_into_view_if_needed()
    place = shown.bounding_box()
    assert place
    return place


def place_of_table(page: Page) -> FloatRect:
    """Return where the first table stands, once the page and the rows in it are drawn."""
    no_error(page)
    expect(page.get_by_test_id("glide-cell-1-0").first).to_be_attached()
    return place_of(page.get_by_test_id("stDataFrame").first)


def names_are_there(page: Page) -> None:
    """Wait until the names of tenants were read: the page is drawn anew with them."""
    expect(page.locator("th", has_text=re.compile("^Code$")).first).to_be_attached()
    no_error(page)


def select_all(page: Page) -> None:
    """Select all that matches, once the page is drawn."""
    # While Streamlit draws a page anew, what stood there before is there a moment longer.
    button = page.get_by_role("button", name=re.compile("^Select all "))
    expect(button).to_have_count(1)
    button.click()


def rows_shown(page: Page) -> int:
    """Return how many rows the table says it shows, once the script has run."""
    has_run(page)
    main = page.get_by_test_id("stMain")
    # The line of tonight counts too, in links.
    told = main.get_by_text(re.compile(r"^[\d,]+ of [\d,]+ ")).and_(page.locator(":not(a *)"))
    text = told.first.inner_text()
    return int(text.split()[0].replace(",", ""))


@contextmanager
def account(page: Page) -> Iterator[Locator]:
    """Open who is signed in, at the foot of the sidebar, for what is done or read there."""
    # Only what the page brings with it folds it again.
    has_run(page)
    card = page.locator(".st-key-connection-card")
    page.locator(".st-key-over-account summary").click()
    expect(card).to_be_visible()
    yield card
    page.keyboard.press("Escape")
    expect(card).not_to_be_visible()


def sandbox_of(page: Page) -> str:
    """Return the address of the sandbox the page is connected to."""
    brand = page.locator(".st-key-brand").inner_text()
    found = re.search(r"127\.0\.0\.1:\d+", brand)
    assert found
    return f"http://{found[0]}"


def number_in(page: Page, pattern: str) -> int:
    text = page.get_by_text(re.compile(pattern))
    expect(text.first).to_be_visible()
    return int(re.sub(r"\D", "", text.first.inner_text().split()[0]))


def click_apply(page: Page, name: str, count: int) -> None:
    if count > 25:
        typed = page.locator(f"[class*='st-key-{name}-typed'] input")
        typed.fill(str(count))
        typed.press("Enter")
    apply = page.locator(f"[class*='st-key-{name}-apply-'] button")
    expect(apply).to_be_enabled()
    apply.click()


def open_form(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name="Start jobs", exact=True)).to_be_visible()
    expect(page.get_by_text("What will start")).to_be_visible()
    no_error(page)


def start_processing_of_all(page: Page, url: str) -> None:
    open_form(page, f"{url}/start_jobs?start_kind=Process")
    page.get_by_role("radio", name="All tenants").click()
    typed = page.get_by_label("Type “all” to confirm")
    typed.fill("all")
    typed.press("Enter")
    page.get_by_role("button", name=re.compile("^Start processing jobs")).click()
    expect(page.get_by_text("It started")).to_be_visible()
