"""Visier's own SDK, loaded by the first test that uses it.

Loading takes seconds, which nobody shall wait for who only collects tests.
"""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)  # Asked by whoever collects tests, of everything there is.
    return getattr(importlib.import_module("visier_platform_sdk"), name)
