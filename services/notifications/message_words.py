"""The words of messages: short, with links that open exactly the rows they are about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import shorten
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from services.ledger import Message, StoredIncident
from services.monitoring.phrases import counted

from .evaluating import Stage
from .incidents import Episode, MessageKind, Why
from .rules import Deadline, Rule

TENANTS_NAMED: Final = 10
INCIDENTS_NAMED: Final = 12
REASON_AT_MOST: Final = 160
# Longer addresses are refused between a browser and the dashboard.
LINK_AT_MOST: Final = 2_000


@dataclass(frozen=True)
class Text:
    """A message as it is sent."""

    title: str
    body: str


@dataclass(frozen=True)
class Links:
    """The address of the dashboard, "" where it is unknown, and what leads to a connection."""

    base: str = ""
    query: Mapping[str, str] = field(default_factory=dict)

    def to(self, screen: str, query: Mapping[str, str]) -> str:
        """Return the address of a screen with these filters; "" where the base is unknown."""
        if not self.base:
            return ""
        return f"{self.base.rstrip('/')}/{screen}?{urlencode({**self.query, **query})}"


@dataclass(frozen=True)
class Told:
    """One thing to tell: a message, and of an incident what is known of it now.

    `rule` is None once it is deleted.
    """

    message: Message
    incident: StoredIncident | None = None
    rule: Rule | None = None


@dataclass(frozen=True)
class Words:
    """Writes messages: `names` has tenants by code, as far as known; times are in `zone`."""

    links: Links
    zone: ZoneInfo
    names: Mapping[str, str] = field(default_factory=dict)
    product: str = "Visier loads"

    def write(self, told: Sequence[Told]) -> Text:
        """Return one message about all of these."""
        if len(told) > 1:
            return self._together(told)
        (one,) = told
        if one.message.kind == MessageKind.TEST:
            link = self.links.to("watch", {})
            text = f"A test of the destination “{one.message.destination}”. It works."
            return Text(f"{self.product}: test", _lines(text, link))
        if one.message.kind == MessageKind.DIGEST:
            return self._digest(one.message.facts)
        return self._one(one)

    def _one(self, told: Told) -> Text:
        incident = told.incident
        if incident is None:
            return Text(f"{self.product}: incident", "It is not on record any more.")
        episode = Episode.of(incident)
        return Text(
            f"{self.product}: {self.headline(told)}",
            _lines(
                *self._what(told.message.kind, incident, episode),
                self._runbook(told.rule),
                f"Assigned to {incident.assignee}" if incident.assignee else "",
                *self._links_to(incident, episode),
            ),
        )

    def _together(self, told: Sequence[Told]) -> Text:
        named = [f"- {self.headline(each)}{self._link_of(each)}" for each in told[:INCIDENTS_NAMED]]
        more = len(told) - len(named)
        counts = {kind: sum(each.message.kind == kind for each in told) for kind in _COUNTED}
        parts = [f"{count} {_COUNTED[kind]}" for kind, count in counts.items() if count]
        return Text(
            f"{self.product}: {', '.join(parts)}",
            _lines(
                *named,
                f"- and {more:,} more" if more else "",
                self.links.to("watch", {}),
            ),
        )

    def headline(self, told: Told) -> str:
        """Return what a message says in one line."""
        incident = told.incident
        if incident is None:
            return "incident"
        episode = Episode.of(incident)
        if told.message.kind == MessageKind.RESOLVED:
            return f"resolved: {self.what(episode)}"
        if told.message.kind == MessageKind.REOPENED:
            return f"still open: {self.what(episode)}"
        return self.what(episode)

    def what(self, episode: Episode) -> str:
        """Return in one line what an incident is about."""
        about, who = episode.details, self._who(episode)
        late = "not loaded yet, due" if episode.stage is Stage.WARNING else "missed"
        words: dict[str, Callable[[], str]] = {
            "deadline": lambda: f"{who} {late} {self._at(about['due'])}",
            "failed": lambda: f"{who} failed",
            "slow": lambda: f"{who} with stuck or late jobs",
            "unusual": lambda: f"unusual delivery of {who}, {self._at(about['arrived'])}",
            "overdue": lambda: f"{who} overdue",
            "no_credential": lambda: f"{who} without a working credential",
            "budget": lambda: f"{about['left']:.0%} of the call budget left",
            "operation": lambda: f"operation {about['operation']} broke off or is uncertain",
        }
        return words[episode.kind]()

    def _who(self, episode: Episode) -> str:
        tenants = episode.every_tenant
        if len(tenants) == 1:
            return self._named(tenants[0])
        return counted(len(tenants), "tenant")

    def _what(self, kind: str, incident: StoredIncident, episode: Episode) -> list[str]:
        if kind == MessageKind.RESOLVED:
            return [self.resolution(incident, episode)]
        lines = [f"{_WHAT[kind]} {self._at(incident.opened_at.isoformat())}"]
        lines += self._failures(episode.details)
        return [*lines, self._tenants(episode.tenants)]

    def _failures(self, facts: Mapping[str, Any]) -> list[str]:
        """Return how many failed alike and why, as far as known, with links to these jobs."""
        lines = []
        for key, tenants in facts.get("failures", ()):
            kind = facts.get("kinds", {}).get(key)
            alike = f"{counted(tenants, 'tenant')} failed alike"
            if kind is not None:
                words = shorten(kind["words"], REASON_AT_MOST, placeholder=" …")
                alike = f"{kind['jobs']:,} of {counted(facts['failed_jobs'], 'failure')}: {words}"
            link = self.links.to("jobs", {"job_failure": key}) if key else ""
            lines.append(": ".join(filter(None, (alike, link))))
        return lines

    def resolution(self, incident: StoredIncident, episode: Episode) -> str:
        """Return why an incident is resolved, with the versions that have come."""
        if incident.resolution.get("why") == Why.RULE_OFF:
            return "Its rule was turned off or deleted."
        versions = {code: version for code, version in episode.settled.items() if version}
        if not versions:
            return "It is over."
        named = [
            f"{self._named(code)}: version {version}"
            for code, version in [*versions.items()][:TENANTS_NAMED]
        ]
        more = len(versions) - len(named)
        began = "A newer version" if len(versions) == 1 else "Newer versions"
        return "\n".join([f"{began} came:", *named, *([f"and {more:,} more"] if more else [])])

    def _tenants(self, codes: Sequence[str]) -> str:
        if not codes:
            return ""
        named = ", ".join(map(self._named, codes[:TENANTS_NAMED]))
        more = len(codes) - TENANTS_NAMED
        return f"Tenants: {named}{f' and {more:,} more' if more > 0 else ''}"

    def _named(self, code: str) -> str:
        name = self.names.get(code, "")
        return f"{name} ({code})" if name else code

    def _digest(self, facts: Mapping[str, Any]) -> Text:
        total, loaded = facts["tenants"], facts["loaded"]
        shown = {
            "failed": f"{counted(facts['failed'], 'tenant')} failed",
            "overdue": f"{facts['overdue']:,} overdue",
            "running": f"{facts['running']:,} still running",
            "excluded": f"{facts['excluded']:,} with excluded uploads",
            "unusual": counted(facts["unusual"], "unusual delivery"),
            "standing": counted(facts["standing"], "open incident"),
        }
        lines = [text for name, text in shown.items() if facts[name]]
        return Text(
            f"{self.product}, {facts['night']}: {loaded:,} of {counted(total, 'tenant')} loaded",
            _lines(
                *(lines or ["Nothing needs attention."]),
                *self._failures(facts),
                f"As of {self._at(facts['at'])}",
                *self._digest_links(facts),
            ),
        )

    def _digest_links(self, facts: Mapping[str, Any]) -> list[str]:
        overdue = self.links.to("data_versions", {"dv_state": "overdue"})
        failed = self.links.to("jobs", {"job_state": "failed"})
        return [
            self.links.to("", {}),
            *([f"Overdue: {overdue}"] if facts["overdue"] and overdue else []),
            *([f"Failed: {failed}"] if facts["failed"] and failed else []),
        ]

    def _runbook(self, rule: Rule | None) -> str:
        return f"Runbook: {rule.runbook}" if rule and rule.runbook else ""

    def _links_to(self, incident: StoredIncident, episode: Episode) -> list[str]:
        own = self.links.to("watch", {"wa_open": incident.id})
        rows = self._rows(episode)
        return [own, *([f"Its tenants: {rows}"] if rows else [])]

    def _rows(self, episode: Episode) -> str:
        """Return the link to exactly its tenants, "" where an address cannot hold them."""
        codes = episode.every_tenant
        if not codes:
            return ""
        only = f"{codes[0]}..{codes[0]}" if len(codes) == 1 else " ".join(codes)
        link = self.links.to("data_versions", {"dv_tenant": only})
        return link if len(link) <= LINK_AT_MOST else ""

    def _link_of(self, told: Told) -> str:
        if told.incident is None:
            return ""
        link = self.links.to("watch", {"wa_open": told.incident.id})
        return f"\n  {link}" if link else ""

    def _at(self, text: str) -> str:
        moment = datetime.fromisoformat(text).astimezone(self.zone)
        return f"{moment.day} {moment:%b %H:%M} {self.zone.key}"


_COUNTED: Final = {
    MessageKind.WARNED: "to watch",
    MessageKind.OPENED: "new",
    MessageKind.REOPENED: "still open",
    MessageKind.RESOLVED: "resolved",
}
_WHAT: Final[Mapping[str, str]] = {
    MessageKind.WARNED: "Warned",
    MessageKind.OPENED: "Found",
    MessageKind.REOPENED: "Acknowledged until now. Found",
}


def zone_of_rule(rule: Rule | None, otherwise: ZoneInfo) -> ZoneInfo:
    """Return the zone in which times of a rule are told: that of its deadline, if it has one."""
    if rule is not None and isinstance(rule.condition, Deadline):
        return ZoneInfo(rule.condition.by.zone)
    return otherwise


def _lines(*lines: str) -> str:
    return "\n".join(filter(None, lines))
