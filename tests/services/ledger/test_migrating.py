"""A ledger of an earlier version is brought up to date with all that is in it; so is a backup."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from services.frames import JobType, Status
from services.ledger import Actor, Control, EventKind, Ledger, Outcome, Place, State
from services.operations import VERBS, Change, FileChoice, Finding, Skip, Verb
from services.operations.recovery.incident import OF_CHOICES, Choices, Step, document
from services.operations.recovery.verdicts import OF_VERIFICATION, Check, Verdict
from services.operations.verbs.all_uploads import TenantKey, Uploads
from services.operations.verbs.assigning import Assigned, AssignKey
from services.operations.verbs.cancelling import CancelKey, JobState
from services.operations.verbs.connector_settings import SettingKey, SettingState
from services.operations.verbs.deleting import CredentialKey, CredentialState
from services.operations.verbs.files import FileCounts, FilesKey
from services.operations.verbs.uploads import Inclusion, UploadKey
from services.operations.verbs.versions import VersionKey, VersionState
from tests.services.ledger.earlier import OPERATION, ROWS, Rows, write_as
from tests.services.ledger.samples import ANN, START, Clock, begin, counts, key, results


def write_as_revision_0001(url: str, **changes: str) -> None:
    """Make a database as the first release left it; `changes` are those of the operation."""
    (begun,) = ROWS["operation"]
    write_as(url, "0001", {**ROWS, "operation": [begun | changes]})


def test_what_the_first_release_wrote_is_all_there(url: str, clock: Clock) -> None:
    write_as_revision_0001(url)
    with closing(Ledger.open(url, clock=clock)) as ledger:
        (found,) = ledger.operations()
        assert (found.id, found.verb) == (OPERATION, "exclude_uploads")
        assert found.actor == Actor(ANN.user, ANN.tenant, ANN.host)
        assert (found.reason, found.filter_text) == ("bad delivery", "Receiving job 3b43817a")
        assert (found.state, found.started_at) == (State.FINISHED, START)
        assert counts(ledger, OPERATION) == {
            Outcome.SUCCEEDED: 1,
            Outcome.FAILED: 1,
            Outcome.SKIPPED: 1,
        }
        assert [(item.key, item.outcome, item.message) for item in ledger.items(OPERATION)] == [
            (key(0), Outcome.SUCCEEDED, ""),
            (key(1), Outcome.FAILED, "No such upload."),
            (key(2), Outcome.SKIPPED, ""),
        ]
        (event,) = ledger.events(OPERATION)
        assert event.request == "PUT /v1/op/data/uploads/exclude"


def test_a_ledger_brought_up_to_date_goes_on(url: str, clock: Clock) -> None:
    write_as_revision_0001(url)
    with closing(Ledger.open(url, clock=clock)) as ledger:
        ledger.tracked_jobs.add("ann", "a job", clock(), "asked for")
        operation_id = begin(ledger)
        ledger.settle(operation_id, results(Outcome.SUCCEEDED, [0]))
    with closing(Ledger.open(url, clock=clock)) as again:
        assert {each.id for each in again.operations()} == {OPERATION, operation_id}
        assert [each.job_id for each in again.tracked_jobs.of("ann")] == ["a job"]


@pytest.mark.parametrize(
    ("identity", "host", "kept"),
    [
        ("https://Gate.Example:443/eu/ 0123456789ab ann", "Gate.Example:443", "gate.example/eu"),
        ("http://127.0.0.1:80/x 0123456789ab ann", "127.0.0.1:80", "127.0.0.1/x"),
        ("https://j.api.visier.io 0123456789ab ann", "j.api.visier.io", "j.api.visier.io"),
        ("https://else.where/eu 0123456789ab ann", "Gate.Example", "Gate.Example"),
        ("https://[half 0123456789ab ann", "Gate.Example", "Gate.Example"),
        ("ann", "sandbox", "sandbox"),
    ],
)
def test_where_an_earlier_operation_was_done_is_told_as_from_now_on(
    url: str, clock: Clock, identity: str, host: str, kept: str
) -> None:
    write_as_revision_0001(url, identity=identity, host=host)
    with closing(Ledger.open(url, clock=clock)) as ledger:
        place = Place(kept, ANN.tenant)
        assert ledger.operation(OPERATION).actor.place == place
        assert ledger.at(place).events(OPERATION)[0].who == ""


def back_up(source: Path, copy: Path) -> None:
    """Do what `.backup` of the sqlite3 program does."""
    with closing(sqlite3.connect(source)) as opened, closing(sqlite3.connect(copy)) as target:
        opened.backup(target)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def test_a_backup_made_while_the_ledger_is_in_use_can_be_opened(
    file: Path, tmp_path: Path, clock: Clock
) -> None:
    copy = tmp_path / "copy.sqlite3"
    with closing(Ledger.open(f"sqlite:///{file}", clock=clock)) as ledger:
        operation_id = begin(ledger)
        ledger.settle(operation_id, results(Outcome.SUCCEEDED, [0, 1]))
        # Not written into the file itself yet, and what a copy of that alone would lack.
        assert file.with_name("ledger.sqlite3-wal").stat().st_size > 0
        back_up(file, copy)
        ledger.settle(operation_id, results(Outcome.FAILED, [2]))
    with closing(Ledger.open(f"sqlite:///{copy}", clock=clock)) as restored:
        assert counts(restored, operation_id) == {Outcome.SUCCEEDED: 2, Outcome.PLANNED: 1}
        restored.settle(operation_id, results(Outcome.FAILED, [2]))


def test_a_backup_of_the_first_release_is_brought_up_to_date(
    file: Path, tmp_path: Path, clock: Clock
) -> None:
    copy = tmp_path / "copy.sqlite3"
    write_as_revision_0001(f"sqlite:///{file}")
    back_up(file, copy)
    with closing(Ledger.open(f"sqlite:///{copy}", clock=clock)) as restored:
        assert [each.id for each in restored.operations()] == [OPERATION]


def write_as_revision_0004(url: str, requests: Mapping[str, str | None]) -> None:
    """Make a database whose changes of credentials, by id, kept these requests."""
    (begun,), moments, (noted,) = ROWS["operation"], ROWS["standing"], ROWS["event"]
    verb = "Change a credential"
    rows: Rows = {
        "operation": [{**begun, "id": id_, "verb": verb} for id_ in requests],
        "standing": [{**each, "operation_id": id_} for id_ in requests for each in moments],
        "event": [
            {**noted, "id": number, "operation_id": id_, "request": request}
            for number, (id_, request) in enumerate(requests.items())
            if request is not None
        ],
    }
    write_as(url, "0004", rows)


def test_what_was_one_verb_is_told_apart_by_what_was_sent(url: str, clock: Clock) -> None:
    path = "PUT /v1/op/data-connector-credentials/5781eec0?tenantCode=WFF_j1r~e1a "
    write_as_revision_0004(
        url,
        {
            "renamed": path + '{"displayName":"New"}',
            "rotated": path + '{"dataProviderAuthParams":{"provider":"UKG","apiKey":"•••"}}',
            "both": path + '{"displayName":"New","dataProviderAuthParams":{"provider":"UKG"}}',
            "typed": path + r'{"description":"\"dataProviderAuthParams\":"}',
            "not sent": None,
        },
    )
    with closing(Ledger.open(url, clock=clock)) as ledger:
        assert {each.id: each.verb for each in ledger.operations()} == {
            "renamed": "change_credential_details",
            "rotated": "rotate_secrets",
            "both": "rotate_secrets",
            "typed": "change_credential_details",
            "not sent": "change_credential",
        }


WORDS: dict[str, dict[str, StrEnum]] = {
    "verb": {
        "Exclude data uploads": Verb.EXCLUDE_UPLOADS,
        "Include data uploads": Verb.INCLUDE_UPLOADS,
        "Exclude all data uploads": Verb.EXCLUDE_ALL_UPLOADS,
        "Include all data uploads": Verb.INCLUDE_ALL_UPLOADS,
        "Exclude files": Verb.EXCLUDE_FILES,
        "Include files": Verb.INCLUDE_FILES,
        "Disable data versions": Verb.DISABLE_VERSIONS,
        "Cancel jobs": Verb.CANCEL_JOBS,
        "Start a data load": Verb.START_LOAD,
        "Start extraction jobs": Verb.START_EXTRACTION,
        "Start processing jobs": Verb.START_PROCESSING,
        "Start a consolidated analytics job": Verb.START_CONSOLIDATION,
        "Assign credentials": Verb.ASSIGN_CREDENTIALS,
        "Set connector settings": Verb.SET_CONNECTOR_SETTINGS,
        "Create credentials": Verb.CREATE_CREDENTIALS,
        "Change credential details": Verb.CHANGE_CREDENTIAL,
        "Rotate secrets": Verb.ROTATE_SECRETS,
        "Delete credentials": Verb.DELETE_CREDENTIALS,
        "Recover from a bad load": Verb.RECOVER,
        "Download source files": Verb.DOWNLOAD_FILES,
    },
    "state": {
        "Running": State.RUNNING,
        "Paused": State.PAUSED,
        "Stopping": State.STOPPING,
        "Stopped": State.STOPPED,
        "Finished": State.FINISHED,
        "Interrupted": State.INTERRUPTED,
        "Refused": State.REFUSED,
        "Open": State.OPEN,
    },
    "outcome": {
        "Planned": Outcome.PLANNED,
        "Skipped": Outcome.SKIPPED,
        "Intended": Outcome.INTENDED,
        "Succeeded": Outcome.SUCCEEDED,
        "Failed": Outcome.FAILED,
        "Drifted": Outcome.CHANGED_SINCE_PLAN,
        "No result returned": Outcome.NO_RESULT,
        "Uncertain": Outcome.UNCERTAIN,
    },
    "kind": {
        "Answer": EventKind.ANSWER,
        "Extra results": EventKind.EXTRA_RESULTS,
        "Found": EventKind.FOUND_JOB,
        "Job id": EventKind.JOB_ID,
        "Listed before": EventKind.LISTED_BEFORE,
        "Look-up": EventKind.LOOK_UP,
        "Not listed before": EventKind.NOT_LISTED_BEFORE,
        "Refused": EventKind.REFUSED,
        "Remark": EventKind.REMARK,
        "Request": EventKind.REQUEST,
        "Totals": EventKind.TOTALS,
        "Trouble": EventKind.TROUBLE,
        "Where to look": EventKind.WHERE_LISTED,
    },
}
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")


def one_of_each(name: str, at: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give a row for each word of a column; its place counts them."""
    return [
        {**at, name: word, "number": number, "key": key(number), "id": number}
        for number, word in enumerate(WORDS[name])
    ]


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_word_of_an_earlier_version_has_become_its_token(
    url: str, clock: Clock, revision: str
) -> None:
    (begun,), (stood, _), (item, *_) = ROWS["operation"], ROWS["standing"], ROWS["item"]
    of_verbs = [{**begun, "id": word, "verb": word} for word in WORDS["verb"]]
    of_states = [{**begun, "id": word} for word in WORDS["state"]]
    standings = [{**stood, "operation_id": each["id"]} for each in of_verbs]
    standings += [{**stood, "operation_id": word, "state": word} for word in WORDS["state"]]
    at = {"operation_id": "Open", "at": START, "who": "", "text": "", "request": "", "answer": ""}
    controls = [
        {**at, "id": 100 + number, "kind": "Control", "text": word}
        for number, word in enumerate(("Pause", "Resume", "Stop"))
    ]
    write_as(
        url,
        revision,
        {
            "operation": [*of_verbs, *of_states],
            "standing": standings,
            "item": one_of_each("outcome", {**item, "operation_id": "Open"}),
            "settlement": [
                {**each, "operation_id": "Finished", "moment": 0, "message": ""}
                for each in one_of_each("outcome", {})
            ],
            "event": [*one_of_each("kind", at), *controls],
        },
    )
    with closing(Ledger.open(url, clock=clock)) as ledger:
        found = {each.id: each for each in ledger.operations()}
        assert {word: found[word].verb for word in WORDS["verb"]} == WORDS["verb"]
        assert {word: found[word].state for word in WORDS["state"]} == WORDS["state"]
        outcomes = [each.outcome for each in ledger.items("Open")]
        assert outcomes == list(WORDS["outcome"].values())
        events = ledger.events("Open")[::-1]
        told = [each.kind for each in events if each.kind != EventKind.CONTROL]
        assert told == list(WORDS["kind"].values())
        asked = [each.text for each in events if each.kind == EventKind.CONTROL]
        assert asked == [Control.PAUSE, Control.RESUME, Control.STOP]


CHOSEN = {
    "off": ["Disable the data versions"],
    "left_out": {"Exclude the uploads": ["WFF_j1r~t1"], "Process the tenants again": []},
    "publish": True,
}
CHECKED = {"words": "Confirmed", "verdict": "Confirmed"}
READ_BACK = {
    "at": "2026-11-20T03:00:00Z",
    "by": "Confirmed",
    "tenants": [
        {
            "code": "WFF_j1r~t1",
            "version": CHECKED,
            "upload": {**CHECKED, "verdict": "Left out"},
            "job": {**CHECKED, "verdict": "Still to come"},
            "figures": [{"name": "Left out", "before": 1e-7, "after": None}],
        }
    ],
}


@pytest.mark.parametrize("size", [7, 100_000])
def test_the_documents_of_a_recovery_are_told_in_tokens(url: str, clock: Clock, size: int) -> None:
    (begun,), (stood, _) = ROWS["operation"], ROWS["standing"]
    at = {"operation_id": OPERATION, "at": START, "who": "", "request": ""}
    events = []
    for kind, told in {"Choices": CHOSEN, "Verified": READ_BACK}.items():
        text = json.dumps(told)
        of = -(-len(text) // size)
        events += [
            {
                **at,
                "kind": kind,
                "text": f"{kind} {number + 1} {of}",
                "answer": text[number * size : (number + 1) * size],
            }
            for number in range(of)
        ]
    cut = {**at, "kind": "Verified", "text": "cut 1 2", "answer": "{"}
    write_as(
        url,
        "0008",
        {
            "operation": [{**begun, "verb": "Recover from a bad load"}],
            "standing": [{**stood, "state": "Open"}],
            "event": [{**each, "id": number} for number, each in enumerate([cut, *events])],
        },
    )
    with closing(Ledger.open(url, clock=clock)) as ledger:
        choices = document(ledger, OPERATION, EventKind.CHOICES, OF_CHOICES)
        assert choices == Choices(
            (Step.DISABLE,), {Step.EXCLUDE: ("WFF_j1r~t1",), Step.REPROCESS: ()}, True
        )
        verified = document(ledger, OPERATION, EventKind.VERIFIED, OF_VERIFICATION)
        assert verified is not None
        (tenant,) = verified.tenants
        assert tenant.version == Check(Verdict.CONFIRMED, words="Confirmed")
        assert (tenant.upload.verdict, tenant.job.verdict) == (Verdict.LEFT_OUT, Verdict.TO_COME)
        assert (verified.by, tenant.figures[0].name) == ("Confirmed", "Left out")


TIMES = ("2026-03-01T02:00:00.000Z", "2026-03-02T02:00:00.000Z")
LISTED = f"1 of 2 included: ● {TIMES[0]} ○ {TIMES[1]}"
LONG = "x" * 600
# What revision 0008 wrote of an item: verb, key, label, before and after; and the change it was.
ITEMS: list[tuple[str, list[str], str, str, str, Change[Any]]] = [
    (
        "Exclude data uploads",
        ["t", TIMES[0]],
        TIMES[0],
        "Included",
        "Excluded",
        Change(UploadKey("t", TIMES[0]), Inclusion.INCLUDED, Inclusion.EXCLUDED),
    ),
    (
        "Include data uploads",
        ["t", TIMES[0]],
        TIMES[0],
        "Not listed",
        "Included",
        Change(UploadKey("t", TIMES[0]), Inclusion.UNLISTED, Inclusion.INCLUDED),
    ),
    (
        "Exclude all data uploads",
        ["t"],
        "All data uploads",
        LISTED,
        "All excluded",
        Change(
            TenantKey("t"),
            Uploads(((TIMES[0], True), (TIMES[1], False))),
            Uploads(((TIMES[0], False), (TIMES[1], False))),
        ),
    ),
    (
        "Include all data uploads",
        ["t"],
        "All data uploads",
        f"1 of 3 included: ● {TIMES[0]} ○ 2026-0 … (cut)",
        "All included",
        Change(TenantKey("t"), Uploads(((TIMES[0], True),)), Uploads(((TIMES[0], True),))),
    ),
    (
        "Exclude files",
        ["t", "sources", "Employee", "Pay"],
        "Files of Employee, Pay",
        "4 of 6 files included",
        "All excluded",
        Change(
            FilesKey("t", FileChoice.SOURCES, ("Employee", "Pay")),
            FileCounts(4, 6),
            FileCounts(0, 6),
        ),
    ),
    (
        "Include files",
        ["t", "fileNameRegex", "^e"],
        "Files named ^e",
        "0 of 6 files included",
        "All included",
        Change(FilesKey("t", FileChoice.NAME, ("^e",)), FileCounts(0, 6), FileCounts(6, 6)),
    ),
    (
        "Disable data versions",
        ["t", "9", "2026-03-09T12:00:00.000Z", ""],
        "9 of 2026-03-09 12:00 UTC",
        "Latest enabled",
        "Disabled",
        Change(
            VersionKey("t", "9", "2026-03-09T12:00:00.000Z", ""),
            VersionState.LATEST,
            VersionState.DISABLED,
        ),
    ),
    (
        "Cancel jobs",
        ["t", "processing:a"],
        "a",
        "Running processing job",
        "Cancelled",
        Change(
            CancelKey("t", "processing:a"),
            JobState(Status.RUNNING, JobType.PROCESSING),
            JobState(Status.CANCELLED, JobType.PROCESSING),
        ),
    ),
    (
        "Cancel jobs",
        ["", "a"],
        "a",
        "Not listed",
        "Cancelled",
        Change(CancelKey("", "a"), JobState(), JobState(Status.CANCELLED)),
    ),
    (
        "Assign credentials",
        ["t", "c", "new", "old", "UKG"],
        "Test Connector",
        "UKG (old)",
        "ADP (new)",
        Change(
            AssignKey("t", "c", "new", "ADP", "old", "UKG"),
            Assigned("old"),
            Assigned("new"),
            name="Test Connector",
        ),
    ),
    (
        "Assign credentials",
        ["t", "c", "new", "", ""],
        "Test Connector",
        "No credential",
        "new",
        Change(
            AssignKey("t", "c", "new", "", "", ""),
            Assigned(""),
            Assigned("new"),
            name="Test Connector",
        ),
    ),
    (
        "Set connector settings",
        ["t", "c", "timeZone", LONG],
        "Test Connector: timeZone",
        "“UTC”",
        f"“{LONG[:490]} … (cut)",
        Change(
            SettingKey("t", "c", "timeZone", LONG),
            SettingState("UTC"),
            SettingState(LONG),
            name="Test Connector",
        ),
    ),
    (
        "Set connector settings",
        ["t", "c", "timeZone", "UTC"],
        "Test Connector: timeZone",
        f"“{LONG[:490]} … (cut)",
        "“UTC”",
        Change(
            SettingKey("t", "c", "timeZone", "UTC"),
            SettingState(None),
            SettingState("UTC"),
            name="Test Connector",
        ),
    ),
    (
        "Delete credentials",
        ["t", "1", "UKG"],
        "UKG",
        "Inherited",
        "Deleted",
        Change(
            CredentialKey("t", "1", "UKG"),
            CredentialState.INHERITED,
            CredentialState.DELETED,
            name="UKG",
        ),
    ),
]


def test_every_item_of_an_earlier_version_has_become_typed(url: str, clock: Clock) -> None:
    (begun,), (stood, _), (item, *_) = ROWS["operation"], ROWS["standing"], ROWS["item"]
    ids = [f"operation {number}" for number in range(len(ITEMS))]
    items = [
        {
            **item,
            "operation_id": id_,
            "key": json.dumps(parts, separators=(",", ":")),
            "label": label,
            "before": before,
            "after": after,
        }
        for id_, (_, parts, label, before, after, _) in zip(ids, ITEMS, strict=True)
    ]
    rows: Rows = {
        "operation": [
            {**begun, "id": id_, "verb": verb} for id_, (verb, *_) in zip(ids, ITEMS, strict=True)
        ],
        "standing": [{**stood, "operation_id": id_} for id_ in ids],
        "item": items,
    }
    write_as(url, "0008", rows)
    with closing(Ledger.open(url, clock=clock)) as ledger:
        for id_, (*_, change) in zip(ids, ITEMS, strict=True):
            (kept,) = ledger.items(id_)
            assert VERBS[ledger.operation(id_).verb].read_item(kept) == change


def test_why_an_item_was_left_alone_and_may_yet_be_done_is_told_by_tokens(
    url: str, clock: Clock
) -> None:
    (begun,), (stood, _), (item, *_) = ROWS["operation"], ROWS["standing"], ROWS["item"]
    early = (
        "Looked up: still Included. The request may yet arrive: look it up again in two minutes."
    )
    skipped = {"outcome": "Skipped", "message": "It is excluded already."}
    words = ["", "No such upload."]
    write_as(
        url,
        "0008",
        {
            "operation": [begun],
            "standing": [{**stood, "moment": moment} for moment in range(3)],
            "item": [
                {**item, "number": number, "key": key(number), **told}
                for number, told in enumerate([skipped, *({"message": text} for text in words)])
            ],
            "settlement": [
                {
                    "operation_id": OPERATION,
                    "number": 1,
                    "moment": 1,
                    "outcome": "Uncertain",
                    "message": early,
                }
            ],
        },
    )
    with closing(Ledger.open(url, clock=clock)) as ledger:
        told = [(each.skip, each.finding, each.message) for each in ledger.items(OPERATION)]
        assert told == [
            (Skip.ALREADY_DONE, "", ""),
            ("", Finding.LOOKED_TOO_EARLY, ""),
            ("", "", "No such upload."),
        ]


WORDS_OF_JOBS = {
    "Pending Dispatching": (Status.PENDING, JobType.DISPATCHING),
    "Running Extraction": (Status.RUNNING, JobType.EXTRACTION),
    "Rescheduling Receiving": (Status.RESCHEDULING, JobType.RECEIVING),
    "Cancelling Processing": (Status.CANCELLING, JobType.PROCESSING),
    "Succeeded Consolidated analytics": (Status.SUCCEEDED, JobType.CONSOLIDATED),
    "Failed Other": (Status.FAILED, JobType.OTHER),
    "Error Other": (Status.ERROR, JobType.OTHER),
    "Cancelled Other": (Status.CANCELLED, JobType.OTHER),
    "Rolled back Other": (Status.ROLLED_BACK, JobType.OTHER),
    "Rescheduled Other": (Status.RESCHEDULED, JobType.OTHER),
    "Unknown Other": (Status.UNKNOWN, JobType.OTHER),
}
"""What earlier versions called the status and the type of a job, and what they are."""


def words_of(told: str) -> tuple[str, str]:
    """Give the words of a status and of a type."""
    kind = next(each for each in TYPE_WORDS if told.endswith(each))
    return told.removesuffix(f" {kind}"), kind


TYPE_WORDS = (
    *("Dispatching", "Extraction", "Receiving", "Processing", "Consolidated analytics", "Other"),
)


@pytest.mark.parametrize("revision", ["0002", "0008", "0010"])
def test_jobs_that_an_earlier_version_saw_are_told_in_tokens(
    url: str, clock: Clock, revision: str
) -> None:
    nothing = dict.fromkeys(("tenant_code", "stage", "data_version", "parent_job_id"), "")
    rows = [
        {
            "id": number,
            "identity": "ann",
            "job_id": str(number),
            "number": 0,
            "status": words_of(told)[0],
            "job_type": words_of(told)[1],
            # Visier's own words, and whatever else it says, stay as they are.
            "status_word": words_of(told)[0],
            "job_type_word": words_of(told)[1],
            "message": words_of(told)[0],
            "start_time": None,
            **dict.fromkeys(("first_seen", "last_seen"), round(START.timestamp() * 1000)),
            **nothing,
        }
        for number, told in enumerate(WORDS_OF_JOBS)
    ]
    write_as(url, revision, {"sighting": rows})
    with closing(Ledger.open(url, clock=clock)) as ledger:
        seen = ledger.job_observations.of("ann", since=START).sort_values(
            "job_id", key=lambda x: x.astype(int)
        )
        assert [*zip(seen["status"], seen["job_type"], strict=True)] == [*WORDS_OF_JOBS.values()]
        words = [words_of(told) for told in WORDS_OF_JOBS]
        assert [*zip(seen["status_word"], seen["job_type_word"], strict=True)] == words
        assert list(seen["message"]) == [status for status, _ in words]


def test_the_states_of_jobs_in_documents_are_told_in_tokens(url: str, clock: Clock) -> None:
    (begun,), (stood, _), (item, *_), (event,) = (
        ROWS[name] for name in ("operation", "standing", "item", "event")
    )
    said = 'a "status":"Running" in a text'
    states = [
        dict(zip(("status", "job_type"), words_of(told), strict=True)) for told in WORDS_OF_JOBS
    ]
    cancelled, started = (
        {**begun, "verb": "cancel_jobs"},
        {**begun, "id": "start", "verb": "start_load"},
    )
    at = {**stood, "state": "finished", "moment": 0, "changed_since_plan": 0}
    found = {"type_word": said, "status_word": "Running", "tenant_code": "t", "dispatched": None}

    def compact(told: object) -> str:
        return json.dumps(told, separators=(",", ":"))

    rows: Rows = {
        "operation": [cancelled, started],
        "standing": [at, {**at, "operation_id": "start"}],
        "item": [
            {
                **item,
                "number": number,
                "key": compact(["t", f"other:{number}"]),
                "name": "",
                "before": compact([1, state]),
                "after": compact([1, {"status": "Cancelled", "job_type": None}]),
                "outcome": "changed_since_plan",
                "skip": "",
                "finding": "changed",
                "facts": compact({"state": [1, state], "said": said}),
                "message": said,
            }
            for number, state in enumerate(states)
        ],
        "settlement": [
            {
                "operation_id": OPERATION,
                "number": 0,
                "moment": 0,
                "outcome": "uncertain",
                "finding": "looked_changed",
                "facts": compact({"state": [1, states[1]]}),
                "message": "",
            }
        ],
        "event": [
            {
                **event,
                "id": number,
                "operation_id": "start",
                "kind": "found_job",
                "request": "",
                "who": "",
                "answer": compact({"job_type": word, **found}),
            }
            for number, word in enumerate(TYPE_WORDS)
        ],
    }
    write_as(url, "0010", rows)
    with closing(Ledger.open(url, clock=clock)) as ledger:
        spec, items = VERBS[Verb.CANCEL_JOBS], ledger.items(OPERATION)
        changes = [spec.read_item(each) for each in items]
        known = [JobState(*state) for state in WORDS_OF_JOBS.values()]
        assert [each.before for each in changes] == known
        assert {each.after for each in changes} == {JobState(Status.CANCELLED)}
        told = [spec.read_state(json.dumps(each.facts["state"])) for each in items]
        assert told == [known[1], *known[1:]]
        assert {each.facts["said"] for each in items[1:]} == {said}
        assert {each.message for each in items[1:]} == {said}
        answers = [json.loads(each.answer) for each in ledger.events("start")]
        assert sorted(each["job_type"] for each in answers) == sorted(JobType)
        assert {each["type_word"] for each in answers} == {said}
