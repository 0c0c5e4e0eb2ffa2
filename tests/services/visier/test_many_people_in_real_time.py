"""Ten people read 50,000 tenants at once: real threads, real HTTP, a real clock.

At 100 calls a minute this takes six minutes and a half. Here it is six times as many, so that the
budget is used up once and everybody has to wait for it, as there, but only for a minute.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.frames import data_versions
from services.frames.parts import put_together
from services.visier import Client, ListSpec, RateLimiter, SecurityToken, SharedLists
from tests.sandboxes import Sandbox, fullest_minute, running_sandbox

TENANTS, PAGES, PEOPLE, LIMIT = 50_000, 51, 10, 600


def read(client: Client) -> int:
    """Read the list of somebody who is nobody else, however long it takes; count the tenants."""
    spec = ListSpec(
        ask=lambda asked: asked.iter_latest_enabled_dv(),
        part=lambda page: data_versions.to_frame([page]),
        whole=lambda parts, _: put_together(parts)["tenant_code"].nunique(),
        ttl=900.0,
    )
    return SharedLists().of("versions", None, spec).get(lambda: client, patience=300)


def people(sandbox: Sandbox) -> list[Client]:
    rate_limiter = RateLimiter()
    tokens = [sandbox.token() for _ in range(PEOPLE)]
    return [
        Client(sandbox.url, SecurityToken(sandbox.api_key, token), rate_limiter) for token in tokens
    ]


@pytest.mark.slow
def test_everybody_gets_every_page_once_within_the_budget() -> None:
    with running_sandbox(tenants=TENANTS, rate_limit=LIMIT) as sandbox:
        clients = people(sandbox)
        with ThreadPoolExecutor(PEOPLE) as threads:
            found = list(threads.map(read, clients))
        asked = sandbox.control.requests()
        for client in clients:
            client.close()
    assert found == [TENANTS] * PEOPLE
    pages = Counter(
        each["query"]["start"] for each in asked if each["operation"] == "latest_enabled_dv"
    )
    assert len(pages) == PAGES
    assert set(pages.values()) == {PEOPLE}
    assert {each["status"] for each in asked} == {200}
    assert fullest_minute(asked) <= LIMIT
