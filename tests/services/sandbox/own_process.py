"""The sandbox as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

COMMAND = (sys.executable, "-m", "services.sandbox", "--port", "0", "--tenants", "6")


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the sandbox as a process of its own; give it and the address it announces."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *arguments], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        try:
            assert first.startswith("Visier sandbox listening on http://127.0.0.1:")
            yield process, first.split()[-1]
        finally:
            process.kill()
