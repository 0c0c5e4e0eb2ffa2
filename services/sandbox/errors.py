"""The two kinds of error: Visier's own, and those of the gateway before it."""

NO_PERMISSION = "Insufficient permissions to access the specified tenant."


class ApiError(Exception):
    """Becomes Visier's Status envelope: localizedMessage, code, message, rci, userError."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence

    def body(self, rci: str) -> dict[str, object]:
        """Return the envelope with this root cause id."""
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
    """Return a 400, for an invalid request."""
    return ApiError(400, "INVALID_ARGUMENT", sentence)


def signed_out(sentence: str) -> ApiError:
    """Return a 401, for credentials that are missing, wrong or expired."""
    return ApiError(401, "UNAUTHENTICATED", sentence)


def forbidden(sentence: str) -> ApiError:
    """Return a 403, for a tenant beyond the login tenant."""
    return ApiError(403, "PERMISSION_DENIED", sentence)


def not_found(sentence: str) -> ApiError:
    """Return a 404, for an unknown id in a path."""
    return ApiError(404, "NOT_FOUND", sentence)
