"""What people do at a replica.

An action reads what its screen reads, through the client, and calls what its button calls. What
it draws it draws from a source of its own, so that leaving one out changes no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from services.visier import PasswordRefused
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
    look,
    retry,
    settle_credentials,
    settle_starts,
    take_up,
    undo,
)
from tests.simulation.monitor import follow_start, watch_jobs
from tests.simulation.recovering import recover
from tests.simulation.starting import (
    change_credential,
    create_credentials,
    start_consolidation,
    start_extraction,
    start_load,
    start_processing,
)

ACTIONS: Final[tuple[tuple[Callable[[Desk], None], int], ...]] = (
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
    (take_up, 6),
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


def act(desk: Desk) -> None:
    """Do one thing, whatever the draw says; what people are told when it cannot be is no news."""
    (action,) = desk.draw.choices([each for each, _ in ACTIONS], [often for _, often in ACTIONS])
    try:
        action(desk)
    except PasswordRefused:
        desk.client.try_to_sign_in_again()
    except EXPECTED as trouble:
        desk.tell(f"{action.__name__}: {type(trouble).__name__}")
