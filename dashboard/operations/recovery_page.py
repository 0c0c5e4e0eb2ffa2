"""The report of a recovery as a page of HTML, drawn from its document."""

from collections.abc import Mapping
from typing import Any, Final

import jinja2

from dashboard import wording
from services.operations.recovery.case import Verdict
from services.operations.recovery.steps import Standing

MARKS: Final[Mapping[Verdict, str]] = {
    Verdict.CONFIRMED: "✓",
    Verdict.NOT_CONFIRMED: "✕",
    Verdict.TO_COME: "◔",
    Verdict.NOT_TOLD: "?",
    Verdict.LEFT_OUT: "-",
}
STANDING_MARKS: Final[Mapping[Standing, str]] = {
    Standing.TO_DO: "○",
    Standing.RUNNING: "◔",
    Standing.UNCLEAR: "?",
    Standing.STARTED: "▷",
    Standing.DONE: "✓",
    Standing.FAILED: "✕",
    Standing.OFF: "-",
    Standing.NOTHING: "-",
}
_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader(__package__, ""),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(told: dict[str, Any]) -> bytes:
    """Return the document of ``services.operations.recovery.report`` as one page of HTML.

    It loads nothing from anywhere, and prints.
    """
    words: dict[str, Mapping[Any, str]] = {
        "verbs": wording.VERBS,
        "states": wording.STATES,
        "outcomes": {**wording.OUTCOMES, Standing.STARTED: wording.STANDINGS[Standing.STARTED]},
        "steps": wording.STEPS,
        "standings": wording.STANDINGS,
        "verdicts": wording.VERDICTS,
        "changes": wording.CHANGES,
        "checks": wording.CHECKS,
    }
    page = _TEMPLATES.get_template("recovery_report.html.jinja")
    marks = {"marks": MARKS, "standings": STANDING_MARKS}
    return page.render(told=told, words=words, number=number, **marks).encode()


def number(value: float | None) -> str:
    """Return a metric value as a person reads it."""
    return "—" if value is None else f"{value:,.6g}" if abs(value) < 1 else f"{value:,.10g}"
