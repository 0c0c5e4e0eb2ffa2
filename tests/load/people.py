"""What people do: sign in, browse, filter, watch jobs; and two who apply bulk operations."""

import asyncio
import random
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from dashboard.embedded_sandbox import API_KEY
from tests.load.checking import Person, WrongAnswer, check, names_its_user, waits_for_budget
from tests.load.tab import Answer, Tab, Value, opened

AGAIN_SECONDS = 5.0
FORM = "FormSubmitter:sign_in.form-Sign in"
DATA_VERSIONS, UPLOADS, JOBS = "data_versions", "uploads", "jobs"
TITLES = {DATA_VERSIONS: "Data versions", UPLOADS: "Uploads", JOBS: "Jobs"}
SEARCHES = {DATA_VERSIONS: "dv_tenant", UPLOADS: "up_tenant", JOBS: "job_tenant"}
DIRECTORY_READ = "tenants.every_name.ask"


@dataclass
class Record:
    """What a run came to: seconds by kind of step, and how often the budget was waited for."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes: int = 0
    waits: int = 0
    applied: dict[str, int] = field(default_factory=dict)

    def note(self, kind: str, answer: Answer) -> None:
        """Write down an answer."""
        self.seconds[kind].append(answer.seconds)
        self.bytes += sum(map(len, answer.told))


class Visit:
    """One person at one tab; every answer is checked before the next thing is done."""

    def __init__(self, tab: Tab, person: Person, record: Record, thinking: float) -> None:
        self._tab = tab
        self._person = person
        self._record = record
        self._thinking = thinking
        self._chance = random.Random(person.number)
        self._is_filtered = False

    async def sign_in(self) -> None:
        """Come with a security token, and see Data versions."""
        await self._take("sign-in screen", self._tab.open(DATA_VERSIONS))
        method: Mapping[str, Value] = {"sign_in.method": ("Security token",)}
        await self._take("sign-in screen", self._tab.set(method, bound=False))
        filled: dict[str, Value] = {
            "sign_in.api_key": API_KEY,
            "sign_in.Security token": self._person.token,
        }
        if self._person.target:
            filled["sign_in.target"] = self._person.target
        answer = await self._take("open Data versions, cold", self._admission(filled))
        if not names_its_user(answer, self._person):
            raise WrongAnswer(f"Person {self._person.number} is not named after signing in.")

    async def _admission(self, filled: Mapping[str, Value]) -> Answer:
        """Press the button until there is budget to be let in: the form does not by itself."""
        answer = await self._tab.set(filled, press=FORM, bound=False)
        while waits_for_budget(answer) and not names_its_user(answer, self._person):
            check(answer, self._person, is_filtered=False)
            self._record.waits += 1
            await asyncio.sleep(AGAIN_SECONDS)
            answer = await self._tab.set(filled, press=FORM, bound=False)
        return answer

    async def browse(self, path: str, is_cold: bool) -> None:
        """Open a page, look for one's own tenants, then for a word of one's own, then for all."""
        title, search = TITLES[path], SEARCHES[path]
        self._is_filtered = False
        await self._take(f"open {title}{', cold' * is_cold}", self._tab.open(path))
        await self._rest()
        await self._filter(path, {search: self._person.span}, is_filtered=True)
        await self._rest()
        await self._filter(path, {search: self._person.canary}, is_filtered=True)
        await self._rest()
        await self._filter(path, {search: ""}, is_filtered=False)
        await self._rest()

    async def watch(self, seconds: float) -> None:
        """Keep Jobs open and live: first all, then as a tree of one's own tenants."""
        await self._take("open Jobs", self._tab.open(JOBS))
        await self._rest(seconds)
        await self._filter(JOBS, {"job_view": ("Tree",)}, is_filtered=False)
        await self._rest(seconds)

    async def _filter(self, path: str, values: Mapping[str, Value], *, is_filtered: bool) -> None:
        if not all(map(self._tab.has, values)):
            return  # Whoever sees one tenant only may have no job at all, and so no filter.
        self._is_filtered = is_filtered
        await self._take(f"filter {TITLES[path]}", self._tab.set(values))

    async def _take(self, kind: str, asking: Awaitable[Answer]) -> Answer:
        answer = await asking
        check(answer, self._person, is_filtered=self._is_filtered)
        if waits_for_budget(answer):
            return await self._wait_for_budget()
        self._record.note(kind, answer)
        return answer

    async def _wait_for_budget(self) -> Answer:
        self._record.waits += 1
        while True:
            fragment = self._tab.beat()
            await asyncio.sleep(1.0)
            answer = await (self._tab.tick(fragment) if fragment else self._tab.set({}))
            check(answer, self._person, is_filtered=self._is_filtered)
            # A countdown that goes on is drawn alone; when it is over, the whole page is.
            if names_its_user(answer, self._person) and not waits_for_budget(answer):
                return answer

    async def _rest(self, seconds: float | None = None) -> None:
        """Think for a while, in which the timers of the page go on."""
        loop = asyncio.get_running_loop()
        until = loop.time() + (seconds or self._thinking) * self._chance.uniform(0.5, 1.5)
        due = {name: loop.time() + interval for name, interval in self._tab.timers.items()}
        while due and min(due.values()) < until:
            fragment = min(due, key=lambda name: due[name])
            await asyncio.sleep(due.pop(fragment) - loop.time())
            if fragment in self._tab.timers:
                await self._take("watch", self._tab.tick(fragment))
            later = {name: loop.time() + every for name, every in self._tab.timers.items()}
            due = later | {name: due[name] for name in due if name in later}
        await asyncio.sleep(until - loop.time())

    async def apply(self, path: str, name: str, action: str, tenants: str, verb: str) -> None:
        """Select all that belongs to these tenants, apply the plan, follow it to its end.

        What somebody else has changed meanwhile is left out by the dashboard, as it promises.
        """
        await self._take(f"open {TITLES[path]}", self._tab.open(path))
        await self._take(f"filter {TITLES[path]}", self._tab.set({SEARCHES[path]: tenants}))
        await self._take("select all matching", self._tab.press(f"{name}.select_all"))
        reviewed = await self._take("review a plan", self._tab.press(action))
        count, typed, reason = _plan(reviewed, name)
        filled = {reason: f"load test {self._person.number}", typed: str(count)}
        await self._take("confirm", self._tab.set(filled, bound=False))
        answer = await self._take("apply", self._tab.press(self._tab.key_of(f"{name}.apply.")))
        while fragment := self._tab.beat():
            await asyncio.sleep(1.0)
            answer = await self._take("follow an operation", self._tab.tick(fragment))
        done = _outcomes(answer)
        if done.get("Succeeded", 0) + done.get("Changed since plan", 0) != count:
            raise WrongAnswer(f"{verb} of {count:,} ended otherwise than planned: {done}")
        self._record.applied[verb] = done["Succeeded"]
        await self._take("close", self._tab.press(f"{name}.close"))


def _outcomes(answer: Answer) -> dict[str, int]:
    """Return the number of items by outcome, as the panel of an operation says it."""
    texts = " ".join(element.text.body for element in answer.elements())
    found = re.findall(r"[✓✕≠∅?◔○] ([\d,]+) (Changed since plan|\w+)", texts)
    return {outcome: int(number.replace(",", "")) for number, outcome in found}


def _plan(answer: Answer, name: str) -> tuple[int, str, str]:
    """Return the number of items of the plan on screen, and the keys of its two fields."""
    keys = [element.text_input.id.split("-", 2)[-1] for element in answer.elements()]
    typed = next(key for key in keys if key.startswith(f"{name}.typed."))
    reason = next(key for key in keys if key.startswith(f"{name}.reason."))
    labels = (element.button.label for element in answer.elements() if element.HasField("button"))
    counts = [found for label in labels if (found := re.search(r"\((\d[\d,]*)\)$", label))]
    return int(counts[0][1].replace(",", "")), typed, reason


async def visit(
    url: str,
    person: Person,
    record: Record,
    *,
    thinking: float,
    rounds: int | None = None,
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Come, browse, filter and watch in turn, for so many rounds or until told to leave."""
    async with opened(url) as tab:
        there = Visit(tab, person, record, thinking)
        await there.sign_in()
        done = 0
        while not until() and (rounds is None or done < rounds):
            for path in (DATA_VERSIONS, UPLOADS, JOBS):
                if not until():
                    await there.browse(path, is_cold=not done and path != DATA_VERSIONS)
            if not until():
                await there.watch(3 * thinking)
            done += 1
