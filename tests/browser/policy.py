"""An ear at a page: what its browser refused, complained of, or was made to do by a text."""

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Dialog, Page

# Said by the page itself, in the order of the event.
_REPORT = """
document.addEventListener("securitypolicyviolation", event =>
  console.error("REFUSED " + event.effectiveDirective + " " + event.blockedURI))
"""
# The decoder of Streamlit's messages tries WebAssembly for speed and does as well without.
EXPECTED = "REFUSED script-src wasm-eval"
# The page looks for the path it is served below, from the longest one on.
_LOOKING_FOR_BASE = "/_stcore/"


@dataclass
class Ear:
    """What was heard: refusals of the content security policy, errors, dialogs."""

    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.text.startswith("REFUSED "):
            self.refused.append(message.text)
        elif message.type == "error" and not self._is_known(message):
            self.errors.append(f"{message.text} {message.location}")

    def dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _is_known(self, message: ConsoleMessage) -> bool:
        # Chromium reports a refusal in words of its own as well.
        return "Content Security Policy" in message.text or (
            "404" in message.text and _LOOKING_FOR_BASE in message.location["url"]
        )


def listen(page: Page) -> Ear:
    """Listen to a page from its next navigation on."""
    ear = Ear()
    page.add_init_script(_REPORT)
    page.on("console", ear.console)
    page.on("dialog", ear.dialog)
    page.on("pageerror", lambda error: ear.errors.append(str(error)))
    return ear
