"""A real OpenID Connect provider on loopback, and signing in through it as a person does."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import free_port, serving

# `{port}` is filled in by Streamlit.
SECRETS = """
[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "of-a-test-and-long-enough-0123456789"
client_id = "dashboard"
client_secret = "secret"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


@contextmanager
def running_provider(
    folder: Path, people: Mapping[str, Mapping[str, object]], *, seconds: int = 3600
) -> Iterator[str]:
    """Run a provider that knows these people by subject; give its address.

    Its tokens expire after so many seconds.
    """
    port = free_port()
    known = [json.dumps({"sub": sub, **claims}) for sub, claims in people.items()]
    users = [part for one in known for part in ("--user-claims", one)]
    provider = [sys.executable, "-m", "oidc_provider_mock"]
    command = [*provider, f"--port={port}", f"--token-max-age={seconds}", *users]
    address = f"http://127.0.0.1:{port}"
    health = f"{address}/.well-known/openid-configuration"
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    with serving(command, health, folder / "provider.txt", environment, folder):
        yield address


def sign_in(page: Page, url: str, subject: str) -> None:
    """Go from the dashboard to the provider and back, as this person."""
    page.goto(url)
    page.get_by_role("button", name="Sign in with 127.0.0.1").click()
    expect(page.get_by_role("heading", name="Authorize Client")).to_be_visible()
    page.get_by_role("button", name=subject, exact=True).first.click()


def sign_out(page: Page) -> None:
    """Sign out of the dashboard and of the provider, which asks once more."""
    page.locator(".st-key-over-account summary").click()
    page.locator(".st-key-shell-sign_out button").click()
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
