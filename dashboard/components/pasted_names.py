"""Names as people paste them, many in one text: quoted or not, separated by whatever."""

import re
from typing import Final

from services.typed_text import clean

_QUOTES: Final = "\"'`“”\u2018\u2019"


def names(text: str, separators: str = r"[\s,;]+") -> list[str]:
    """Return the names in a text, each once, in their order; quotes around one do not matter."""
    parts = (part.strip().strip(_QUOTES) for part in re.split(separators, clean(text)))
    return list(dict.fromkeys(filter(None, parts)))


def file_names(text: str) -> list[str]:
    """Return the names of files in a text, which hold spaces: lines and commas separate them."""
    return names(text, r"[,;\n]+")


def tenant_codes(text: str, administrating: str = "") -> list[str]:
    """Return the codes of tenants in a text.

    ``%7E`` is ``~``, and an analytic tenant's own part, from "~" on, stands for its whole code
    where the administrating tenant is known.
    """
    codes = (re.sub("%7E", "~", name, flags=re.IGNORECASE) for name in names(text))
    return list(dict.fromkeys(administrating + code if code[0] == "~" else code for code in codes))
