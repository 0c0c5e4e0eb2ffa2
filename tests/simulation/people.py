"""What people do at a replica.

An action reads what its screen reads, through the client, and calls what its button calls. What
it draws it draws from a source of its own, so that leaving one out changes no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from services.sandbox.config import Odds
from services.visier import PasswordRefused
from tests.simulation.attending import acknowledge, dismiss, send_again, switch_rule
from tests.simulation.changing import (
    assign,
    cancel_jobs,
    change_all_uploads,
    change_files,
    change_range,
    change_uploads,
    delete_credentials,
    disable_versions,
    set_settings,
)
from tests.simulation.desk import EXPECTED, Desk
from tests.simulation.downloading import download_file
from tests.simulation.looking_up import (
    control,
    finish_interrupted,
    look,
    retry,
    settle_credentials,
    settle_starts,
    undo,
)
from tests.simulation.monitor import follow_start, watch_jobs
from tests.simulation.recovering import recover
from tests.simulation.replicas import CRASHES
from tests.simulation.starting import (
    change_credential,
    create_credentials,
    start_consolidation,
    start_extraction,
    start_load,
    start_processing,
)
from tests.simulation.watch import SEAMS

Actions = tuple[tuple[Callable[[Desk], None], int], ...]

ACTIONS: Final[Actions] = (
    (change_uploads, 6),
    (change_all_uploads, 4),
    (change_range, 3),
    (change_files, 4),
    (disable_versions, 2),
    (cancel_jobs, 4),
    (assign, 3),
    (set_settings, 3),
    (delete_credentials, 2),
    (start_processing, 3),
    (start_extraction, 2),
    (start_load, 1),
    (start_consolidation, 1),
    (create_credentials, 3),
    (change_credential, 2),
    (control, 6),
    (finish_interrupted, 6),
    (look, 4),
    (settle_starts, 2),
    (settle_credentials, 2),
    (undo, 3),
    (retry, 4),
    (download_file, 4),
    (recover, 14),
    (watch_jobs, 10),
    (follow_start, 12),
)


@dataclass(frozen=True)
class Focus:
    """What the histories of a kind are about, so that few steps hold much of it.

    ``actions`` are what people do, each as often as its number says. ``limit`` is Visier's, of
    calls in a minute, drawn by default; ``odds`` and ``speed`` are those of its jobs.
    ``crashes`` is the share of crashes in what befalls people, at ``seams``, and ``calm`` how
    many times rarer that is, and what Studio does. With ``watches`` the replicas watch, evaluate
    rules, deliver messages and read pushed events.
    """

    actions: Actions = ACTIONS
    limit: int | None = None
    odds: Odds = field(default_factory=Odds)
    speed: float = 1.0
    crashes: float = 0.2
    calm: float = 1.0
    seams: tuple[str, ...] = CRASHES
    watches: bool = False


EVERYTHING: Final = "everything"
FOCI: Final[Mapping[str, Focus]] = {
    EVERYTHING: Focus(),
    "changes": Focus(
        ((change_uploads, 4), (change_files, 1), (finish_interrupted, 1), (look, 1), (retry, 2)),
        limit=100,
    ),
    "creations": Focus(
        ((start_load, 1), (start_consolidation, 1), (create_credentials, 2)), limit=100
    ),
    "recoveries": Focus(
        ((recover, 8), (look, 1), (finish_interrupted, 1), (settle_starts, 1)), limit=100, calm=5
    ),
    "downloads": Focus(((download_file, 1),), limit=100, calm=5),
    # Jobs end, and many fail, while somebody still follows what has started them.
    "starts": Focus(
        ((start_processing, 2), (follow_start, 5), (watch_jobs, 1)),
        limit=100,
        odds=Odds(processing_failed=0.4),
        speed=30,
        calm=5,
    ),
    "looks": Focus(((watch_jobs, 3), (follow_start, 1), (start_processing, 1)), limit=15, calm=5),
    "crashes": Focus(((change_uploads, 4), (download_file, 1)), limit=15, crashes=0.7),
    "watches": Focus(
        ((acknowledge, 3), (send_again, 3), (dismiss, 1), (switch_rule, 1), (change_uploads, 1)),
        limit=100,
        odds=Odds(processing_failed=0.3),
        speed=2,
        crashes=0.8,
        calm=15,
        seams=SEAMS,
        watches=True,
    ),
}


def act(desk: Desk, actions: Actions) -> None:
    """Do one thing, whatever the draw says; what people are told when it cannot be is no news."""
    (action,) = desk.draw.choices([each for each, _ in actions], [often for _, often in actions])
    try:
        action(desk)
    except PasswordRefused:
        desk.client.try_to_sign_in_again()
    except EXPECTED as trouble:
        desk.tell(f"{action.__name__}: {type(trouble).__name__}")
