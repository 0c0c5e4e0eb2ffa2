"""What the dashboard serves besides Streamlit's own, at the root and below a base path."""

import pytest

from dashboard.app import own_routes


@pytest.mark.parametrize(("base", "below"), [("", ""), ("loads", "/loads"), ("/a/b/", "/a/b")])
def test_the_script_and_the_first_screen_s_name_are_found_where_the_page_is(
    base: str, below: str
) -> None:
    paths = {route.path for route in own_routes(base)}
    own = {
        *("browser.js", "download/{token}", "overview"),
        *("webhooks/visier", "webhooks/visier/{connection}"),
    }
    assert paths == {"/healthz", "/readyz", *(f"{below}/{name}" for name in own)}
