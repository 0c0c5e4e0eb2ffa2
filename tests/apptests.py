"""What makes an AppTest quick that no test is about."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from streamlit.components.v2 import manifest_scanner


@contextmanager
def quick_apptests() -> Iterator[None]:
    """Let no AppTest look for components in all packages installed: none of ours has one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest_scanner, "scan_component_manifests", list)
        yield
