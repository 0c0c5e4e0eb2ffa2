"""Find a Chromium, or install one. `python -m tests.browser.chromium` prints which it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# A Chromium that draws no window of its own takes half the time.
WINDOWLESS = "chromium-headless-shell"
NAMES = (
    WINDOWLESS,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
# A closed network, no display, perhaps no user namespaces.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Without a window, texts would else be wider than people see them.
    "--font-render-hinting=none",
]
ADVICE = (
    "No Chromium was found and none could be installed. Install Chromium or Chrome, or name one "
    "with CHROMIUM=/path/to/it, and run this again."
)


def executable() -> Path | None:
    """Return a Chromium that is there: the one CHROMIUM names, the system's, or Playwright's."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [*map(shutil.which, NAMES), _playwrights_own()]
    return next((Path(found) for found in candidates if found and Path(found).exists()), None)


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and rarely needed

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def install() -> None:
    """Install a Chromium: by apt as root on Debian or Ubuntu, otherwise what Playwright brings."""
    if _may_use_apt():
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        _ = _by_apt(WINDOWLESS) or _by_apt("chromium")
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _may_use_apt() -> bool:
    return bool(shutil.which("apt-get")) and hasattr(os, "geteuid") and os.geteuid() == 0


def _by_apt(name: str) -> bool:
    asked = subprocess.run(["apt-get", "install", "-y", "-qq", name], check=False)
    return asked.returncode == 0


def _is_at_hand(name: str) -> bool:
    known = subprocess.run(["apt-cache", "show", name], check=False, capture_output=True)
    return known.returncode == 0


def main() -> int:
    """Print the Chromium to use, installing one when there is none."""
    if executable() is None:
        install()
    elif not os.environ.get("CHROMIUM") and not shutil.which(WINDOWLESS):
        _ = _may_use_apt() and _is_at_hand(WINDOWLESS) and _by_apt(WINDOWLESS)
    found = executable()
    sys.stdout.write(f"{found or ADVICE}\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
