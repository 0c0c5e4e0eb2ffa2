"""A WebSocket that sends text is ended: Streamlit speaks in bytes, and falls over anything else."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Close code of a WebSocket, RFC 6455, section 7.4.1.
_UNSUPPORTED_DATA = 1003


class BinaryOnly:
    """ASGI middleware that takes a text frame for the end of its WebSocket."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and of a WebSocket only what is in bytes."""

        async def receive_bytes() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and message.get("bytes") is None:
                return {"type": "websocket.disconnect", "code": _UNSUPPORTED_DATA}
            return message

        await self.app(scope, receive_bytes if scope["type"] == "websocket" else receive, send)
