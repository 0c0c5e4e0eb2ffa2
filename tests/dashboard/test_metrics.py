"""What is counted of requests and operations, and under which words."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from prometheus_client import generate_latest

from dashboard import metrics
from services.frames.schema import categories
from services.ledger import Ledger, Outcome, State
from services.monitoring.rhythm import Rhythm
from services.operations import Verb
from services.visier import (
    Client,
    Password,
    RateLimited,
    RateLimiter,
    Refused,
    ServerTrouble,
    VisierError,
)
from tests.ledgers import empty_ledger
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.ledger.samples import begin, results

KEY = hashlib.sha256(b"a key of this test").hexdigest()


def counted(outcome: str) -> float:
    labels = {
        "connection": "emea",
        "operation": "retrieve_data_categories",
        "outcome": outcome,
    }
    return metrics.REGISTRY.get_sample_value("visier_requests_total", labels) or 0.0


def client_of(sandbox: Sandbox) -> Client:
    return Client(
        sandbox.url,
        Password(sandbox.api_key, sandbox.username, sandbox.password, sandbox.vanity_name),
        RateLimiter(),
        sleep=lambda _: None,
        observe=metrics.of_key(KEY),
        name="emea",
    )


@pytest.mark.parametrize(
    ("fault", "outcome", "error", "times"),
    [
        ("400", "refused", Refused, 1),
        ("500", "server_error", ServerTrouble, 3),
        ("429", "rate_limited", RateLimited, 1),
        ("cut", "no_answer", ServerTrouble, 3),
    ],
)
def test_each_request_counts_by_what_came_of_it(
    fault: str, outcome: str, error: type[VisierError], times: int
) -> None:
    before = counted(outcome)
    with running_sandbox(tenants=6) as sandbox:
        sandbox.control.fault("retrieve_data_categories", fault, times=0, retry_after=60)
        client = client_of(sandbox)
        with pytest.raises(error):
            client.retrieve_data_categories()
        client.close()
    assert counted(outcome) - before == times


def test_the_budget_is_told_by_key_and_window_and_no_key_is_told() -> None:
    before = counted("answered")
    with running_sandbox(tenants=6, rate_limit=40) as sandbox:
        client = client_of(sandbox)
        client.retrieve_data_categories()
        client.close()
    assert counted("answered") - before == 1
    for window, left in {"minute": 38.0, "hour": 2398.0}.items():
        labels = {"key": KEY[:8], "window": window}
        assert metrics.REGISTRY.get_sample_value("visier_calls_left", labels) == left
    told = generate_latest(metrics.REGISTRY).decode()
    assert "sandbox-key" not in told
    assert KEY not in told
    assert "sandbox@example.com" not in told


def test_tenants_are_counted_by_their_rhythm_and_none_is_named() -> None:
    statuses = pd.Series(
        pd.Categorical(["overdue", "on_time", "overdue"], dtype=categories(Rhythm))
    )
    metrics.count_tenants(KEY, statuses, "emea")
    counts = {"overdue": 2.0, "on_time": 1.0, "too_little_known": 0.0, "none_enabled": 0.0}
    for word, count in counts.items():
        labels = {"connection": "emea", "key": KEY[:8], "rhythm": word}
        assert metrics.REGISTRY.get_sample_value("visier_tenants", labels) == count
    assert KEY not in generate_latest(metrics.REGISTRY).decode()


@pytest.mark.parametrize(
    ("verb", "outcome", "words"),
    [
        (Verb.START_PROCESSING, Outcome.SUCCEEDED, "started"),
        (Verb.START_PROCESSING, Outcome.FAILED, "finished"),
        (Verb.EXCLUDE_UPLOADS, Outcome.SUCCEEDED, "finished"),
    ],
)
def test_what_was_started_is_not_counted_as_finished(
    tmp_path: Path, verb: str, outcome: Outcome, words: str
) -> None:
    ledger = Ledger.open(empty_ledger(tmp_path / "ledger.sqlite3"))
    id_ = begin(ledger, verb=verb)
    ledger.settle(id_, results(outcome, [0]))
    ledger.set_state(id_, State.FINISHED)
    assert metrics.ended_as(ledger.operation(id_)) == words
