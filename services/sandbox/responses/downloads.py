"""Downloads of source files as ZIP archives."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from services.sandbox.call import Archive, Call, flag, texts, time
from services.sandbox.errors import bad_request, not_found
from services.sandbox.rules.files import SOURCES, File, content, source_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Payload = dict[str, object]
# The time of files in an archive; fixed, so that the same files make the same archive.
WRITTEN = (2026, 1, 1, 0, 0, 0)


def download_source_file(call: Call) -> Archive:
    """Return one file by its identifier, included or not; raise 404 for an unknown one.

    Source Files Download API, GET /v1alpha/op/data/source-files/{identifier}.
    """
    identifier = call.path["identifier"]
    for file in _files(call):
        if file.identifier == identifier:
            return _archive(f"{file.name}.zip", [file])
    raise not_found(f"The source file {identifier} does not exist.")


def download_source_files(call: Call) -> Archive | Payload:
    """Return the requested files of the login tenant in one archive, or a message without any.

    Source Files Download API, GET /v1alpha/op/data/source-files.
    """
    found = list(_asked(call))
    if not found:
        return {"status": "Error", "messages": "There are no such source files."}
    return _archive(f"{call.login.code}_source_files.zip", found)


def _asked(call: Call) -> Iterator[File]:
    body = call.body
    names, ids = set(texts(body, "sources")), set(texts(body, "sourceIds"))
    if not (flag(body, "downloadAll") or names or ids):
        raise bad_request("Either downloadAll, sources or sourceIds must be given.")
    earliest, latest = time(body, "minTimestamp"), time(body, "maxTimestamp")
    excluded_too = flag(body, "includeNonActiveFiles")
    for file in _files(call):
        is_meant = not (names or ids) or file.source in names or SOURCES[file.source] in ids
        at = file.upload.time
        in_range = (not earliest or at >= earliest) and (not latest or at <= latest)
        if is_meant and in_range and (file.included or excluded_too):
            yield file


def _files(call: Call) -> Iterator[File]:
    for upload in call.login.uploads:
        yield from source_files(call.login, upload)


def _archive(name: str, files: Iterable[File]) -> Archive:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for file in files:
            place = f"{file.upload.time[:19].replace(':', '')}/{file.name}"
            archive.writestr(zipfile.ZipInfo(place, WRITTEN), content(file), zipfile.ZIP_DEFLATED)
    return Archive(name, written.getvalue())
