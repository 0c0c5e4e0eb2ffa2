"""What is typed is said in words where it is shown, and only there."""

import pandas as pd

from dashboard import wording
from dashboard.operations import recovery_page
from services.frames import JobType, Status
from services.frames.job_tree import ABOVE_OTHERS
from services.frames.links import Link
from services.monitoring.rhythm import Rhythm
from services.operations.recovery.steps import StepStatus
from services.operations.recovery.verdicts import Verdict


def test_every_token_has_a_word_of_its_own() -> None:
    assert set(wording.JOB_STATES) == {*Status, ABOVE_OTHERS}
    assert set(wording.JOB_TYPES) == set(JobType)
    assert set(wording.LINKS) == set(Link)
    assert set(wording.RHYTHMS) == set(Rhythm)
    of_filters = (
        *(wording.JOB_STATES, wording.JOB_TYPES, wording.LINKS, wording.REMARKS, wording.SPANS),
        *(wording.RHYTHMS, wording.UPLOAD_STATES, wording.DELIVERIES),
    )
    for words in of_filters:
        assert len(set(words.values())) == len(words)
        assert {token: wording.FILTERED_BY[token] for token in words} == dict(words)


def test_no_mark_of_a_recovery_reads_as_the_dash_of_a_list() -> None:
    assert set(recovery_page.MARKS) == set(Verdict)
    assert set(recovery_page.STEP_STATUS_MARKS) == set(StepStatus)
    marks = {*recovery_page.MARKS.values(), *recovery_page.STEP_STATUS_MARKS.values()}
    assert marks.isdisjoint({"", "-", "*", "+"})


def test_a_column_is_said_in_the_order_of_its_tokens_and_stays_as_it_is() -> None:
    kinds = pd.CategoricalDtype([each.value for each in JobType])
    rows = pd.DataFrame({"job_type": pd.Series(["processing", None, "extraction"], dtype=kinds)})
    shown = wording.shown(rows)["job_type"]
    assert shown.fillna("Other").tolist() == ["Processing", "Other", "Extraction"]
    assert shown.cat.categories.tolist() == [*wording.JOB_TYPES.values()]
    assert rows["job_type"].cat.categories.tolist() == [*JobType]


def test_several_tokens_in_a_cell_are_said_one_by_one() -> None:
    told = wording.in_words(pd.Series(["extraction, processing"]), wording.JOB_TYPES)
    assert told.tolist() == ["Extraction, Processing"]
