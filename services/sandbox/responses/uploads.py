"""Data uploads and their files."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from services.sandbox import times
from services.sandbox.call import Call, Page, flag, text, texts, time
from services.sandbox.errors import NO_PERMISSION, bad_request, not_found
from services.sandbox.models.jobs import Kind
from services.sandbox.rules.files import NO_SOURCE, SOURCES, File, all_files, source_files
from services.sandbox.rules.selecting import Selection, set_flags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.sandbox.models.tenants import Tenant, Upload

Payload = dict[str, object]

MOST_UPLOADS = 5
DEFAULT_TENANTS = 1_000
DEFAULT_FILES = 500
NO_SUCH_UPLOAD = "The data upload does not exist for the tenant."


def retrieve_data_uploads(call: Call) -> Payload:
    """Return tenants with their latest data uploads, oldest first, at most five.

    Data and Job Handling API, GET /v1/op/data/uploads.
    """
    page = call.page(DEFAULT_TENANTS)
    # One by default (OpenAPI document), although a code sample shows five.
    number = call.number("numberOfDataUploads", 1, 1, MOST_UPLOADS)
    job_id = call.query.get("uploadJobId")
    if job_id:
        found = page.of(_of_job(call, job_id))
    else:
        found = [(tenant, tenant.uploads) for tenant in page.of(call.asked_tenants())]
    tenants = [
        {
            "tenantCode": tenant.code,
            "uploads": [
                {"uploadTime": upload.time, "included": upload.included}
                for upload in uploads[-number:]
            ],
        }
        for tenant, uploads in found
    ]
    return {"tenants": tenants, **page.echo()}


def _of_job(call: Call, job_id: str) -> list[tuple[Tenant, list[Upload]]]:
    """Return the uploads of a receiving job and its children, by tenant."""
    job = call.world.jobs.by_id.get(job_id)
    if job is None or job.kind is not Kind.RECEIVING or not call.reaches(job.tenant):
        raise not_found(f"The receiving job {job_id} does not exist.")
    ids = {job.id, *(child.id for child in job.children)}
    # A batch belongs to the administrating tenant, its uploads to those of its children.
    codes = dict.fromkeys([job.tenant, *(child.tenant for child in job.children)])
    asked = call.query.get("tenantCode")
    tenants = [t for code in codes if (t := call.world.tenant(code)) and asked in (None, "", code)]
    found = [(t, [u for u in t.uploads if u.receiving_job in ids]) for t in tenants]
    return [(tenant, uploads) for tenant, uploads in found if uploads]


def include_data_uploads(call: Call) -> Payload:
    """Include data uploads or single files of them.

    Data and Job Handling API, PUT /v1/op/data/uploads/include.
    """
    return _update(call, included=True)


def exclude_data_uploads(call: Call) -> Payload:
    """Exclude data uploads or single files of them.

    Data and Job Handling API, PUT /v1/op/data/uploads/exclude.
    """
    return _update(call, included=False)


def _update(call: Call, *, included: bool) -> Payload:
    all_field = "includeAll" if included else "excludeAll"
    items = [(text(i, "tenantCode"), _selection(i, all_field)) for i in call.items("uploads")]
    results = [
        result
        for place, (code, selection) in enumerate(items)
        for result in _update_tenant(call, code, selection, place, included=included)
    ]
    failures = sum(result["status"] == "Failed" for result in results)
    return {
        "totalFailures": failures,
        "totalSuccess": len(results) - failures,
        "uploads": results,
    }


def _update_tenant(
    call: Call, code: str, selection: Selection, place: int, *, included: bool
) -> Iterator[Payload]:
    tenant = call.world.tenant(code) if call.reaches(code) else None
    if tenant is None:
        yield from (_result(code, named, NO_PERMISSION) for named in selection.times or ("",))
        return
    meant = [] if selection.empty else selection.uploads(tenant)
    touched = [(upload, bits) for upload in meant if (bits := selection.bits(tenant, upload))]
    missing = selection.missing(tenant)
    # A selection without an upload is answered with one failure.
    if not touched and not missing:
        yield _result(code, "", NO_SUCH_UPLOAD)
    for number, (upload, bits) in enumerate(touched):
        if call.refuses(place + number):
            yield _result(code, upload.time, "[SIM0006] The data upload could not be changed.")
            continue
        set_flags(upload, bits, included=included)
        yield _result(code, upload.time)
    yield from (_result(code, named, NO_SUCH_UPLOAD) for named in missing)


def _selection(item: dict[str, object], all_field: str) -> Selection:
    pattern = text(item, "fileNameRegex")
    return Selection(
        everything=flag(item, all_field),
        times=tuple(dict.fromkeys(_upload_time(told) for told in texts(item, "uploadTimes"))),
        earliest=time(item, "minUploadTime"),
        latest=time(item, "maxUploadTime"),
        sources=frozenset(texts(item, "sources")),
        pattern=_pattern(pattern) if pattern else None,
        identifiers=frozenset(texts(item, "fileIdentifiers")),
    )


def _upload_time(value: str) -> str:
    """Return an upload time in one notation; anything else unchanged, which names no upload."""
    try:
        return times.parse(value)
    except ValueError:
        return value


def _pattern(text_: str) -> re.Pattern[str]:
    try:
        return re.compile(text_)
    except re.error as error:
        raise bad_request(
            f"The field fileNameRegex is not a regular expression: {text_}"
        ) from error


def _result(code: str, upload_time: str, message: str = "") -> Payload:
    return {
        "tenantCode": code,
        "uploadTime": upload_time,
        "status": "Failed" if message else "Succeeded",
        "message": message,
    }


def retrieve_tenant_source_files(call: Call) -> Payload:
    """Return source files, newest upload first, in one object with the login tenant's code.

    The administrating tenant gets the files of all its tenants, one tenant after the other.
    Data and Job Handling API, GET /v1alpha/op/data/uploaded-files.
    """
    files = (
        file
        for tenant in call.reachable()
        for upload in reversed(tenant.uploads)
        for file in source_files(tenant, upload)
    )
    found = [_file_item(file) for file in _page_of_files(call, files)]
    return {"tenantCode": call.login.code, "sourceFiles": found}


def retrieve_receiving_job_extracted_files(call: Call) -> Payload:
    """Return the files of a receiving job and its children by tenant.

    Data and Job Handling API, GET /v1alpha/op/data/receiving-jobs/{jobId}/files.
    """
    job_id = call.path["jobId"]
    files = (
        file
        for tenant, uploads in _of_job(call, job_id)
        for upload in uploads
        for file in all_files(tenant, upload)
    )
    return {"receivingJobId": job_id, "tenants": _by_tenant(_page_of_files(call, files))}


def _page_of_files(call: Call, files: Iterator[File]) -> Iterable[File]:
    page: Page = call.page(DEFAULT_FILES)
    pattern = call.query.get("fileNameRegex")
    if pattern:
        compiled = _pattern(pattern)
        files = (file for file in files if compiled.search(file.name))
    return islice(files, page.start, page.start + page.limit)


def _by_tenant(files: Iterable[File]) -> list[Payload]:
    found: dict[str, list[Payload]] = {}
    for file in files:
        found.setdefault(file.tenant.code, []).append(_file_item(file))
    return [{"tenantCode": code, "extractedFiles": items} for code, items in found.items()]


def _file_item(file: File) -> Payload:
    return {
        "uploadTime": file.upload.time,
        "filename": file.name,
        "identifier": file.identifier,
        "sourceId": SOURCES.get(file.source, NO_SOURCE),
        "sourceObjectName": file.source,
        "included": file.included,
    }
