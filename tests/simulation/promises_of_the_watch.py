"""What is promised of the watch: its leases, its nights, what it reports, and how that arrives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from services.ledger import IncidentChanges, Lease, Ledger, Message, Place

if TYPE_CHECKING:
    from tests.simulation.watch_book import Pushed, Sending, WatchBook, Written

TERM: Final = 180.0
"""A lease lasts so many seconds."""
HOUR: Final = 3600.0
DEADLINE: Final = time(11, 58)
"""In UTC: two minutes before a night ends, so that mostly the look that closes it tells."""

Row = dict[str, Any]


def a_lease_is_held_by_one(book: WatchBook, name: str, replica: Any) -> Iterator[str]:
    held = book.leases.get(name)
    if held is not None and held.replica is not replica and book.seconds < held.until:
        yield f"{name} is taken from {held.replica} {held.until - book.seconds:.0f} s too early"


def only_who_watches_writes_a_night(book: WatchBook, lease: Lease) -> Iterator[str]:
    if book.leases[lease.name].fence != lease.fence:
        yield f"{lease} writes, {book.leases[lease.name].fence} is the fence"


def only_who_watches_reports(book: WatchBook, lease: Lease) -> Iterator[str]:
    if book.leases[lease.name].fence != lease.fence:
        yield f"{lease} decides, {book.leases[lease.name].fence} is the fence"


def a_complete_night_is_left_alone(
    _book: WatchBook, which: date, before: Written | None
) -> Iterator[str]:
    if before is not None and before.is_complete:
        yield f"the complete night of {which} is written again"


def a_later_look_supersedes_an_earlier_one(
    book: WatchBook, which: date, before: Written | None, now: Written
) -> Iterator[str]:
    if before is None:
        return
    turned = timedelta(seconds=book.book.turned_back)
    if now.fence < before.fence or now.looked_at < before.looked_at - turned:
        yield f"{which}, looked at {before.looked_at}, is now of {now.looked_at}"
    for was, is_ in zip(before.read_at, now.read_at, strict=True):
        if was is not None and (is_ is None or is_ < was - turned):
            yield f"{which}, read at {was}, is now as read at {is_}"


def what_was_seen_in_a_night_stays(
    _book: WatchBook, which: date, before: Written | None, now: Written
) -> Iterator[str]:
    if before is None:
        return
    if lost := before.loaded - now.loaded:
        yield f"in {which} {sorted(lost)} had loaded"
    for code, count in before.counts.items():
        if now.counts.get(code, 0) < count:
            yield f"in {which} {code} had {count} uploads and has {now.counts.get(code, 0)}"


def a_night_is_of_its_own_connection(
    book: WatchBook, place: Place, rows: pd.DataFrame
) -> Iterator[str]:
    if strangers := set(rows["tenant_code"]) & book.strangers(place.host):
        yield f"{sorted(strangers)} are not tenants of {place.host}"
    known = rows.dropna(subset="data_version")
    for code, version in zip(known["tenant_code"], known["data_version"], strict=True):
        if version not in book.versions(place.host, code):
            yield f"{code} of {place.host} never had version {version}"


def an_incident_is_of_its_own_connection(
    book: WatchBook, place: Place, changes: IncidentChanges
) -> Iterator[str]:
    for each in changes.incidents:
        if book.place_of.get(each.id, place) != place:
            yield f"{each.id} is changed by a look at {place.host}"
        codes = {*each.facts["tenants"], *each.facts["settled"]}
        if strangers := codes & book.strangers(place.host):
            yield f"{each.id} of {place.host} is about {sorted(strangers)}"


def an_episode_is_open_once(_book: WatchBook, rows: list[Row]) -> Iterator[str]:
    open_ = defaultdict(list)
    for row in rows:
        if row["resolved_at"] is None:
            open_[row["rule_id"]].append(row)
    for of_rule in open_.values():
        for one, other in combinations(of_rule, 2):
            both = {*one["facts"]["tenants"]} & {*other["facts"]["tenants"]}
            if one["cause"] == other["cause"] or both:
                yield f"{one['id']} and {other['id']} are open of {one['cause']}: {sorted(both)}"


def no_tenant_is_told_twice_of_one_cause(_book: WatchBook, rows: list[Row]) -> Iterator[str]:
    """Of a deadline: who has loaded has loaded, whatever is read later."""
    seen: dict[tuple[str, str, str], str] = {}
    for row in rows:
        if row["facts"]["kind"] == "deadline":
            for code in {*row["facts"]["tenants"], *row["facts"]["settled"]}:
                other = seen.setdefault((row["rule_id"], row["cause"], code), row["id"])
                if other != row["id"]:
                    yield f"{code} was told of {row['cause']} by {other} and {row['id']}"


def what_may_have_arrived_is_not_sent_again(
    _book: WatchBook, message: Message, sending: Sending
) -> Iterator[str]:
    if not sending.may_leave:
        yield f"{message.kind} of {message.incident_id} is taken again"


def one_message_an_episode(_book: WatchBook, message: Message, sending: Sending) -> Iterator[str]:
    if sending.arrived > 1 + sending.again:
        yield f"{message.kind} of {message.incident_id} arrived {sending.arrived} times"


def a_message_is_of_its_own_connection(
    book: WatchBook, messages: Sequence[Message]
) -> Iterator[str]:
    for each in messages:
        if each.incident_id and book.place_of[each.incident_id] != each.place:
            yield f"{each.kind} of {each.incident_id} leaves for {each.place.host}"


def a_text_names_its_own_connection(
    book: WatchBook, messages: Sequence[Message], text: str
) -> Iterator[str]:
    (host,) = {each.place.host for each in messages}
    if named := [code for code in sorted(book.strangers(host)) if code in text]:
        yield f"a message of {host} names {named} of another"


def every_message_is_delivered_or_told(
    book: WatchBook, rows: list[Row], now: datetime
) -> Iterator[str]:
    for row in rows:
        sending = book.messages.get(row["id"])
        arrived = sending.arrived if sending else 0
        what = f"{row['kind']} of {row['incident_id']} ({row['state']})"
        match row["state"]:
            case "planned" if row["due_at"] <= now - timedelta(hours=1):
                yield f"{what} waits since {row['due_at']}"
            # What was taken a moment ago is on its way.
            case "intended" if row["state_at"] <= now - timedelta(minutes=16):
                yield f"{what} is on its way for ever"
            case "sent" if not arrived:
                yield f"{what} has never arrived"
            case "failed" if arrived:
                yield f"{what} has arrived"


def who_missed_a_deadline_was_reported(
    book: WatchBook, ledger: Ledger, incidents: list[Row]
) -> Iterator[str]:
    """Whoever had not loaded when a night was closed was in an incident of its deadline then."""
    turned = timedelta(seconds=book.book.turned_back)
    by_place = defaultdict(list)
    for row in incidents:
        if row["facts"]["kind"] == "deadline":
            by_place[row["host"]].append(row)
    for (host, which), written in book.nights.items():
        due = datetime.combine(which, DEADLINE, UTC)
        if not written.is_complete or written.read_at[0] is None or written.read_at[0] < due:
            continue
        at = written.looked_at
        reported = {
            code
            for row in by_place[host]
            if row["opened_at"] <= at + turned
            and (row["resolved_at"] is None or row["resolved_at"] >= at - turned)
            for code in {*row["facts"]["tenants"], *row["facts"]["settled"]}
        }
        if missing := written.codes - written.loaded - reported:
            yield f"nobody was told that {sorted(missing)} of {host} missed {due} ({ledger.now()})"


def only_what_was_read_is_settled(_book: WatchBook, event_id: str, pushed: Pushed) -> Iterator[str]:
    if not pushed.is_tried:
        yield f"{event_id} is settled and was not read"


def an_event_is_read_once(_book: WatchBook, event_id: str, pushed: Pushed) -> Iterator[str]:
    # Killed, or suspended, before it could settle what it had read.
    excused = [each for each in pushed.read_by[:-1] if not each.is_up or each.was_suspended]
    if len(pushed.read_by) > 1 + len(excused):
        yield f"{event_id} was read {len(pushed.read_by)} times"


def every_event_was_read(book: WatchBook, waiting: set[str]) -> Iterator[str]:
    for event_id, pushed in book.events.items():
        # What is older than an hour has been read by polling.
        has_leapt = any(pushed.at <= at for at in book.book.leapt_at)
        if not pushed.read_by and not has_leapt:
            yield f"{event_id} was read by nobody, {'waits' if event_id in waiting else 'settled'}"


def a_night_is_there_once(book: WatchBook, rows: list[Row]) -> Iterator[str]:
    names = [(row["host"], date.fromisoformat(row["night"])) for row in rows]
    if len(names) != len(set(names)) or set(names) != book.nights.keys():
        yield f"{sorted(names)} are on record, {sorted(book.nights)} were written"
