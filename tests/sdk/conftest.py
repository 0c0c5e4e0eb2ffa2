from collections.abc import Iterator
from typing import Any

import pytest

from services.sandbox.config import CLIENT_ID, CLIENT_SECRET, Odds
from tests import official_sdk as v
from tests.sandboxes import Sandbox, running_sandbox


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with running_sandbox(odds=Odds(0, 0, 0, 0, 0, 0, 0, 0)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """Give a fresh sandbox of 60 tenants that stands still."""
    running.control.reset()
    return running


def configuration(sandbox: Sandbox, **other: Any) -> Any:
    """Give the SDK's own configuration for a sandbox, signing in with a password."""
    return v.Configuration(
        host=sandbox.url,
        api_key=sandbox.api_key,
        username=sandbox.username,
        password=sandbox.password,
        vanity=sandbox.vanity_name,
        **other,
    )


@pytest.fixture
def sdk(sandbox: Sandbox) -> Iterator[Any]:
    """Give the official SDK's interface to all 30 operations."""
    with v.ApiClient(configuration(sandbox)) as client:
        yield v.DataAndJobHandlingApi(client)


@pytest.fixture
def oauth(sandbox: Sandbox) -> Iterator[Any]:
    """Give the same, signing in with OAuth 2.0."""
    settings = configuration(sandbox, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    with v.ApiClient(settings) as client:
        yield v.DataAndJobHandlingApi(client)
