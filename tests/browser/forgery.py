"""Messages that no page would send: written by hand into the WebSocket of a real browser."""

from playwright.sync_api import Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

KEEP_THE_SOCKET = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) { window.socket = this; return send.call(this, data); };
"""


class Forger:
    """Listens to what the server tells a page, and clicks whatever it has ever heard of."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._buttons: dict[str, str] = {}
        self._page_hash = ""
        page.add_init_script(KEEP_THE_SOCKET)
        page.on("websocket", self._listen)

    def click(self, key: str) -> None:
        """Click the button of this key, disabled or not."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page_hash
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id, widget.trigger_value = self._buttons[key], True
        self._page.evaluate(
            "bytes => window.socket.send(new Uint8Array(bytes))", list(message.SerializeToString())
        )

    def key_of(self, begins: str) -> str:
        """Return the key of the one button heard of whose key begins so."""
        (key,) = (key for key in self._buttons if key.startswith(begins))
        return key

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)

    def _hear(self, frame: str | bytes) -> None:
        if isinstance(frame, str):
            return
        told = ForwardMsg.FromString(frame)
        if told.HasField("new_session"):
            self._page_hash = told.new_session.page_script_hash
        id_ = told.delta.new_element.button.id
        if id_:
            self._buttons[id_.split("-", 2)[-1]] = id_
