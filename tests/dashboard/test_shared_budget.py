"""Two processes use one API key as much as they can: no minute holds more than its limit.

Their minutes pass in no time: waiting moves the sandbox's clock, by which all of them go.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from services.ledger import Ledger
from tests.sandboxes import Sandbox, fullest_minute, running_sandbox
from tests.services.ledger.postgres import running_postgres
from tests.together import READY, run_together

LIMIT = 100
PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
import requests
from services.ledger import RateLimitSlots
from services.ledger.database import counting_engine
from services.visier import Client, RateLimiter, Lane, Password
from tests.sandboxes import Control

url, database, calls, name = sys.argv[1:]
clock, control = url + "/_sandbox/clock", Control(url)
session = requests.Session()
session.trust_env = False

def now():
    return datetime.fromisoformat(session.get(clock, timeout=30).json()["now"]).timestamp()

def wait(_condition, seconds):
    control.advance(min(seconds, 0.5))

slots = None
if database:
    engine = counting_engine(database)
    slots = RateLimitSlots(engine, now=lambda: round(now() * 1000)).of("key")
client = Client(
    url,
    Password("sandbox-key", "sandbox@example.com", "sandbox", "sandbox"),
    RateLimiter(now, wait, slots=slots),
    user_agent=name,
).in_lane(Lane.BULK)
"""
CALLS = """
with ThreadPoolExecutor(4) as threads:
    for each in [threads.submit(client.retrieve_data_categories) for _ in range(int(calls))]:
        each.result()
"""


@pytest.fixture(scope="module")
def shared_database() -> Iterator[str]:
    with running_postgres() as server:
        url = server.fresh_url()
        Ledger.open(url).close()
        yield url


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with a limit, in the middle of one of its minutes."""
    with running_sandbox(rate_limit=LIMIT) as sandbox:
        now = datetime.fromisoformat(sandbox.control.clock()["now"])
        sandbox.control.advance((90 - now.second) % 60)
        yield sandbox


def let_two_call(sandbox: Sandbox, database: str, calls: int) -> list[dict[str, Any]]:
    """Let two processes make their calls at the same time; return what the sandbox was asked."""
    run = (PROCESS + READY + CALLS, sandbox.url, database, str(calls))
    run_together((*run, "one"), (*run, "other"), timeout=300)
    return sandbox.control.requests()


@pytest.mark.slow
def test_no_minute_of_two_processes_holds_more_than_the_limit(
    sandbox: Sandbox, shared_database: str
) -> None:
    sandbox.control.fault("retrieve_data_categories", "429", times=2)
    requests = let_two_call(sandbox, shared_database, calls=90)
    answered = [request for request in requests if request["status"] == 200]
    assert Counter(request["status"] for request in requests) == {200: len(answered), 429: 2}
    made = Counter(request["headers"]["user-agent"] for request in answered)
    assert min(made["one"], made["other"]) >= 90
    assert fullest_minute(requests) <= LIMIT
