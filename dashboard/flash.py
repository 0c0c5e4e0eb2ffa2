"""A sentence for the next run of the script: what came of a click."""

from dataclasses import dataclass

from dashboard import session


@dataclass
class _Flash:
    text: str = ""
    operation_id: str = ""
    of_operation: str = ""


def put(text: str) -> None:
    """Keep a sentence to be shown in the next run."""
    # Kept, not drawn: Streamlit loses a toast or text drawn just before st.rerun().
    session.own(_Flash).text = text


def pop() -> str:
    """Return, once, the sentence that was kept."""
    flash = session.own(_Flash)
    text, flash.text = flash.text, ""
    return text


def of(operation_id: str) -> str:
    """Return the sentence that was last kept, as long as this operation is shown.

    A page may be drawn anew at once, before anybody has read it.
    """
    flash = session.own(_Flash)
    if text := pop():
        flash.operation_id, flash.of_operation = operation_id, text
    return flash.of_operation if flash.operation_id == operation_id else ""
