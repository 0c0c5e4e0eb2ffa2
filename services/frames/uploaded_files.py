"""Files behind the uploads, from the list of files and from a receiving job."""

from collections.abc import Iterable

import pandas as pd

from services.frames.answers import Record, find, members, nested, objects
from services.frames.schema import Field, Schema, build, flag, frame, text, time

TENANT: Schema = (Field("tenant_code", ("tenantCode", "tenant"), text),)
FILE: Schema = (
    Field("upload_time", ("uploadTime",), time),
    Field("upload_time_text", ("uploadTime",), text),
    Field("filename", ("filename",), text),
    Field("identifier", ("identifier",), text),
    Field("source_id", ("sourceId",), text),
    Field("source_object_name", ("sourceObjectName",), text),
    Field("included", ("included",), flag),
)

_HOLDERS = ("tenants", "sourceFiles", "extractedFiles")


def to_frame(pages: Iterable[object]) -> pd.DataFrame:
    """Return one row per file, in the order listed; a tenant without files has no row.

    Columns: tenant_code str, upload_time datetime64[ms, UTC], upload_time_text str (byte for
    byte), filename str, identifier str, source_id str, source_object_name str (missing when the
    file matches no source), included boolean. A page is one tenant, a list of tenants or an object
    that has one: text and schema of the OpenAPI document disagree. Raises UnexpectedResponse. Data
    and Job Handling API, GET /v1alpha/op/data/uploaded-files and
    GET /v1alpha/op/data/receiving-jobs/{jobId}/files.
    """
    tenants = [tenant for page in objects(pages, *_HOLDERS) for tenant in _tenants(page)]
    files = nested(tenants, "sourceFiles", "extractedFiles", keep_childless=False)
    columns = build(TENANT, tenants, files.parent) | build(FILE, files.items)
    # A tenant's files may continue on the next page: tenants repeat, and equal rows are one file.
    return frame(columns).drop_duplicates(ignore_index=True)


def _tenants(page: Record) -> list[Record]:
    return [page] if find(page, ("tenants",)) is None else members(page, "tenants")
