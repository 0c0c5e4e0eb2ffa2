"""Whatever stands where signing in is set up closes the door, also what nobody can sign in by."""

from pathlib import Path

import pytest
import streamlit as st

from tests.pages.conftest import operations, page_of
from tests.pages.team import AUTH, shown
from tests.sandboxes import Sandbox


@pytest.mark.parametrize(
    ("name", "auth"),
    [("auth", {}), ("auth", "text"), ("auth", []), ("auth", False), ("Auth", {}), ("AUTH", AUTH)],
)
def test_nobody_comes_in(sandbox: Sandbox, name: str, auth: object) -> None:
    app = page_of("uploads")
    app.secrets["other"] = "there are secrets"
    app.secrets[name] = auth
    app.run()
    assert not app.exception
    assert app.title[0].value == "Sign in"
    assert operations(sandbox) == []


def test_nobody_comes_in_by_secrets_that_cannot_be_read(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth")
    # Streamlit looks at several places; the settings are read from one of them.
    original = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda name: [str(broken)] if name == "secrets.files" else original(name)
    )
    app = page_of("uploads").run()
    assert "Nobody can sign in" in shown(app)
    assert operations(sandbox) == []
