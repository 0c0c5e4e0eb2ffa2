"""A browser's tab without the drawing: one WebSocket that speaks Streamlit's own protocol."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE_SECONDS = 180
# A browser forgets a message that two runs have not referred to.
RUNS_KEPT = 2
_AGAIN = ForwardMsg.FINISHED_EARLY_FOR_RERUN
_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)

Value = str | bool | tuple[str, ...]


@dataclass
class Answer:
    """What a tab was told from asking to "script finished", in the order in which it came.

    What the server only referred to is put in its place. `told` are the messages as bytes.
    `seconds` pass from asking to the end of the script.
    """

    seconds: float = 0.0
    finished: bool = False
    messages: list[ForwardMsg] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)

    def elements(self) -> Iterator[Element]:
        """Give the elements that were drawn."""
        for message in self.messages:
            if message.WhichOneof("type") == "delta" and message.delta.HasField("new_element"):
                yield message.delta.new_element


class Tab:
    """What a browser keeps of a session: its page, its widgets, its timers, what it was sent."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._page = ""
        self._paths: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._pressed = ""
        self._values: dict[str, Value] = {}
        self._query: dict[str, str | list[str]] = {}
        self._sent: dict[str, tuple[ForwardMsg, int]] = {}
        self._runs = 0
        self.timers: dict[str, float] = {}

    async def open(
        self, path: str, values: Mapping[str, Value] = MappingProxyType({}), press: str = ""
    ) -> Answer:
        """Open a page by its path and query, as a link in the page or the address bar does.

        Values of the page before by key, and a press of a button there, may come with it.
        """
        path, _, query = path.partition("?")
        self._values.clear()
        self._values |= {self._ids[key]: value for key, value in values.items()}
        self._query = dict(parse_qs(query))
        page = self._paths.get(path, "")
        # A link leads as a step in the history does: browser.js.
        return await self._run(
            ClientState(page_script_hash=page, page_name=path, is_history_navigation=bool(page)),
            press,
        )

    async def set(
        self, values: Mapping[str, Value], *, press: str = "", bound: bool = True
    ) -> Answer:
        """Give widgets their values by key, and press a button, in one message.

        Values that are `bound` to the address are put into it, as a browser does.
        """
        for key, value in values.items():
            self._values[self._ids[key]] = value
            if bound and isinstance(value, str | tuple):
                text = value if isinstance(value, str) else ",".join(value)
                self._query |= {key: text} if text else {}
                if not text:
                    self._query.pop(key, None)
        return await self._run(ClientState(page_script_hash=self._page), press)

    async def press(self, key: str) -> Answer:
        """Press a button by its key."""
        return await self.set({}, press=key)

    async def at_once(self, *keys: str) -> Answer:
        """Tick boxes and press buttons by their keys, one after another, before hearing anything.

        A key of a box ends with `tick`.
        """
        state = ClientState(page_script_hash=self._page)
        for key in keys[:-1]:
            await self._send(state, self._touched(key))
            state = ClientState(page_script_hash=self._page)
        return await self._run(state, self._touched(keys[-1]))

    async def when_drawn(self, first: str, words: str, second: str) -> Answer:
        """Tick or press the second once these words are drawn for the first; hear its own run."""
        await self._send(ClientState(page_script_hash=self._page), self._touched(first))
        before, answer, has_begun = Answer(), Answer(), False
        while not any(element.text.body == words for element in before.elements()):
            self._hear(await self._received(), before)
        await self._send(ClientState(page_script_hash=self._page), self._touched(second))
        while not (has_begun and answer.finished):
            self._hear(await self._received(), answer)
            if answer.messages[-1].WhichOneof("type") == "new_session":
                has_begun, answer.finished = True, False
        return answer

    def _touched(self, key: str) -> str:
        """Tick a box; return the key of a button."""
        if not key.endswith("tick"):
            return key
        self._values[self._ids[key]] = True
        return ""

    async def press_again(self) -> Answer:
        """Press once more what was pressed last, as hands do that are faster than the answer."""
        return await self._run(ClientState(page_script_hash=self._page), again=True)

    async def tick(self, fragment: str) -> Answer:
        """Run a fragment, as its timer in the browser does."""
        state = ClientState(page_script_hash=self._page, fragment_id=fragment, is_auto_rerun=True)
        return await self._run(state)

    def beat(self) -> str:
        """Return the fragment that runs every second, or nothing: what waits, or follows work."""
        return next((name for name, interval in self.timers.items() if interval <= 1), "")

    def has(self, key: str) -> bool:
        """Say whether a widget is on the page."""
        return key in self._ids

    def key_of(self, begins: str) -> str:
        """Return the key of the one widget on the page whose key begins so."""
        (key,) = (key for key in self._ids if key.startswith(begins))
        return key

    async def _send(self, state: ClientState, press: str = "", *, again: bool = False) -> None:
        state.query_string = urlencode(self._query, doseq=True)
        state.context_info.timezone = "UTC"
        state.cached_message_hashes.extend(self._sent)
        for id_, value in self._values.items():
            if id_ in self._ids.values():
                _put(state, id_, value)
        # What is pressed stands last, as browsers send it.
        if press:
            self._pressed = self._ids[press]
        if press or again:
            state.widget_states.widgets.add(id=self._pressed, trigger_value=True)
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())

    async def _run(self, state: ClientState, press: str = "", *, again: bool = False) -> Answer:
        answer = Answer()
        started = time.perf_counter()
        await self._send(state, press, again=again)
        while not answer.finished:
            raw = await self._received()
            answer.seconds = time.perf_counter() - started
            self._hear(raw, answer)
        self._forget_messages()
        return answer

    async def _received(self) -> bytes:
        return await asyncio.wait_for(self._socket.recv(decode=False), PATIENCE_SECONDS)

    def _hear(self, raw: bytes, answer: Answer) -> None:
        answer.told.append(raw)
        message = ForwardMsg.FromString(raw)
        match message.WhichOneof("type"):
            case "ref_hash":
                message = self._referred_to(message)
                answer.told[-1] = message.SerializeToString()
                self._draw(message)
            case "delta":
                self._draw(message)
            case "new_session":
                self._begin(message)
            case "navigation":
                self._page = message.navigation.page_script_hash
                pages = message.navigation.app_pages
                self._paths = {page.url_pathname: page.page_script_hash for page in pages}
            case "auto_rerun":
                self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "script_finished" if message.script_finished != _AGAIN:
                answer.finished = True
                if message.script_finished not in _DONE:
                    raise AssertionError("The script could not be compiled.")
        answer.messages.append(message)

    def _begin(self, message: ForwardMsg) -> None:
        self._page = message.new_session.page_script_hash or self._page
        self._runs += 1
        if not message.metadata.run.fragment_ids:
            self.timers.clear()
            self._ids.clear()

    def _referred_to(self, message: ForwardMsg) -> ForwardMsg:
        whole = ForwardMsg()
        whole.CopyFrom(self._sent[message.ref_hash][0])
        whole.metadata.CopyFrom(message.metadata)
        self._sent[message.ref_hash] = whole, self._runs
        return whole

    def _draw(self, message: ForwardMsg) -> None:
        if message.metadata.cacheable:
            self._sent[message.hash] = message, self._runs
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        drawn: Any = getattr(element, kind)
        id_ = getattr(drawn, "id", "")
        if id_.startswith("$$ID-"):
            self._ids[id_.split("-", 2)[2]] = id_
            if getattr(drawn, "set_value", False):
                self._set_by_server(id_, drawn)

    def _set_by_server(self, id_: str, drawn: Any) -> None:
        value = getattr(drawn, "value", None)
        if isinstance(value, str | bool):
            self._values[id_] = value
        elif hasattr(drawn, "raw_values"):
            self._values[id_] = tuple(drawn.raw_values)

    def _forget_messages(self) -> None:
        oldest = self._runs - RUNS_KEPT
        self._sent = {name: kept for name, kept in self._sent.items() if kept[1] >= oldest}


def _put(state: ClientState, id_: str, value: Value) -> None:
    widget = state.widget_states.widgets.add(id=id_)
    if isinstance(value, bool):
        widget.bool_value = value
    elif isinstance(value, str):
        widget.string_value = value
    else:
        widget.string_array_value.data.extend(value)


@asynccontextmanager
async def opened(
    url: str, cookies: Mapping[str, str] = MappingProxyType({}), token: str = ""
) -> AsyncIterator[Tab]:
    """Open a tab at the address of a dashboard; nothing is asked yet.

    Cookies of who is signed in go with the token that Streamlit's page has.
    """
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    told = ["streamlit", token] if token else ["streamlit"]
    async with connect(
        address,
        max_size=None,
        origin=Origin(url),
        subprotocols=[Subprotocol(each) for each in told],
        additional_headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())},
        compression=None,
    ) as socket:
        yield Tab(socket)
