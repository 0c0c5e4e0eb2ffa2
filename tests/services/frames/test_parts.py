"""Frames of pages put together are as one frame of all pages."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pytest

from services.frames import data_versions, tenants, uploaded_files, uploads
from services.frames.parts import put_together
from services.frames.schema import TEXT

ToFrame = Callable[[Sequence[object]], pd.DataFrame]
TIME = "2026-11-29T12:00:00.000Z"


def pages(page: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"tenants": [page(f"T~{number}{letter}") for letter in "ba"]} for number in range(3)]


LISTS: dict[str, tuple[ToFrame, list[dict[str, Any]]]] = {
    "versions": (
        data_versions.to_frame,
        pages(
            lambda code: {
                "tenantCode": code,
                "dataVersions": [{"dataVersion": "7", "dataVersionDate": TIME}],
            }
        ),
    ),
    "uploads": (
        uploads.to_frame,
        pages(lambda code: {"tenantCode": code, "uploads": [{"uploadTime": TIME}]}),
    ),
    "tenants": (
        tenants.to_frame,
        pages(lambda code: {"tenantCode": code, "tenantDisplayName": code, "status": "Enabled"}),
    ),
    "files": (
        uploaded_files.to_frame,
        pages(lambda code: {"tenantCode": code, "sourceFiles": [{"filename": code}]}),
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_page_by_page_or_at_once_is_the_same(name: str) -> None:
    to_frame, paged = LISTS[name]
    made = put_together([to_frame([page]) for page in paged])
    pd.testing.assert_frame_equal(made, to_frame(paged))
    assert len(made) == 6


@pytest.mark.parametrize("name", LISTS)
def test_pages_without_rows_change_nothing(name: str) -> None:
    to_frame, paged = LISTS[name]
    empty = to_frame([{"tenants": []}])
    made = put_together([empty, *(to_frame([page]) for page in paged), empty])
    pd.testing.assert_frame_equal(made, to_frame(paged))
    pd.testing.assert_frame_equal(put_together([empty, empty]), empty)


def test_texts_lie_in_one_piece() -> None:
    to_frame, paged = LISTS["versions"]
    made = put_together([to_frame([page]) for page in paged])
    assert made["tenant_code"].dtype == TEXT
    assert len(data_versions.latest(made)) == 6
