"""Whatever is ticked or pressed, its callback is called, and runs to its end.

By itself Streamlit gives each event a run of its own, and ends the one before: before it has begun,
or at its next touch of the session, in a callback as well. What that run was for counts as heard,
and its callback is never called again. A busy machine hears two ticks at once that were made one
right after another, and of these the first was lost (Streamlit 1.67; that such a callback dies is
written in `SessionState._call_callbacks`).

Here an event that comes before the callbacks of another are through joins its run, as Streamlit has
it with `runner.fastReruns` off; what only draws is left for the newer one at once, as with it on.
"""

from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any, Final

from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.state.safe_session_state import SafeSessionState

# A callback may wait for Visier: what is pressed after that is not kept waiting with it.
PATIENCE_SECONDS: Final = 5.0
# Since when a runner has been in the callbacks of an event; None while it is in none.
_SINCE: Final = "dashboard_in_callbacks_since"
_BEGUN: Final = "dashboard_has_begun"


def install() -> None:
    """Have it so in this process; a second time changes nothing."""
    if hasattr(SafeSessionState.on_script_will_rerun, "__wrapped__"):
        return
    for of, name, made in (
        (SafeSessionState, "on_script_will_rerun", _undivided),
        (ScriptRunner, "_maybe_handle_execution_control_request", _between_callbacks),
        (ScriptRunner, "request_rerun", _joined),
    ):
        setattr(of, name, made(getattr(of, name)))


def _undivided(run_callbacks: Callable[..., None]) -> Callable[..., None]:
    @wraps(run_callbacks)
    def undivided(state: SafeSessionState, *args: Any, **kwargs: Any) -> None:
        runner: Any = state._yield_callback
        runner = runner.__self__
        if runner._requests._state is ScriptRequestType.STOP:
            # It is outdated: what it would tell may be older than what was told since.
            state._yield_callback()
        setattr(runner, _SINCE, monotonic())
        try:
            run_callbacks(state, *args, **kwargs)
        finally:
            setattr(runner, _SINCE, None)
            setattr(runner, _BEGUN, True)

    return undivided


def _between_callbacks(give_way: Callable[[ScriptRunner], None]) -> Callable[[ScriptRunner], None]:
    @wraps(give_way)
    def between_callbacks(runner: ScriptRunner) -> None:
        if getattr(runner, _SINCE, None) is None:
            give_way(runner)

    return between_callbacks


def _joined(
    join: Callable[[ScriptRunner, RerunData], bool],
) -> Callable[[ScriptRunner, RerunData], bool]:
    @wraps(join)
    def joined(runner: ScriptRunner, event: RerunData) -> bool:
        """Say whether the run at work takes an event in; if not, it has one of its own."""
        since = getattr(runner, _SINCE, None)
        is_in_callbacks = since is not None and monotonic() - since < PATIENCE_SECONDS
        if event.fragment_id or is_in_callbacks or not getattr(runner, _BEGUN, False):
            return join(runner, event)
        runner.request_stop()
        return False

    return joined
