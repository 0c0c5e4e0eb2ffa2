"""The life of a credential as an administrator lives it, and what the browser is told of it."""

import io
import re

import pytest
from playwright.sync_api import Locator, Page, Request, WebSocket, expect

from tests.browser.conftest import OnSandbox, no_error
from tests.browser.driving import place_of, sandbox_of
from tests.samples import samples
from tests.sandboxes import Control

pytestmark = pytest.mark.browser

C7O, E1A = "WFF_j1r~c7o", "WFF_j1r~e1a"
TEST, E1A_TEST = "cc8a7ddd-80c7-4645-8369-acbeea8cdfe5", "5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb"
BOTH = f"cred_tenants={E1A}&cred_tenants={C7O}"
SAMPLE = samples()["create_connector_credential"].body
LABELS = {
    "hostDomainName": "Host domain name",
    "apiKey": "API key",
    "username": "User name",
    "password": "Password",
    "userAccessKey": "User access key",
}
POST, PUT, DELETE = (f"{verb}_connector_credential" for verb in ("create", "update", "delete"))
ASSIGN = "assign_connector_credential"


@pytest.fixture
def dashboard(workbench: OnSandbox) -> str:
    return workbench.url


def visit(page: Page, address: str, title: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def field(page: Page, label: str) -> Locator:
    return page.locator(f"input[aria-label='{label}'], textarea[aria-label='{label}']")


def fill(page: Page, label: str, text: str) -> None:
    field(page, label).fill(text)


def choose(page: Page, key: str, words: str) -> None:
    """Choose in a select box by what is typed into it."""
    page.locator(f".st-key-{key} input").first.click()
    page.keyboard.type(words)
    page.get_by_role("option").filter(has_text=words).first.click()


def create_as_in_the_sample(page: Page, dashboard: str) -> None:
    visit(page, f"{dashboard}/credentials?{BOTH}&cred_view=New+credential", "Credentials")
    about = SAMPLE["dataProviderBasicInformation"]
    fill(page, "Display name", about["displayName"])
    fill(page, "Description", about["description"])
    page.keyboard.press("Tab")
    for name, text in SAMPLE["dataProviderAuthParams"]["ultimateAuthParams"].items():
        fill(page, LABELS[name], text)
    send = page.get_by_role("button", name="Create in 2 tenants")
    expect(send).to_be_enabled()
    # Impatient hands send nothing twice.
    send.dblclick()
    expect(page.get_by_text("✓ 2 Succeeded", exact=True)).to_be_visible()


def apply(page: Page, name: str, verb: str, count: int) -> None:
    """Confirm the plan under review and wait for its good end."""
    button = page.locator(f"[class*='st-key-{name}-apply-'] button")
    expect(button).to_be_enabled()
    button.click()
    course = page.locator(".st-key-operation-panel")
    expect(course.get_by_role("heading", name=verb)).to_be_visible()
    expect(course.get_by_text(f"✓ {count} Succeeded", exact=True)).to_be_visible()


@pytest.mark.slow
def test_a_credential_is_created_assigned_seen_in_use_reassigned_and_deleted(
    page: Page, dashboard: str
) -> None:
    create_as_in_the_sample(page, dashboard)
    control = Control(sandbox_of(page))
    created = control.requests(POST)
    assert [each["body"]["dataProviderAuthParams"] for each in created] == [
        SAMPLE["dataProviderAuthParams"]
    ] * 2

    # Assigned to the same connector of both tenants.
    page.get_by_role("link", name="Connectors").click()
    expect(page.get_by_role("heading", name="Connectors", level=1)).to_be_visible()
    page.get_by_role("button", name="Check the credentials too").click()
    fill(page, "Find", "Test Connector")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Select all 2 matching").click()
    choose(page, "con-assign-choice", "exampleDisplayName")
    page.get_by_role("button", name="Assign to 2 connectors…").click()
    expect(page.get_by_text(re.compile("^2 items will change"))).to_be_visible()
    apply(page, "connectors", "Assign credentials", 2)
    (assigned,) = control.requests(ASSIGN)
    ids = {
        entry["tenantCode"]: entry["credentialId"]
        for entry in assigned["body"]["connectors"][0]["tenants"]
    }
    assert set(ids) == {E1A, C7O}

    # Seen in use, not deleted silently, reassigned, deleted.
    visit(page, f"{dashboard}/credentials?{BOTH}&cred_open={E1A}+{ids[E1A]}", "Credentials")
    expect(page.get_by_text("Used by 1 connector in 1 tenant")).to_be_visible()
    page.get_by_role("radio", name="Delete").or_(
        page.get_by_text("Delete", exact=True)
    ).first.click()
    expect(page.get_by_role("button", name="Delete it…")).to_be_disabled()
    choose(page, f"cred-other-{E1A.replace('~', '-')}-{ids[E1A]}", "Test Credential")
    page.get_by_role("button", name="Assign to 1 connector…").click()
    apply(page, "credentials", "Assign credentials", 1)
    expect(page.get_by_text("Used by 0 connectors")).to_be_visible()
    page.get_by_role("button", name="Delete it…").click()
    apply(page, "credentials", "Delete credentials", 1)
    (deleted,) = control.requests(DELETE)
    assert deleted["path"].endswith(ids[E1A])
    no_error(page)


@pytest.mark.slow
def test_a_secret_is_rotated_and_never_comes_back(page: Page, dashboard: str) -> None:
    visit(page, f"{dashboard}/credentials?{BOTH}&cred_open={E1A}+{E1A_TEST}", "Credentials")
    page.get_by_text("Rotate secrets", exact=True).click()
    for name, label in LABELS.items():
        fill(page, label, f"rotated-{name}")
    page.get_by_role("button", name="Rotate secrets", exact=True).dblclick()
    expect(page.get_by_text("✓ 1 Succeeded", exact=True)).to_be_visible()
    (sent,) = Control(sandbox_of(page)).requests(PUT)
    assert sent["body"] == {
        "dataProviderAuthParams": {
            "provider": "UKG",
            "ultimateAuthParams": {name: f"rotated-{name}" for name in LABELS},
        }
    }
    for label in ("API key", "Password", "User access key"):
        expect(field(page, label)).to_have_value("")
        expect(field(page, label)).to_have_attribute("type", "password")
    no_error(page)


@pytest.mark.slow
def test_a_wrong_mapping_is_refused_with_its_row_numbers(page: Page, dashboard: str) -> None:
    visit(page, f"{dashboard}/connectors?con_view=Assign+by+mapping", "Connectors")
    rows = f"tenant,connector,credential\n{E1A},Test Connector,Nobody\n{C7O},No such,Credential\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "mapping.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    expect(page.get_by_text("Invalid mapping. Nothing was sent")).to_be_visible()
    numbers = page.locator("[data-testid^='glide-cell-0-']")
    expect(numbers).to_have_text(["2", "3"])
    assert Control(sandbox_of(page)).requests(ASSIGN) == []
    no_error(page)


def listen(page: Page, told: io.StringIO) -> None:
    """Write down everything the browser is told: every answer's body and every frame."""

    def hear(frame: str | bytes) -> None:
        told.write(frame if isinstance(frame, str) else frame.decode("utf-8", "replace"))

    def open_socket(socket: WebSocket) -> None:
        socket.on("framereceived", hear)

    def answered(request: Request) -> None:
        response = request.response()
        if response is not None and "javascript" not in response.headers.get("content-type", ""):
            hear(response.body())

    page.on("requestfinished", answered)
    page.on("websocket", open_socket)


def test_no_secret_is_in_the_page_the_answers_the_log_or_the_ledger(
    page: Page, dashboard: str, workbench: OnSandbox
) -> None:
    canary = "canary-4b8e"
    told = io.StringIO()
    listen(page, told)
    visit(page, f"{dashboard}/credentials?{BOTH}&cred_view=New+credential", "Credentials")
    fill(page, "Display name", "A name")
    page.keyboard.press("Tab")
    control = Control(sandbox_of(page))
    for number, (fault, words) in enumerate((("", ""), ("400", f"{canary}-apiKey"), ("504", ""))):
        if fault:
            control.fault(POST, fault, value=words)
        for name in ("apiKey", "password", "userAccessKey"):
            fill(page, LABELS[name], f"{canary}-{name}")
        page.get_by_role("button", name=re.compile("^Create (once more )?in 2 tenants$")).click()
        used, new = (
            page.locator(f".st-key-secret-credential-new-UKG-{which}-password-0 input")
            for which in (number, number + 1)
        )
        expect(used).to_have_count(0)
        expect(new).to_have_value("")
        expect(
            page.get_by_text(re.compile("[✓?] [12] (Succeeded|Uncertain)")).first
        ).to_be_visible()
        no_error(page)
    page.get_by_text(re.compile("requests? and other events")).click()
    expect(page.get_by_text("•••").first).to_be_visible()
    assert canary in str(control.requests(POST))
    kept = page.evaluate(
        "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie]) "
        "+ document.documentElement.outerHTML "
        "+ [...document.querySelectorAll('input, textarea')].map(each => each.value).join(' ')"
    )
    files = b"".join(path.read_bytes() for path in workbench.folder.iterdir() if path.is_file())
    assert "A name" in told.getvalue()
    assert canary not in told.getvalue()
    assert canary not in kept
    assert b"ultimateAuthParams" in files
    assert canary.encode() not in files


def test_a_key_of_many_lines_arrives_byte_for_byte_and_is_hidden(
    page: Page, dashboard: str
) -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMIIB+/=&%\n\tä€ \"'\\n\n-----END PRIVATE KEY-----\n"
    visit(page, f"{dashboard}/credentials?{BOTH}&cred_view=New+credential", "Credentials")
    choose(page, "credential-new-provider", "Snowflake (V2)")
    fill(page, "Display name", "A name")
    page.keyboard.press("Tab")
    fill(page, "Private key", pem)
    assert (
        field(page, "Private key").evaluate("each => getComputedStyle(each).webkitTextSecurity")
        == "disc"
    )
    page.get_by_role("button", name="Create in 2 tenants").click()
    expect(page.get_by_text("✓ 2 Succeeded", exact=True)).to_be_visible()
    for sent in Control(sandbox_of(page)).requests(POST):
        params = sent["body"]["dataProviderAuthParams"]["snowflakeV2AuthParams"]
        assert params == {"privateKey": pem}
    expect(field(page, "Private key")).to_have_value("")


@pytest.mark.slow
def test_a_setting_is_edited_as_a_draft_in_the_grid_and_applied(page: Page, dashboard: str) -> None:
    link = f"connectors?con_tenants={E1A}&con_view=Settings"
    visit(page, f"{dashboard}/{link}", "Connectors")
    grid = page.locator("[class*='st-key-con-settings-'] canvas").first
    no_error(page)
    box = place_of(grid)
    # The last column of the first row: its time zone.
    page.mouse.dblclick(box["x"] + box["width"] - 60, box["y"] + 50)
    editor = page.locator(".gdg-input")
    editor.fill("Europe/Oslo")
    editor.press("Enter")
    expect(page.get_by_text("1 change in 1 tenant, not sent yet")).to_be_visible()
    control = Control(sandbox_of(page))
    assert control.requests("set_connector_setting") == []
    page.get_by_role("button", name="Review 1 change…").click()
    apply(page, "connectors", "Set connector settings", 1)
    (sent,) = control.requests("set_connector_setting")
    (entry,) = sent["body"]["connectors"][0]["tenants"]
    assert entry["connectorSettings"] == [{"settingKey": "timeZone", "value": "Europe/Oslo"}]
    no_error(page)
