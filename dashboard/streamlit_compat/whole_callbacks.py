"""Whatever is ticked or pressed, its callback is called, and runs to its end.

By itself Streamlit gives each event a run of its own at once, in a thread beside the run before,
which it ends at its next touch of the session. So a busy machine loses clicks (Streamlit 1.67):

- of two that it hears at once the first: its run ends before it has begun, or in its callback,
  which `SessionState._call_callbacks` says dies, and is not called again;
- one that it hears while the run before tidies up: `WStates.remove_stale_widgets` puts a copy from
  before the click in the place of what the click has told, and it stays ticked and is not taken.

Here an event joins the run before, as Streamlit has it with `runner.fastReruns` off, until the
callbacks of that are through, and again when it has drawn everything. Callbacks of one run are
called in the order of the events; Streamlit puts an older press last. Only what is being drawn is
left for the newer event at once, as with it on.
"""

import threading
from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any, Final

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils import script_requests
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.state.safe_session_state import SafeSessionState

# A callback may wait for Visier: what is pressed after that is not kept waiting with it.
PATIENCE_SECONDS: Final = 5.0
# What is kept of a runner: since when it is in callbacks, and whether it draws.
_SINCE: Final = "dashboard_in_callbacks_since"
_DRAWS: Final = "dashboard_draws"
# A run that comes to its end and an event that comes meanwhile agree on which of them goes first.
_ENDING: Final = threading.Lock()


def install() -> None:
    """Patch Streamlit in this process; a second call changes nothing."""
    if hasattr(SafeSessionState.on_script_will_rerun, "__wrapped__"):
        return
    # Private parts of Streamlit 1.67: its tests show when a newer version has others.
    for of, name, made in (
        (SafeSessionState, "on_script_will_rerun", _undivided),
        (ScriptRunner, "_maybe_handle_execution_control_request", _between_callbacks),
        (ScriptRunner, "request_rerun", _joined),
        (ScriptRunner, "_on_script_finished", _ended),
        (script_requests, "_coalesce_widget_states", _in_order),
    ):
        setattr(of, name, made(getattr(of, name)))


def _is_outdated(runner: ScriptRunner) -> bool:
    return runner._requests._state is ScriptRequestType.STOP


def _undivided(run_callbacks: Callable[..., None]) -> Callable[..., None]:
    @wraps(run_callbacks)
    def undivided(state: SafeSessionState, *args: Any, **kwargs: Any) -> None:
        give_way: Any = state._yield_callback
        runner = give_way.__self__
        if _is_outdated(runner):
            # What it would tell may be older than what was told since.
            give_way()
        setattr(runner, _SINCE, monotonic())
        try:
            run_callbacks(state, *args, **kwargs)
        finally:
            setattr(runner, _SINCE, None)

    return undivided


def _between_callbacks(give_way: Callable[[ScriptRunner], None]) -> Callable[[ScriptRunner], None]:
    @wraps(give_way)
    def between_callbacks(runner: ScriptRunner) -> None:
        if getattr(runner, _SINCE, None) is not None:
            return
        context = get_script_run_ctx(suppress_warning=True)
        setattr(runner, _DRAWS, context is not None and context.has_script_started)
        give_way(runner)

    return between_callbacks


def _joined(
    join: Callable[[ScriptRunner, RerunData], bool],
) -> Callable[[ScriptRunner, RerunData], bool]:
    @wraps(join)
    def joined(runner: ScriptRunner, event: RerunData) -> bool:
        """Return whether the run at work takes an event in; if not, it has a run of its own."""
        with _ENDING:
            since = getattr(runner, _SINCE, None)
            is_slow = since is not None and monotonic() - since >= PATIENCE_SECONDS
            if event.fragment_id or not (is_slow or getattr(runner, _DRAWS, False)):
                return join(runner, event)
            runner.request_stop()
            return False

    return joined


def _in_order(
    coalesce: Callable[..., WidgetStates | None],
) -> Callable[..., WidgetStates | None]:
    @wraps(coalesce)
    def in_order(old: WidgetStates | None, new: WidgetStates | None) -> WidgetStates | None:
        """Put what was pressed before a newer event before it: so callbacks are called."""
        together = coalesce(old, new)
        if together is None or new is None:
            return together
        newer = {state.id for state in new.widgets}
        ordered = sorted(together.widgets, key=lambda state: state.id in newer)
        return WidgetStates(widgets=ordered)

    return in_order


def _ended(tidy_up: Callable[..., None]) -> Callable[..., None]:
    @wraps(tidy_up)
    def ended(
        runner: ScriptRunner, context: Any, event: Any, premature_stop: bool, run: Any
    ) -> None:
        with _ENDING:
            setattr(runner, _DRAWS, False)
            is_left = premature_stop or _is_outdated(runner)
        # The newer run tidies up after both.
        tidy_up(runner, context, event, is_left, run)

    return ended
