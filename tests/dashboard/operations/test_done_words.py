"""Starts, credentials and downloads in words, as they are kept now and as earlier versions did."""

from datetime import UTC, datetime
from json import dumps
from typing import Any

import pandas as pd
import pytest

from dashboard.operations import done_words, event_words, item_words
from services.ledger import Event, EventKind, Item, Outcome
from services.operations import Finding, Verb

TARGET = '[1,{"done":"started","target":{"kind":"tenants","count":40}}]'
TIMES = {"min_timestamp": "2026-01-01", "max_timestamp": "2026-01-02"}
SENTENCE = "Processing jobs for 40 tenants of a recovery"


@pytest.mark.parametrize(
    ("verb", "name", "after", "words", "done"),
    [
        (Verb.START_PROCESSING, "", TARGET, "One processing job for each of 40 tenants", "Started"),
        (Verb.START_PROCESSING, SENTENCE, '[1,"started"]', SENTENCE, "Started"),
        (
            Verb.CREATE_CREDENTIALS,
            "Name",
            '[1,{"done":"created","provider":"UKG"}]',
            "Name (UKG)",
            "Created",
        ),
        (Verb.CREATE_CREDENTIALS, "Name (UKG)", '[1,"created"]', "Name (UKG)", "Created"),
        (Verb.ROTATE_SECRETS, "Name", '[1,{"done":"rotated"}]', "Name", "Rotated"),
        (
            Verb.DOWNLOAD_FILES,
            "",
            '[1,{"done":"downloaded","query":{"sources":["A","B"]}}]',
            "Files of A, B",
            "Downloaded",
        ),
        (
            Verb.DOWNLOAD_FILES,
            "",
            '[1,{"done":"downloaded","query":{"min_timestamp":"a","max_timestamp":"b"}}]',
            "Files that arrived from a to b",
            "Downloaded",
        ),
        (Verb.DOWNLOAD_FILES, "a.csv", '[1,"downloaded"]', "a.csv", "Downloaded"),
        (
            Verb.CHANGE_RULES,
            "",
            '[1,{"done":"rule_added","rule":{"version":1,"rule":{"condition":{"kind":"overdue"}}}}]',
            "One of all tenants is overdue against its rhythm.",
            "Added",
        ),
        (Verb.CHANGE_RULES, "", '[1,{"done":"rule_muted","until":""}]', "Rule", "Muted"),
        (
            Verb.HANDLE_INCIDENTS,
            "",
            '[1,{"done":"incident_acknowledged"}]',
            "Incident",
            "Acknowledged",
        ),
        (Verb.RECOVER, "Acme", '[1,"recovered"]', "Acme", "Recovered"),
        (
            Verb.START_PROCESSING,
            "odd",
            '[1,{"done":"started","target":{"kind":1}}]',
            "odd",
            "Started",
        ),
    ],
)
def test_what_an_item_is_and_will_be(
    verb: Verb, name: str, after: str, words: str, done: str
) -> None:
    assert done_words.what(verb, name, after) == words
    row = {"name": name, "before": "[1,null]", "after": after, "key": "k"}
    rest = {"skip": "", "finding": "", "facts": "{}", "message": ""}
    (told,) = item_words.of_items(verb, pd.DataFrame([row | rest])).to_dict("records")
    assert (told["what"], told["before"], told["after"]) == (words, "", done)


@pytest.mark.parametrize(
    ("finding", "facts", "message", "words"),
    [
        (Finding.HANDED_ON, {"bytes": 1200}, "", "Sent 1,200 bytes to the browser."),
        (Finding.CUT_SHORT, {"bytes": 1200, "of": 2400}, "", "Received 1,200 of 2,400 bytes."),
        (Finding.ENDED, {"bytes": 7}, "It is silent.", "Ended after 7 bytes: It is silent."),
        ("", {}, "1,200 bytes came of 2,400.", "1,200 bytes came of 2,400."),
    ],
)
def test_what_became_of_a_download(
    finding: str, facts: dict[str, Any], message: str, words: str
) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    item = Item("k", "t", "a", "", "", Outcome.FAILED, "", finding, facts, message, at)
    assert item_words.of_item(Verb.DOWNLOAD_FILES, item) == words


FOUND = (
    '{"job_type":"%s","type_word":"","status_word":"Running","tenant_code":"","dispatched":null}'
)


@pytest.mark.parametrize(
    ("kind", "text", "answer", "words", "is_shown"),
    [
        (
            EventKind.LISTED_BEFORE,
            "",
            '["a","b"]',
            "Listed before: 2 jobs without a parent, listed just before sending.",
            True,
        ),
        (
            EventKind.LISTED_BEFORE,
            "2 jobs without a parent were listed just before it was sent.",
            '["a","b"]',
            "Listed before: 2 jobs without a parent were listed just before it was sent.",
            True,
        ),
        (EventKind.LISTED_BEFORE, "WFF_j1r~c7o", '["id"]', "Listed before: WFF_j1r~c7o", True),
        (
            EventKind.NOT_LISTED_BEFORE,
            "",
            '{"error":"No."}',
            "Not listed before: The job list could not be read before sending: No.",
            False,
        ),
        (
            EventKind.REFUSED,
            "",
            '{"items":1,"name":"Processing for tenant X"}',
            "Your groups do not permit “Start processing jobs”. "
            "Nothing was sent: Processing for tenant X.",
            False,
        ),
        (
            EventKind.REFUSED,
            "",
            f'{{"closed":{{"why":"read_only","about":""}},"items":1,"name":"","after":{dumps(TARGET)}}}',
            "This dashboard is read-only and sends no changes. Nothing was sent: One processing "
            "job for each of 40 tenants.",
            False,
        ),
        (
            EventKind.REFUSED,
            "Signed out after 60 minutes without a click.",
            '{"items":1,"name":"Processing for tenant X"}',
            "Signed out after 60 minutes without a click. "
            "Nothing was sent: Processing for tenant X.",
            False,
        ),
        (
            EventKind.REFUSED,
            "",
            '{"closed":{"why":"idle","about":"60"}}',
            "Signed out after 60 minutes of inactivity.",
            False,
        ),
        (
            EventKind.REFUSED,
            "This dashboard is read-only.",
            "",
            "This dashboard is read-only.",
            False,
        ),
        (
            EventKind.REFUSED,
            "",
            '{"items":3,"name":""}',
            "Your groups do not permit “Start processing jobs”. Nothing was sent: 3 items.",
            False,
        ),
    ],
)
def test_what_was_noted_of_a_start(
    kind: EventKind, text: str, answer: str, words: str, is_shown: bool
) -> None:
    event = Event(kind=kind, text=text, answer=answer)
    assert event_words.in_words(Verb.START_PROCESSING, event) == words
    assert event_words.has_answer(event) is is_shown


def test_a_found_job_is_called_by_its_type() -> None:
    answer = FOUND % "processing"
    for text in ("", "Processing job."):
        event = Event(kind=EventKind.FOUND_JOB, text=text, answer=answer)
        assert event_words.in_words(Verb.START_PROCESSING, event) == "Found: Processing job."
        assert event_words.has_answer(event)
