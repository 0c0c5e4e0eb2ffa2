"""Downloading source files from the sandbox."""

import io
import zipfile
from typing import Any

import pytest

from tests.services.sandbox.api import Api

FILES = "/v1alpha/op/data/uploaded-files"
DOWNLOAD = "/v1alpha/op/data/source-files"
I1O, C7O = "WFF_j1r~i1o", "WFF_j1r~c7o"


def listed(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.within(I1O).get(FILES)["sourceFiles"]
    return found


def archive(api: Api, path: str, **body: object) -> list[str]:
    answer = api.within(I1O).ask("GET", path, **({"json": body} if body else {}))
    assert answer.headers["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_a_file_comes_by_its_identifier_whether_it_is_included_or_not(api: Api) -> None:
    for file in (listed(api)[0], listed(api)[-1]):
        (name,) = archive(api, f"{DOWNLOAD}/{file['identifier']}")
        assert name.endswith(file["filename"])
    assert not listed(api)[-1]["included"]


def test_the_files_of_another_tenant_are_unknown(api: Api) -> None:
    path = f"{DOWNLOAD}/{listed(api)[0]['identifier']}"
    assert api.within(C7O).ask("GET", path).status_code == 404
    assert api.ask("GET", path).status_code == 404


def test_several_files_are_chosen_by_source_and_time(api: Api) -> None:
    included = [file for file in listed(api) if file["included"]]
    assert len(archive(api, DOWNLOAD, downloadAll=True)) == len(included) == 12
    both = archive(api, DOWNLOAD, downloadAll=True, includeNonActiveFiles=True)
    assert len(both) == len(listed(api))
    names = archive(
        api,
        DOWNLOAD,
        sources=["Employee"],
        minTimestamp="2019-10-10T00:00:00",
        maxTimestamp="2019-10-11T23:00:00",
    )
    assert [name.partition("/")[2] for name in names] == [
        "Employee_20191010.csv",
        "Employee_20191011.csv",
    ]
    ids = archive(api, DOWNLOAD, sourceIds=[listed(api)[0]["sourceId"]])
    assert len({name.partition("/")[2].partition("_")[0] for name in ids}) == 1


def test_nothing_found_is_said_behind_a_200(api: Api) -> None:
    answer = api.within(I1O).ask("GET", DOWNLOAD, json={"sources": ["Nobody"]})
    assert (answer.status_code, answer.json()["status"]) == (200, "Error")


@pytest.mark.parametrize("body", [{}, {"downloadAll": True, "minTimestamp": "soon"}])
def test_what_names_no_files_is_refused(api: Api, body: dict[str, object]) -> None:
    api.refused("GET", DOWNLOAD, 400, json=body)
