"""Two tabs at two connections, and going from one to the other in one tab."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import axe
from tests.browser.conftest import a_page, no_error, running_dashboard
from tests.browser.driving import open_page, rows_shown
from tests.sandboxes import Sandbox, running_sandbox

pytestmark = pytest.mark.browser

HERE, THERE = "emea", "amer"
ONLY_HERE = "WFF_j1r~b"


@pytest.fixture(scope="module")
def two_at_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard with two connections, of 60 and of 6 tenants."""
    folder = tmp_path_factory.mktemp("connections")
    with running_sandbox(tenants=60) as here, running_sandbox(tenants=6) as there:
        settings = {
            f"DASHBOARD_CONNECTIONS__{name}__{field}".upper(): value
            for name, sandbox, kind in ((HERE, here, "production"), (THERE, there, "test"))
            for field, value in configured(sandbox, kind).items()
        }
        # Of another tenant there: each person signs in.
        of_a_tenant = {"host": there.url, "target_tenant_id": "WFF_j1r~e1a"}
        for field, value in of_a_tenant.items():
            settings[f"DASHBOARD_CONNECTIONS__BY_HAND__{field}".upper()] = value
        with running_dashboard(folder, environment=settings) as url:
            yield url


def configured(sandbox: Sandbox, kind: str) -> dict[str, str]:
    return {
        "host": sandbox.url,
        "apikey": sandbox.api_key,
        "username": sandbox.username,
        "password": sandbox.password,
        "kind": kind,
    }


def switch(page: Page) -> Locator:
    return page.locator(".st-key-over-connections")


def go_to(page: Page, name: str) -> None:
    switch(page).locator("summary").click()
    switch(page).get_by_role("link", name=name).click()
    is_at(page, name)


def is_at(page: Page, name: str) -> None:
    expect(switch(page).locator("summary")).to_contain_text(name)
    expect(page).to_have_url(re.compile(f"[?&]connection={name}(&|$)"))
    no_error(page)


def test_two_tabs_are_at_two_connections_and_one_goes_from_one_to_the_other(
    two_at_once: str, browser: Browser
) -> None:
    with a_page(browser) as page:
        open_page(page, f"{two_at_once}/data_versions", "Data versions")
        is_at(page, HERE)
        expect(page).to_have_title(re.compile("^emea · production · "))
        of_all = rows_shown(page)
        search = page.locator(".st-key-dv_tenant input")
        search.fill(ONLY_HERE)
        search.press("Enter")
        expect(page.get_by_text(re.compile(rf"^\d of {of_all} ")).first).to_be_visible()
        expect(page).to_have_url(re.compile("dv_tenant="))
        switch(page).locator("summary").click()
        axe.clean(page)
        with page.context.expect_page() as opened:
            switch(page).get_by_role("link", name=THERE).click(modifiers=["Control"])
        other = opened.value
        expect(other.get_by_role("heading", name="Data versions", exact=True)).to_be_visible()
        is_at(other, THERE)
        assert rows_shown(other) < of_all
        # In the same tab the page stays, and nothing that stood in its fields.
        page.keyboard.press("Escape")
        go_to(page, THERE)
        expect(page.locator(".st-key-dv_tenant input")).to_have_value("")
        assert rows_shown(page) == rows_shown(other)
        page.reload()
        is_at(page, THERE)
        go_to(page, HERE)
        expect(page.locator(".st-key-dv_tenant input")).to_have_value("")
        assert rows_shown(page) == of_all
        is_at(other, THERE)
        page.go_back()
        is_at(page, THERE)


def test_from_a_screen_without_a_connection_each_is_reached(
    two_at_once: str, browser: Browser
) -> None:
    with a_page(browser) as page:
        page.goto(f"{two_at_once}/jobs?connection=emae")
        expect(page.get_by_role("heading", name="Connection not found")).to_be_visible()
        page.get_by_role("link", name="by_hand").click()
        expect(page.get_by_role("heading", name="Sign in to by_hand")).to_be_visible()
        axe.clean(page)
        page.get_by_role("link", name=THERE).click()
        is_at(page, THERE)
        expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
