"""Leases: one process has the work, and another takes it over when that one is done or dead."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from services.ledger import Ledger
from services.ledger.leases import TERM
from tests.services.ledger.samples import Clock

ROOT = Path(__file__).parents[3]
WATCH = "watch here"
LONGER = TERM.total_seconds() + 1
TAKE_AND_WAIT = """
import sys
from services.ledger import Ledger

ledger = Ledger.open(sys.argv[1])
print(ledger.leases.take("watch here").fence, flush=True)
sys.stdin.read()
"""


def fence(ledger: Ledger) -> int | None:
    taken = ledger.leases.take(WATCH)
    return None if taken is None else taken.fence


def test_one_holds_a_lease_and_renews_it(ledger: Ledger, elsewhere: Ledger, clock: Clock) -> None:
    assert fence(ledger) == 1
    assert fence(elsewhere) is None
    clock.advance(LONGER - 2)
    assert fence(ledger) == 1
    clock.advance(LONGER - 2)
    assert fence(elsewhere) is None
    assert elsewhere.leases.take("another watch") is not None


def test_one_that_has_run_out_is_taken_over_for_good(
    ledger: Ledger, elsewhere: Ledger, clock: Clock
) -> None:
    assert fence(ledger) == 1
    clock.advance(LONGER)
    assert fence(elsewhere) == 2
    assert fence(ledger) is None
    (holder,) = ledger.leases.holders("watch")
    assert (holder.owner, holder.is_live) == ("another process", True)


def test_one_that_is_released_is_free_at_once(ledger: Ledger, elsewhere: Ledger) -> None:
    held = ledger.leases.take(WATCH)
    assert held is not None
    ledger.leases.release(held)
    assert [holder.is_live for holder in ledger.leases.holders(WATCH)] == [False]
    assert fence(elsewhere) == 2
    ledger.leases.release(held)
    assert fence(elsewhere) == 2


def test_a_jump_of_the_clock_ends_no_lease(ledger: Ledger, elsewhere: Ledger, clock: Clock) -> None:
    clock.advance(LONGER)
    assert fence(ledger) == 1
    clock.jump(LONGER * 20)
    assert fence(elsewhere) is None


def test_who_has_just_begun_knows_of_no_silence(url: str, ledger: Ledger, clock: Clock) -> None:
    assert fence(ledger) == 1
    clock.jump(LONGER)
    with closing(Ledger(url, clock=clock, monotonic=clock.monotonic, owner="new one")) as new:
        # Whether the clock has just jumped or the holder is dead, it cannot tell yet.
        assert fence(new) is None
        clock.advance(LONGER)
        assert fence(new) == 2


def test_of_many_who_take_it_at_once_one_gets_it(ledger: Ledger, elsewhere: Ledger) -> None:
    with ThreadPoolExecutor() as threads:
        taken = list(threads.map(fence, (ledger, elsewhere) * 4))
    assert sorted({each for each in taken if each is not None}) == [1]
    assert taken.count(None) == 4


def test_that_of_a_killed_process_is_free_at_once(url: str) -> None:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", TAKE_AND_WAIT, url]
    with (
        subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process,
        closing(Ledger.open(url)) as ledger,
    ):
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "1"
        assert fence(ledger) is None
        process.kill()
        process.wait()
        assert fence(ledger) == 2
