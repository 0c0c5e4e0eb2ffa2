"""How what others wrote is shown."""

import pytest

from dashboard.components.formats import literal


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Version 9 of WFF_j1r~e1a stays: see", r"Version 9 of WFF\_j1r\~e1a stays: see"),
        ("*a* $b$ `c` [d](e) :red[f]", r"\*a\* \$b\$ \`c\` \[d\](e) \:red\[f\]"),
        ("<b> \\ # plain.", r"\<b> \\ \# plain."),
    ],
)
def test_a_text_of_others_is_no_markdown(text: str, written: str) -> None:
    assert literal(text) == written
