"""What the ledger keeps of a filter is read by people."""

import pytest

from dashboard.components import filters


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "none (UTC)"),
        ({"tenant": "~c", "window": "7d"}, "tenant ~c, window 7 days (UTC)"),
        ({"state": "on_time"}, "state On time (UTC)"),
        (
            {"show": "unusual", "arrived within": "everything"},
            "show Unusual, arrived within Everything (UTC)",
        ),
        (
            {"from": "2026-11-29T01:00", "to": "2026-11-29T01:59"},
            "from 29 Nov 2026 01:00, to 29 Nov 2026 01:59 (UTC)",
        ),
        (
            {"type": "dispatching or consolidated_analytics"},
            "type Dispatching or Consolidated analytics (UTC)",
        ),
        ({"job_id": "a-1", "from": "yesterday"}, "job id a-1, from yesterday (UTC)"),
    ],
)
def test_a_filter_reads_as_a_sentence_does(given: dict[str, str], words: str) -> None:
    assert filters.describe(given, "UTC") == words
