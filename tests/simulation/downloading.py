"""What people take away: a file of a tenant, read to its end or broken off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.operations.downloads import FileTooLarge, Wanted, download
from services.visier import NoAnswer

if TYPE_CHECKING:
    from tests.simulation.desk import Desk
    from tests.simulation.replicas import Replica

MEGABYTES: Final = 1.0


@dataclass
class HandedOn:
    """What came of one download: its bytes so far, and all there were when Visier gave them."""

    got: bytes = b""
    whole: bytes | None = None


def download_file(desk: Desk) -> None:
    """Download a file, or all of a tenant; sometimes the browser is closed in between."""
    code = desk.draw.choice(desk.codes)
    if desk.draw.random() < 0.3:
        wanted = Wanted(code, "", "all.zip", query={"download_all": True}, id=desk.id())
    else:
        files = desk.files([code])["identifier"].dropna()
        if files.empty:
            return
        wanted = Wanted(code, "", "one.zip", desk.draw.choice(list(files)), id=desk.id())
    breaks_off = desk.draw.random() < 0.2
    desk.tell(f"downloads from {code} as {wanted.id[:8]}")
    desk.press(wanted.id, lambda replica: _download(desk, replica, wanted, breaks_off=breaks_off))


def _download(desk: Desk, replica: Replica, wanted: Wanted, *, breaks_off: bool) -> None:
    client, files = replica.client(desk.person), desk.replica.book.handed_on
    made = download(
        replica.ledger,
        client,
        wanted,
        desk.person.actor,
        identity=desk.person.identity,
        permissions=desk.person.permissions,
        megabytes=MEGABYTES,
    )
    task = replica.scheduler.current
    assert task is not None
    handed = files[wanted.id] = HandedOn(whole=replica.visier.files.get(task))
    try:
        for chunk in made.chunks:
            if breaks_off:
                made.chunks.close()
                return
            handed.got += chunk
    except (NoAnswer, FileTooLarge):
        return
