"""What is kept of the windows that are open, the few that were asked for last."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.clock import LONG_AGO

from .listing import Piece
from .snapshots import JobsSnapshot
from .windows import Between, Window

# The windows of a few open tabs; each holds up to 31 days of jobs.
WINDOWS_KEPT: Final = 6


@dataclass(eq=False)
class View:
    """What is kept of one window: its pieces, those read before them, and the newest snapshot."""

    window: Window
    pieces: list[Piece] = field(default_factory=list)
    before: list[Piece] = field(default_factory=list)
    snapshot: JobsSnapshot | None = None
    tried_at: datetime = LONG_AGO
    pushed_read_at: datetime = LONG_AGO

    @property
    def holds_older(self) -> bool:
        """Whether what started before and still runs belongs to its window: not to a past one."""
        return not isinstance(self.window, Between)


class Views:
    """The views of one identity; safe to use from any number of threads."""

    def __init__(self) -> None:
        # Apart from the monitor's lock, which is held while one reads: who polls waits for nobody.
        self._lock = threading.Lock()
        self._views: OrderedDict[Window, View] = OrderedDict()

    def of(self, window: Window) -> View:
        """Return the view of a window, a new one if need be; those longest unused are dropped."""
        with self._lock:
            view = self._views.setdefault(window, View(window))
            self._views.move_to_end(window)
            while len(self._views) > WINDOWS_KEPT:
                self._views.popitem(last=False)
            return view

    def snapshot(self, window: Window) -> JobsSnapshot | None:
        """Return the newest snapshot of a window that is kept."""
        view = self._views.get(window)
        return view.snapshot if view else None
