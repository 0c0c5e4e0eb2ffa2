"""Names that are pasted, many in one text."""

import pytest

from dashboard.components.pasted_names import file_names, names, tenant_codes
from tests.services.operations.starts.whole_forms import C7O, E1A


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tenant_codes("a, b;c\n d  a", "WFF_j1r"), ["a", "b", "c", "d"]),
        (tenant_codes("'~c7o' WFF_j1r%7ec7o “~e1a”", "WFF_j1r"), [C7O, E1A]),
        (tenant_codes("~c7o"), ["~c7o"]),
        (file_names("one file.zip.gpg,\nb.zip.gpg\n"), ["one file.zip.gpg", "b.zip.gpg"]),
        (names(" ,;\n"), []),
    ],
)
def test_pasted_names_are_read_as_people_have_them(found: list[str], expected: list[str]) -> None:
    assert found == expected
