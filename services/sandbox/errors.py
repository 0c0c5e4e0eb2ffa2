"""The two families of refusal: Visier's own, and those of the gateway before it."""

NO_PERMISSION = "Insufficient permissions to access the specified tenant."


class ApiError(Exception):
    """Becomes Visier's Status envelope: localizedMessage, code, message, rci, userError."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence

    def body(self, rci: str) -> dict[str, object]:
        """Return the envelope under this root cause id."""
        return {
            "localizedMessage": self.sentence,
            "code": self.code,
            "message": self.sentence,
            "rci": rci,
            "userError": self.status < 500,
        }


class GatewayError(Exception):
    """Becomes the gateway's bare `{"message": ...}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def bad_request(sentence: str) -> ApiError:
    """Refuse what cannot be understood or is not there: 400."""
    return ApiError(400, "INVALID_ARGUMENT", sentence)


def signed_out(sentence: str) -> ApiError:
    """Refuse somebody whose credentials do not hold: 401."""
    return ApiError(401, "UNAUTHENTICATED", sentence)


def forbidden(sentence: str) -> ApiError:
    """Refuse what is beyond the login tenant: 403."""
    return ApiError(403, "PERMISSION_DENIED", sentence)


def not_found(sentence: str) -> ApiError:
    """Refuse a path whose id names nothing: 404."""
    return ApiError(404, "NOT_FOUND", sentence)
