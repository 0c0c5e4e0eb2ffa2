"""The compressed copies of static files: how many are made and kept."""

from pathlib import Path
from unittest.mock import Mock

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dashboard.streamlit_compat import compressed_files
from dashboard.streamlit_compat.compressed_files import CompressedFiles
from tests.served import Browser, served


def test_a_file_is_compressed_once_by_whatever_path_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "index.js").write_text("let a = 1;\n" * 1_000)
    compress = Mock(side_effect=compressed_files.ENCODERS["gzip"])
    monkeypatch.setattr(compressed_files, "ENCODERS", {"gzip": compress})
    files = Mount("/static", StaticFiles(directory=tmp_path))
    with served(Starlette(routes=[files], middleware=[Middleware(CompressedFiles)])) as url:
        paths = ("js/index.js", "js//index.js", "js///index.js", "./js/./index.js", "js/index.js/")
        for path in paths:
            answer = Browser(url).get(f"/static/{path}", headers={"Accept-Encoding": "gzip"})
            assert answer.headers["Content-Encoding"] == "gzip"
            assert answer.text == "let a = 1;\n" * 1_000
    assert compress.call_count == 1


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.0, gzip", "gzip"),
        ("br ; Q=0.000 , gzip;q=0.1", "gzip"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("*;q=0", ""),
        ("gzip, *;q=0", "gzip"),
        ("identity", ""),
        ("identity;q=1, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0, *;q=0.1", "br"),
        ("br;q=high, gzip;q=-1", ""),
        ("br;q=nan", ""),
        ("", ""),
    ],
)
def test_only_what_is_accepted_is_sent(accepted: str, sent: str) -> None:
    assert compressed_files.best_of(accepted) == sent
