"""What makes an AppTest quick that no test is about."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner


@contextmanager
def quick_apptests() -> Iterator[None]:
    """Spare every run of an AppTest what is the same for all, or only waits."""
    compiled = ScriptCache()
    with pytest.MonkeyPatch.context() as patched:
        # It looks for components in all packages installed: none of ours has one.
        patched.setattr(manifest_scanner, "scan_component_manifests", list)
        # It compiles the script and the page for every run.
        patched.setattr(app_test, "ScriptCache", lambda: compiled)
        patched.setattr(local_script_runner, "ScriptCache", lambda: compiled)
        # It asks a thousand times a second whether the script has ended.
        patched.setattr(local_script_runner, "require_widgets_deltas", _wait)
        yield


def _wait(runner: LocalScriptRunner, timeout: float) -> None:
    thread = runner._script_thread
    assert thread
    thread.join(timeout)
    if thread.is_alive():
        runner.request_stop()
        raise TimeoutError(f"The script still runs after {timeout:g} seconds.")
