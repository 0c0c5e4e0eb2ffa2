"""One odd value costs that value: the other rows stand, the columns are the same, it is said."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.frames import leaving_out, uploads
from tests import odd_values
from tests.odd_values import PAGES, with_value
from tests.services.frames.resources import RESOURCES, dtypes

# These are of one item alone.
SINGLE = {"dispatching_job", "create_connector_credential", "missing_properties"}
# What was created is told by the whole answer: an odd one is looked up, not passed over.
READ_BY_ITEM = sorted(RESOURCES.keys() - {"create_connector_credential"})
# Results of a write, which nothing may be passed over in.
RESULTS = {
    "disable_dv",
    "data_uploads",
    "cancel_jobs",
    "assign_connector_credential",
    "set_connector_setting",
    "create_connector_credential",
    "missing_properties",
}
LISTS = sorted(RESOURCES.keys() - RESULTS - SINGLE)


def test_every_resource_has_a_page() -> None:
    assert PAGES.keys() == RESOURCES.keys()
    for name, resource in RESOURCES.items():
        frame = resource.read([PAGES[name]])
        assert len(frame) >= (1 if name in SINGLE else 3)
        assert dtypes(frame) == resource.dtypes


@pytest.mark.parametrize("name", READ_BY_ITEM)
@odd_values.examples(5)
@given(data=st.data())
def test_an_odd_value_costs_that_value(name: str, data: st.DataObject) -> None:
    page = PAGES[name]
    singles = [path for path in odd_values.places(page) if odd_values.is_value(page, path)]
    path = data.draw(st.sampled_from(singles))
    others_stand(name, with_value(page, path, data.draw(odd_values.values)))


@pytest.mark.parametrize("name", LISTS)
@odd_values.examples(5)
@given(data=st.data())
def test_an_odd_item_costs_that_item(name: str, data: st.DataObject) -> None:
    page = PAGES[name]
    below = [
        path
        for path in odd_values.places(page)
        if len(path) > 1 and not odd_values.is_value(page, path)
    ]
    path = data.draw(st.sampled_from(below))
    with leaving_out() as texts:
        others_stand(name, with_value(page, path, data.draw(odd_values.texts.filter(bool))))
    assert texts


def others_stand(name: str, odd: Any) -> None:
    """Check that all rows are as ever but those of one tenant."""
    resource = RESOURCES[name]
    frame, whole = resource.read([odd]), resource.read([PAGES[name]])
    assert dtypes(frame) == resource.dtypes
    of_a_tenant = len(whole) if name in SINGLE else -(-len(whole) // 3)
    assert len(whole) - len(same_rows(whole, frame)) <= of_a_tenant


def same_rows(whole: pd.DataFrame, frame: pd.DataFrame) -> list[Any]:
    """Give the rows of the one that the other has too."""
    ours, theirs = (
        [tuple(row) for row in each.astype(object).where(each.notna(), None).to_numpy()]
        for each in (whole, frame)
    )
    return [row for row in ours if row in set(theirs)]


UPLOAD = ("tenants", 1, "uploads", 0)


@pytest.mark.parametrize(
    ("path", "odd", "said"),
    [
        ((*UPLOAD, "uploadTime"), "soon", "WFF_j1r~b2b: uploadTime “soon” is no time."),
        ((*UPLOAD, "uploadTime"), [1], "WFF_j1r~b2b: uploadTime “[1]” is no time."),
        (
            (*UPLOAD, "included"),
            "maybe",
            "WFF_j1r~b2b: included “maybe” is neither true nor false.",
        ),
        (UPLOAD, 5, "WFF_j1r~b2b: Expected an object in uploads, not a number."),
        (
            UPLOAD[:3],
            "oops",
            "WFF_j1r~b2b: Expected a list for uploads, not text.",
        ),
        (UPLOAD[:2], True, "Expected an object in tenants, not true or false."),
    ],
)
def test_what_is_lost_is_said(path: odd_values.Path, odd: object, said: str) -> None:
    with leaving_out() as texts:
        uploads.to_frame([with_value(PAGES["uploads"], path, odd)])
    assert texts == [said]


def test_many_of_a_kind_are_said_once() -> None:
    page = PAGES["uploads"]
    for tenant in range(3):
        page = with_value(page, ("tenants", tenant, "uploads", 1, "uploadTime"), "W" * 25_000)
    with leaving_out() as texts:
        uploads.to_frame([page])
    cut = "W" * 40
    assert texts == [f"WFF_j1r~a1a: uploadTime “{cut}” is no time, and 2 more."]


def test_what_is_not_told_is_not_said_to_be_lost() -> None:
    for resource in RESOURCES.values():
        with leaving_out() as texts:
            resource.read([PAGES["uploads"] if resource.listing == "tenants" else {}])
        assert texts == []


def test_a_tenant_whose_list_cannot_be_read_is_not_called_one_without() -> None:
    with leaving_out():
        frame = uploads.to_frame([with_value(PAGES["uploads"], UPLOAD[:3], "oops")])
    assert "WFF_j1r~b2b" not in set(frame["tenant_code"])
