"""Where links lead, seen in the address and on the page, whatever screen they stand on."""

import re
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.shell.tour import BAD_DELIVERY
from tests.browser.conftest import no_error
from tests.browser.driving import (
    account,
    add_filter,
    choose,
    open_page,
    place_of,
    place_of_table,
    rows_shown,
)

pytestmark = pytest.mark.browser

ZONE = "Asia/Tokyo"
FIRST_ROW = 50  # pixels below the top of a table


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.slow
def test_a_link_to_the_screen_it_stands_on_sets_address_and_filters_until_back_undoes_it(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/data_versions?tz={ZONE}&dv_tenant=WFF", "Data versions")
    every = rows_shown(page)
    page.get_by_role("button", name="Guided tour").click()
    tour = page.get_by_role("dialog")
    tour.get_by_role("link", name="Overdue tenants").click()
    expect(tour).to_have_count(0)
    no_error(page)
    assert asked(page) == {"tz": [ZONE], "dv_state": ["overdue"]}
    overdue = rows_shown(page)
    assert 0 < overdue < every

    # It stays so when the page is drawn again.
    page.locator(".st-key-dv_tenant input").fill("WFF_j1r~no such tenant")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No tenant matches the filter")).to_be_visible()
    assert asked(page)["dv_state"] == ["overdue"]
    expect(tour).to_have_count(0)

    page.go_back()
    expect(tour).to_be_visible()
    assert asked(page) == {"tz": [ZONE], "dv_tenant": ["WFF"], "tour": ["true"]}


@pytest.mark.slow
def test_the_menu_leads_to_the_screen_one_is_on_without_its_filters(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/data_versions?dv_state=Overdue&tz={ZONE}", "Data versions")
    overdue = rows_shown(page)
    page.get_by_role("link", name="Data versions", exact=True).click()
    expect(page.get_by_role("radio", name=re.compile("^All "))).to_be_checked()
    no_error(page)
    assert asked(page) == {"tz": [ZONE]}
    assert rows_shown(page) > overdue


@pytest.mark.parametrize(
    ("address", "key", "choices"),
    [
        ("deliveries", "del_show", ("Unusual", "Excluded")),
        pytest.param(
            "jobs?job_live=false", "job_view", ("Tree", "Failures"), marks=pytest.mark.slow
        ),
    ],
)
def test_back_and_forward_follow_a_choice_side_by_side(
    page: Page, dashboard_url: str, address: str, key: str, choices: tuple[str, str]
) -> None:
    page.goto(f"{dashboard_url}/{address}")
    no_error(page)
    for word in choices:
        choose(page, key, word)
        expect(page).to_have_url(re.compile(f"{key}={word.lower()}"))
    page.go_back()
    expect(page.get_by_role("radio", name=choices[0])).to_be_checked()
    assert asked(page)[key] == [choices[0].lower()]
    page.go_back()
    expect(page.get_by_role("radio", name=choices[0])).not_to_be_checked()
    assert key not in asked(page)
    page.go_forward()
    expect(page.get_by_role("radio", name=choices[0])).to_be_checked()


def test_back_and_forward_follow_a_filter_that_names_tokens(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/jobs?job_live=false", "Jobs")
    for choice in ("Failed", "Running"):
        with add_filter(page):
            page.locator(".st-key-job_state input").click()
            page.get_by_role("option", name=choice, exact=True).click()
            expect(page).to_have_url(re.compile(f"job_state={choice.lower()}"))
            page.keyboard.press("Escape")
        # The address is changed before the script runs.
        expect(page.locator(".st-key-job_state-chip")).to_contain_text(choice)
    both = rows_shown(page)
    page.go_back()
    expect(page).not_to_have_url(re.compile("job_state=running"))
    expect(page.locator(".st-key-job_state-chip")).to_contain_text("State: Failed")
    no_error(page)
    assert asked(page)["job_state"] == ["failed"]
    assert 0 < rows_shown(page) < both
    page.go_back()
    expect(page.locator(".st-key-job_state-chip")).to_have_count(0)
    assert "job_state" not in asked(page)
    assert rows_shown(page) > both
    page.go_forward()
    expect(page.locator(".st-key-job_state-chip")).to_contain_text("State: Failed")
    assert asked(page)["job_state"] == ["failed"]


@pytest.mark.slow
@pytest.mark.parametrize("modifier", [None, "Control"])
def test_links_open_in_a_new_tab_too(
    page: Page, dashboard_url: str, modifier: Literal["Control"] | None
) -> None:
    open_page(page, f"{dashboard_url}/jobs?job_live=false", "Jobs")
    for title, path in (("Overview", "/"), ("Uploads", "/uploads")):
        with page.context.expect_page() as opened:
            link = page.get_by_role("link", name=title, exact=True)
            if modifier:
                link.click(modifiers=[modifier])
            else:
                link.click(button="middle")
        expect(opened.value.get_by_role("heading", name=title, exact=True)).to_be_visible()
        assert urlsplit(opened.value.url).path == path
        opened.value.close()
    assert urlsplit(page.url).path == "/jobs"


def test_one_back_undoes_what_one_click_leads_to(page: Page, dashboard_url: str) -> None:
    page.goto(f"{dashboard_url}/activity")
    expect(page.get_by_role("heading", name="Activity", exact=True)).to_be_visible()
    page.get_by_role("link", name="Overview", exact=True).click()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    place = place_of_table(page)
    page.mouse.click(place["x"] + 20, place["y"] + FIRST_ROW)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_have_count(0)
    # The heading goes before the address has its path.
    expect(page).to_have_url(re.compile(r"/[a-z_]+\?"))
    found = page.url
    page.go_back()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    assert not asked(page)
    page.go_forward()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_have_count(0)
    no_error(page)
    assert page.url == found
    for title in ("Overview", "Activity"):
        page.go_back()
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


@pytest.mark.slow
def test_back_passes_a_screen_that_writes_into_its_address_in_one_step(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/uploads?tz={ZONE}", "Uploads")
    for title in ("Connectors", "Activity"):
        page.get_by_role("link", name=title, exact=True).click()
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("con_tenants|activity"))
        assert asked(page)["tz"] == [ZONE]
    for title in ("Connectors", "Uploads"):
        page.go_back()
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        no_error(page)
        assert asked(page)["tz"] == [ZONE]


@pytest.mark.slow
def test_a_chosen_time_zone_stays_once_over_buttons_and_links(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/uploads?up_state=Excluded&tz={ZONE}", "Uploads")
    page.locator(".st-key-uploads-select_all button").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name=re.compile("^Connectors of")).click()
    expect(page.get_by_role("heading", name="Connectors", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("tz="))
    assert asked(page)["tz"] == [ZONE]
    page.get_by_role("link", name="Data versions", exact=True).click()
    expect(page.get_by_role("heading", name="Data versions", exact=True)).to_be_visible()
    with account(page):
        expect(page.get_by_role("combobox", name="Time zone")).to_have_value(ZONE)
    assert asked(page) == {"tz": [ZONE]}


@pytest.mark.slow
def test_the_window_of_a_link_is_the_same_one_wherever_it_is_opened(
    browser: Browser, page: Page, dashboard_url: str
) -> None:
    berlin = browser.new_context(timezone_id="Europe/Berlin").new_page()
    open_page(berlin, f"{dashboard_url}/uploads?up_window=Everything", "Uploads")
    with add_filter(berlin):
        box = berlin.locator(".st-key-up_from input").first
        box.fill("2026-11-20 02:00")
        box.press("Enter")
        expect(berlin).to_have_url(re.compile("up_from=2026-11-20T02"))
    expect(berlin).to_have_url(re.compile("tz=Europe%2FBerlin"))
    no_error(berlin)
    address, shown = berlin.url, rows_shown(berlin)
    berlin.context.close()
    open_page(page, address, "Uploads")
    assert rows_shown(page) == shown
    with account(page):
        expect(page.get_by_role("combobox", name="Time zone")).to_have_value("Europe/Berlin")


@pytest.mark.slow
def test_a_long_pasted_list_is_in_no_address(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/uploads?up_window=Everything", "Uploads")
    listed = " ".join(f"WFF_j1r~n0t{number:05}" for number in range(600))
    field = page.locator(".st-key-up_tenant input")
    field.fill(f"WFF_j1r~i1o {listed}")
    field.press("Enter")
    expect(field).to_have_value(re.compile("^601 tenants WFF_j1r~"))
    no_error(page)
    expect(page.get_by_text(re.compile(r"^5 of [\d,]+ uploads"))).to_be_visible()
    expect(page).to_have_url(re.compile("601(%20|[+])tenants"))
    assert len(page.url) < 1_000
    page.get_by_role("button", name="Select all 5 matching").click()
    page.locator(".st-key-up-exclude button").click()
    expect(page.get_by_text(re.compile("Filter: .*tenant 601 tenants WFF_j1r~"))).to_be_visible()

    page.reload()
    expect(page.get_by_text("Paste it again")).to_be_visible()
    expect(page.get_by_text("No upload matches the filter")).to_be_visible()
    page.go_back()
    no_error(page)
    assert len(page.url) < 1_000


@pytest.mark.slow
def test_the_jobs_of_a_kind_of_failure_have_an_address(page: Page, dashboard_url: str) -> None:
    open_page(page, f"{dashboard_url}/jobs?job_live=false&job_view=Failures", "Jobs")
    place = place_of_table(page)
    page.mouse.click(place["x"] + 15, place["y"] + FIRST_ROW)
    page.locator(".st-key-jobs-failures-show").get_by_role("button").click()
    expect(page.locator(".st-key-job_failure-chip")).to_be_visible()
    expect(page).to_have_url(re.compile("job_failure="))
    count = rows_shown(page)
    page.reload()
    expect(page.locator(".st-key-job_failure-chip")).to_be_visible()
    assert rows_shown(page) == count


@pytest.mark.slow
def test_zooming_into_many_jobs_sets_the_times_and_keeps_the_view(
    page: Page, dashboard_url: str
) -> None:
    address = f"{dashboard_url}/jobs?job_live=false&job_view=Timeline&job_window=7+days"
    page.goto(address)
    picture = page.locator(".st-key-jobs-density .nsewdrag").first
    no_error(page)
    place = place_of(picture)
    # The newest column: jobs have started there.
    page.mouse.click(place["x"] + place["width"] - 5, place["y"] + place["height"] / 2)
    expect(page.get_by_role("group", name="Started from")).to_be_visible()
    no_error(page)
    expect(page).to_have_url(re.compile("job_from=.*job_to="))
    assert asked(page)["job_view"] == ["Timeline"]
    page.go_back()
    expect(page.get_by_role("combobox", name="Started within")).to_have_value("7 days")
    assert asked(page)["job_window"] == ["7 days"]


@pytest.mark.slow
def test_back_to_the_overview_finds_it_paused_as_it_was_left(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/?ov_live=false", "Overview")
    page.get_by_role("link", name="Jobs", exact=True).click()
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    expect(page.get_by_role("switch", name="Live")).to_be_checked()
    page.go_back()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    no_error(page)
    expect(page.get_by_role("switch", name="Live")).not_to_be_checked()
    assert asked(page) == {"ov_live": ["false"]}


@pytest.mark.slow
@pytest.mark.parametrize("leaving_none", ["job_id=no-such-job", "job_window=between"])
def test_view_and_filters_stay_in_the_address_where_no_job_is_shown(
    page: Page, dashboard_url: str, leaving_none: str
) -> None:
    page.goto(f"{dashboard_url}/jobs?job_live=false&job_view=tree&job_state=failed&{leaving_none}")
    # Whatever is done there writes the address anew.
    page.locator(".st-key-job_tenant input").fill("WFF")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("job_tenant=WFF"))
    no_error(page)
    page.reload()
    expect(page.get_by_role("radio", name="Tree")).to_be_checked()
    no_error(page)
    name, _, value = leaving_none.partition("=")
    kept = {name: [value], "job_view": ["tree"], "job_state": ["failed"], "job_tenant": ["WFF"]}
    assert asked(page).items() >= kept.items()


@pytest.mark.slow
def test_back_to_credentials_brings_the_tenants_that_were_looked_at_there(
    page: Page, dashboard_url: str
) -> None:
    (before, after) = ("WFF_j1r~v6g", "WFF_j1r~s3w")
    open_page(page, f"{dashboard_url}/credentials?cred_tenants={before}", "Credentials")
    page.get_by_role("link", name="Uploads", exact=True).click()
    page.locator(".st-key-up_tenant input").fill(after)
    page.keyboard.press("Enter")
    page.locator(".st-key-uploads-select_all button").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name=re.compile("^Connectors of")).click()
    expect(page).to_have_url(re.compile("con_tenants=" + after))
    for title in ("Uploads", "Credentials"):
        page.go_back()
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        no_error(page)
    assert asked(page) == {"cred_tenants": [before]}
    expect(page.get_by_test_id("glide-cell-2-0").first).to_have_text(before)


@pytest.mark.slow
def test_tenants_to_process_again_outlast_a_reload_until_others_are_chosen(
    page: Page, dashboard_url: str
) -> None:
    open_page(page, f"{dashboard_url}/jobs?job_live=false&job_view=Failures", "Jobs")
    place = place_of_table(page)
    page.mouse.click(place["x"] + 15, place["y"] + FIRST_ROW)
    page.get_by_role("button", name=re.compile("^Reprocess .*…")).click()
    field = page.get_by_label("Tenants", exact=True).and_(page.locator("textarea"))
    expect(field).to_have_value(re.compile("WFF_"))
    handed = field.input_value()
    page.reload()
    expect(field).to_have_value(handed)
    no_error(page)
    assert asked(page)["start_tenants"] == handed.split()
    (first, *_) = handed.split()
    field.fill(first)
    field.press("Control+Enter")
    expect(page.get_by_text("1 tenant named, all listed.")).to_be_visible()
    expect(page).not_to_have_url(re.compile("start_tenants"))
    expect(field).to_have_value(first)


@pytest.mark.slow
def test_a_recovery_opens_at_its_checkpoint_again_and_leads_to_all_of_them(
    page: Page, dashboard_url: str
) -> None:
    page.goto(f"{dashboard_url}/recovery?rec_job={BAD_DELIVERY}&tz={ZONE}")
    page.get_by_role("button", name="Begin the recovery of 40 tenants").click()
    plan = page.get_by_role("radio", name="3 Plan")
    expect(plan).to_be_checked()
    page.get_by_role("link", name="Activity", exact=True).click()
    expect(page.get_by_role("heading", name="Activity", exact=True)).to_be_visible()
    page.go_back()
    expect(plan).to_be_checked()
    assert "rec_stage" not in asked(page)
    hit = page.get_by_role("radio", name="2 Impact")
    hit.click()
    expect(page).to_have_url(re.compile("rec_stage=hit"))
    page.reload()
    expect(hit).to_be_checked()
    no_error(page)
    page.go_back()
    expect(plan).to_be_checked()
    page.go_forward()
    expect(hit).to_be_checked()
    plan.click()
    expect(page).to_have_url(re.compile("rec_stage=plan"))
    no_error(page)
    page.go_back()
    expect(hit).to_be_checked()
    page.get_by_role("button", name="All recoveries").click()
    expect(page.get_by_role("heading", name="Recoveries so far")).to_be_visible()
    no_error(page)
    assert asked(page) == {"tz": [ZONE]}
