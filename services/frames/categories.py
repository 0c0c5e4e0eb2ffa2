"""Data categories, by name, id (starting jobs) and object name (data versions)."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import listed
from services.frames.schema import Field, Schema, build, frame, text

SCHEMA: Schema = (
    Field("name", ("name",), text),
    Field("id", ("id",), text),
    Field("object_name", ("objectName",), text),
)


def to_frame(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per data category: name, id and object_name, all str.

    `id` goes into the bodies that start jobs, `object_name` into the data-version operations.
    Raises UnexpectedResponse. Data and Job Handling API, GET /v1/op/data/categories.
    """
    return frame(build(SCHEMA, listed(pages, "categories")))
