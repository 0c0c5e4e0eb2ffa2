"""The two families of refusal: Visier's own, and those of the gateway before it."""


class Refusal(Exception):
    """Becomes Visier's Status envelope: localizedMessage, code, message, rci, userError."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence

    def body(self, rci: str) -> dict[str, object]:
        """Give the envelope under this root cause id."""
        return {
            "localizedMessage": self.sentence,
            "code": self.code,
            "message": self.sentence,
            "rci": rci,
            "userError": self.status < 500,
        }


class GatewayRefusal(Exception):
    """Becomes the gateway's bare `{"message": ...}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def bad_request(sentence: str) -> Refusal:
    return Refusal(400, "INVALID_ARGUMENT", sentence)


def signed_out(sentence: str) -> Refusal:
    return Refusal(401, "UNAUTHENTICATED", sentence)


def forbidden(sentence: str) -> Refusal:
    return Refusal(403, "PERMISSION_DENIED", sentence)


def not_found(sentence: str) -> Refusal:
    return Refusal(404, "NOT_FOUND", sentence)
