"""A team: signing in by OpenID Connect, acting by group, leaving, and the next one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_error, running_dashboard
from tests.browser.driving import (
    account,
    open_page,
    select_all,
)
from tests.browser.forgery import Forger
from tests.browser.policy import EXPECTED, listen
from tests.browser.provider import SECRETS, running_provider, sign_in, sign_out
from tests.sandboxes import Sandbox, running_sandbox

pytestmark = pytest.mark.browser

PEOPLE: dict[str, dict[str, object]] = {
    "ada": {"email": "ada@example.com", "groups": ["load-admins"]},
    "vic": {"email": "vic@example.com", "groups": ["viewers"]},
    "nog": {"email": "nog@example.com"},
}
BY_GROUP = """
[DASHBOARD_PERMISSIONS]
load-admins = ["*"]
load-operators = ["exclude_uploads", "include_uploads"]
"""
SERVICE = """
DASHBOARD_REQUIRE_OIDC = true
VISIER_HOST = "{url}"
VISIER_VANITY = "{vanity_name}"
VISIER_APIKEY = "{api_key}"
VISIER_USERNAME = "{username}"
VISIER_PASSWORD = "{password}"
"""
EXCLUDE = "exclude_data_uploads"
E1A, E1A_TEST = "WFF_j1r~e1a", "5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(tenants=20) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_provider(tmp_path_factory.mktemp("provider"), PEOPLE) as address:
        yield address


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, provider: str
) -> Iterator[str]:
    """A dashboard with one credential for everyone whom the provider vouches for."""
    service = SERVICE.format(
        url=sandbox.url,
        vanity_name=sandbox.vanity_name,
        api_key=sandbox.api_key,
        username=sandbox.username,
        password=sandbox.password,
    )
    secrets = service + SECRETS.format(provider=provider) + BY_GROUP
    with running_dashboard(tmp_path_factory.mktemp("shared"), secrets=secrets) as url:
        yield url


def plan_an_exclusion(page: Page, url: str) -> None:
    open_page(page, f"{url}/uploads?up_state=Included&up_window=Everything", "Uploads")
    select_all(page)
    expect(page.get_by_text(re.compile(r"^[1-9]\d* uploads? selected"))).to_be_visible()
    page.locator(".st-key-up-exclude button").click()
    expect(page.get_by_text(re.compile(r"^\d+ items? will change"))).to_be_visible()


def type_credentials(page: Page, sandbox: Sandbox) -> None:
    typed = {
        "API key": sandbox.api_key,
        "User name": sandbox.username,
        "Password": sandbox.password,
    }
    for label, value in typed.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_nobody_comes_in_without_the_provider(page: Page, shared: str, sandbox: Sandbox) -> None:
    sandbox.control.clear_requests()
    page.goto(f"{shared}/uploads")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    no_error(page)
    assert sandbox.control.requests() == []


@pytest.mark.slow
def test_who_may_acts_and_the_ledger_names_the_person(
    page: Page, shared: str, sandbox: Sandbox
) -> None:
    ear = listen(page)
    sign_in(page, shared, "ada")
    with account(page) as card:
        expect(card).to_contain_text("ada@example.com")
    assert set(ear.refused) <= {EXPECTED}
    plan_an_exclusion(page, shared)
    typed = page.locator("[class*='st-key-uploads-typed'] input")
    typed.fill(re.findall(r"\d+", page.get_by_text("will change").first.inner_text())[0])
    typed.press("Enter")
    page.locator("[class*='st-key-uploads-apply-'] button").click()
    expect(page.get_by_text(re.compile(r"^✓ \d+ Succeeded$"))).to_be_visible()
    # While Streamlit draws a page anew, what stood there before is there a moment longer.
    finished = page.get_by_text(re.compile(r"^Finished · ada@example\.com"))
    expect(finished.first).to_be_visible()
    no_error(page)
    assert len(sandbox.control.requests(EXCLUDE)) == 1


def test_a_forged_click_on_a_disabled_button_sends_nothing(
    page: Page, shared: str, sandbox: Sandbox
) -> None:
    sandbox.control.reset()
    forger = Forger(page)
    sign_in(page, shared, "vic")
    with account(page) as card:
        expect(card).to_contain_text("Your groups: viewers")
    plan_an_exclusion(page, shared)
    expect(page.locator("[class*='st-key-uploads-apply-'] button")).to_be_disabled()
    expect(page.get_by_text("Your groups do not permit “Exclude data uploads”.")).to_be_visible()

    forger.click(forger.key_of("uploads.apply."))
    forger.click("uploads.discard")

    expect(page.locator(".st-key-plan-panel")).to_have_count(0)
    no_error(page)
    assert sandbox.control.requests(EXCLUDE) == []


@pytest.mark.slow
def test_a_forged_click_changes_no_credential(page: Page, shared: str, sandbox: Sandbox) -> None:
    sandbox.control.reset()
    forger = Forger(page)
    sign_in(page, shared, "vic")
    with account(page) as card:
        expect(card).to_contain_text("Your groups: viewers")
    one = f"cred_tenants={E1A}&cred_open={E1A}+{E1A_TEST}"
    open_page(page, f"{shared}/credentials?{one}", "Credentials")
    page.get_by_text("Change details", exact=True).click()
    page.get_by_label("Display name", exact=True).fill("Another name")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text("Your groups do not permit “Change credential details”.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Change details", exact=True)).to_be_disabled()

    forger.click(f"credential.change.{E1A_TEST}.send.0")

    # The message names no credential, so the run that it causes shows none.
    expect(page.get_by_text("Select a row to see where a credential is used")).to_be_visible()
    no_error(page)
    assert sandbox.control.requests("update_connector_credential") == []


def test_after_one_has_left_the_next_in_the_same_browser_is_nobody_but_themselves(
    page: Page, shared: str
) -> None:
    sign_in(page, shared, "ada")
    with account(page) as card:
        expect(card).to_contain_text("ada@example.com")
    sign_out(page)
    page.goto(shared)
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    sign_in(page, shared, "nog")
    with account(page) as card:
        expect(card).to_contain_text("nog@example.com")
        expect(card).to_contain_text("the claim “groups” is missing")
        expect(card).not_to_contain_text("ada@example.com")
    no_error(page)


@pytest.mark.slow
def test_who_is_vouched_for_types_their_own_credentials_and_both_end_together(
    page: Page, sandbox: Sandbox, provider: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secrets = f'VISIER_HOST = "{sandbox.url}"\n' + SECRETS.format(provider=provider)
    with running_dashboard(tmp_path_factory.mktemp("own"), secrets=secrets) as url:
        sign_in(page, url, "vic")
        expect(page.get_by_text("Signed in as vic@example.com")).to_be_visible()
        type_credentials(page, sandbox)
        with account(page) as card:
            expect(card).to_contain_text("vic@example.com")
            expect(card).to_contain_text(f"As {sandbox.username}")
        sign_out(page)
        page.goto(url)
        expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
        page.goto("about:blank")


@pytest.mark.slow
def test_a_sign_in_that_expires_ends_by_itself_and_says_so(
    page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("expiring")
    with running_provider(folder, PEOPLE, seconds=12) as provider:
        secrets = SECRETS.format(provider=provider)
        with running_dashboard(
            folder, secrets=secrets, environment={"DASHBOARD_IDLE_MINUTES": "0.2"}
        ) as url:
            sign_in(page, url, "ada")
            expect(page.get_by_text("Your sign-in has expired. Sign in again.")).to_be_visible()
            expect(page.get_by_role("button", name=re.compile("^Sign in with "))).to_be_visible()
            page.goto("about:blank")


@pytest.mark.slow
def test_a_page_that_only_lives_is_signed_out(
    page: Page, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("idle")
    sandbox.control.clear_requests()
    secrets = f'VISIER_HOST = "{sandbox.url}"\nDASHBOARD_IDLE_MINUTES = 0.1\n'
    with running_dashboard(folder, secrets=secrets) as url:
        page.goto(f"{url}/jobs")
        type_credentials(page, sandbox)
        expect(page.get_by_text("Signed out after 0.1 minutes of inactivity.")).to_be_visible()
        expect(page.get_by_role("heading", name="Connect to your tenant")).to_be_visible()
        page.goto("about:blank")
    assert sandbox.control.requests("job_status")
