"""What a person reads on a screen after a fault, in the words of the table."""

from collections.abc import Mapping
from types import MappingProxyType

from streamlit.testing.v1 import AppTest

from dashboard import wording
from dashboard.components.errors import FACES
from dashboard.components.fetch_progress import SHARED
from dashboard.components.notes import WITHOUT
from dashboard.operations.credential_results import REFUSED, UNSENT
from dashboard.operations.follow_ups import TEST_AGAIN
from dashboard.operations.operation_results import MARKS
from pages.jobs.visier_answers import ASK_AGAIN
from pages.sign_in.form import CHECK_WHEN_REFUSED
from pages.watch.webhooks import STATUS_ONLY
from services import visier
from services.ledger import LedgerTrouble, Outcome
from services.visier.errors import ADVICE_BY_NAME
from tests.pages.acting import labels
from tests.pages.reading import texts

SHOWN, EMPTY, LESS = "shown", "empty", "shown in part"
DONE, NOT_DONE, UNSURE, NO_RESULT, NOT_SENT = (
    "done",
    "not done",
    "unsure",
    "no result",
    "not sent",
)
WAIT = "wait"
WORDS: Mapping[type[Exception], str] = MappingProxyType(
    {
        visier.RateLimited: WAIT,
        visier.StillFetching: WAIT,
        visier.NotPermitted: "not permitted",
        visier.SignedOut: "signed out",
        visier.PasswordRefused: "refused",
        visier.UnknownVanityName: "no such name",
        visier.ApiKeyRefused: "key refused",
        visier.Unreachable: "offline",
        visier.NotFound: "not found",
        visier.UnreadableAnswer: "unreadable",
        visier.NoAnswer: "no answer",
        visier.VisierError: "error",
    }
)
TITLES = {FACES[kind].title: word for kind, word in WORDS.items()}
# Where a screen goes on without what it could not read, and says so.
IN_PART = (
    "The job list is not available",
    "Details could not be read",
    STATUS_ONLY,
    *WITHOUT.values(),
)
WAITS = "Waiting for the call budget; continues in"
OUTCOMES = {
    Outcome.SUCCEEDED: DONE,
    Outcome.FAILED: NOT_DONE,
    Outcome.UNCERTAIN: UNSURE,
    Outcome.NO_RESULT: NO_RESULT,
    Outcome.PLANNED: NOT_SENT,
}
STARTS = {
    "It started": DONE,
    "It did not start": NOT_DONE,
    "It may have started": UNSURE,
    "It was not sent": NOT_SENT,
}
STEPS = (
    "Try again",
    "Sign in again",
    "Retry the failed",
    "Look up the uncertain",
    "Look up and finish",
    "Look for it",
    "Look for new credentials",
    "It was not",
    "Start another",
)


TRACK = "This page shows tracked jobs"


def _advice(kind: type[visier.VisierError]) -> set[str]:
    return {kind.advice}.union(*map(_advice, kind.__subclasses__()))


ADVICE = _advice(visier.VisierError) | {
    *ADVICE_BY_NAME.values(),
    SHARED,
    *CHECK_WHEN_REFUSED.values(),
    LedgerTrouble.advice,
    REFUSED,
    UNSENT,
    ASK_AGAIN,
    TEST_AGAIN,
}


def face(app: AppTest) -> str:
    """Say in a word how a screen of what was read looks."""
    headings = [text.value.partition("## ")[2].partition(" ")[2] for text in app.markdown]
    faces = [TITLES[heading] for heading in headings if heading in TITLES]
    if faces:
        return faces[0]
    if waits(app):
        return WAIT
    if any(words in texts(app) for words in IN_PART):
        return LESS
    return EMPTY if any("## :material/inbox:" in text.value for text in app.markdown) else SHOWN


def waits(app: AppTest) -> list[str]:
    """Return what the screen says that a list waits for."""
    bars = [bar.proto.text for bar in app.get("progress")]
    return [words for words in (*bars, *texts(app).splitlines()) if WAITS in words]


def claims(app: AppTest) -> dict[str, str]:
    """Say what the screen claims of each item of an operation, by its tenant, or what it is."""
    marks = {
        f"{mark} {wording.OUTCOMES[outcome]}": OUTCOMES.get(outcome, wording.OUTCOMES[outcome])
        for outcome, mark in MARKS.items()
    }
    frames = [shown.value for shown in app.dataframe if "mark" in shown.value]
    return {
        str(row["tenant_code"] if "tenant_code" in row else row["what"]): marks[row["mark"]]
        for frame in frames
        for row in frame.to_dict("records")
    }


def start_claims(app: AppTest) -> dict[str, str]:
    """Say what the screen claims of a start."""
    shown = f"{texts(app)}\n"
    found = [word for words, word in STARTS.items() if f" {words}\n" in shown]
    return {"started": " + ".join(found)} if found else {}


def next_steps(app: AppTest) -> list[str]:
    """Return the advice on the screen, and the buttons that follow it."""
    told = [each.value for each in (*app.caption, *app.text)]
    advice = [words for words in told if words in ADVICE or words.startswith(TRACK)]
    ends = [each for words in told for each in sorted(ADVICE) if words.endswith(f") {each}")]
    return [
        *advice,
        *ends,
        *waits(app),
        *(label for label in labels(app) if label.startswith(STEPS)),
    ]
