"""The report of a recovery as a page of HTML, drawn from its document."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import jinja2
import orjson
import pandas as pd

from dashboard import wording
from dashboard.operations import done_words, item_words, recovery_words
from services.operations.recovery.incident import OF_FOUND_BY
from services.operations.recovery.steps import StepStatus
from services.operations.recovery.verdicts import OF_CHECK, OF_NOT_COMPARED, Verdict

MARKS: Final[Mapping[Verdict, str]] = {
    Verdict.CONFIRMED: "✓",
    Verdict.NOT_CONFIRMED: "✕",
    Verdict.TO_COME: "◔",
    Verdict.NOT_TOLD: "?",
    Verdict.LEFT_OUT: "⊘",
}
STEP_STATUS_MARKS: Final[Mapping[StepStatus, str]] = {
    StepStatus.TO_DO: "○",
    StepStatus.RUNNING: "◔",
    StepStatus.UNCLEAR: "?",
    StepStatus.STARTED: "▷",
    StepStatus.DONE: "✓",
    StepStatus.FAILED: "✕",
    StepStatus.OFF: "⊘",
    StepStatus.NOTHING: "·",
}
_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader(__package__, ""),
    # Text of tenants and of Visier is data and must never become markup.
    autoescape=True,
    # A name that the document lacks is a bug, not an empty cell.
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(report: dict[str, Any]) -> bytes:
    """Return the document of ``services.operations.recovery.report`` as one page of HTML.

    It loads nothing from anywhere, and prints.
    """
    words: dict[str, Mapping[Any, str]] = {
        "verbs": wording.VERBS,
        "states": wording.STATES,
        "outcomes": {
            **wording.OUTCOMES,
            StepStatus.STARTED: wording.STEP_STATUSES[StepStatus.STARTED],
        },
        "steps": wording.STEPS,
        "standings": wording.STEP_STATUSES,
        "verdicts": wording.VERDICTS,
        "changes": wording.CHANGES,
        "checks": wording.CHECKS,
    }
    page = _TEMPLATES.get_template("recovery_report.html.jinja")
    marks = {"marks": MARKS, "standings": STEP_STATUS_MARKS}
    says = {"number": number, "what": what, "items": items, "say": check}
    about = {
        "how": found_by(report["found"]),
        "not_compared": not_compared(report["verification"]["metric_values_not_compared"]),
    }
    return page.render(report=report, words=words, **about, **says, **marks).encode()


def found_by(found: Mapping[str, Any]) -> str:
    """Return by what the bad load was found, as a person reads it."""
    by = found["by"] and OF_FOUND_BY.validate_python(found["by"])
    return recovery_words.found_by(by, found["how"], ZoneInfo("UTC"))


def not_compared(reason: Any) -> str:
    """Return why no metric values are compared; nothing where they are."""
    return recovery_words.not_compared(OF_NOT_COMPARED.validate_python(reason or ""))


def what(part: Mapping[str, Any]) -> str:
    """Return what an operation does; a start says for what."""
    verb, start = part["verb"], part["starts"]
    return done_words.what(verb, **start) if start else wording.verb(verb)


def items(part: Mapping[str, Any]) -> list[dict[Any, Any]]:
    """Return the items of an operation that did not succeed, as a person reads them."""
    kept = [
        {**each, "facts": orjson.dumps(each["facts"]).decode()} for each in part["not_succeeded"]
    ]
    return item_words.of_items(part["verb"], pd.DataFrame(kept)).to_dict("records")


def check(checked: Mapping[str, Any]) -> str:
    """Return what a verdict rests on."""
    return recovery_words.check(OF_CHECK.validate_python(checked))


def number(value: float | None) -> str:
    """Return a metric value as a person reads it."""
    return "—" if value is None else f"{value:,.6g}" if abs(value) < 1 else f"{value:,.10g}"
