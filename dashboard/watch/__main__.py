"""`python -m dashboard.watch`: the unattended watch alone, without the web server."""

import signal
import sys
import threading

from dashboard import bootstrap, logs, metrics
from dashboard.settings import WrongSetting
from dashboard.watch import notifying, watching

NOTHING = (
    "There is nothing to watch: {why}. docs/operating.md explains how to set up a service"
    " credential."
)


def main() -> None:
    """Watch until SIGTERM or SIGINT; end at once where there is nothing to watch."""
    try:
        settings = bootstrap.settings()
        logs.configure(settings.dashboard_log_format)
        port, address = settings.dashboard_metrics_port, settings.dashboard_metrics_address
        end_metrics = metrics.serve(port, address) if port else None
        metrics.count_watch(bootstrap.whole_ledger)
    except WrongSetting as wrong:
        sys.exit(f"The watch does not start. {wrong}")
    watches = watching.watches()
    if not watches.running:
        is_off = not settings.dashboard_watch
        why = "DASHBOARD_WATCH is false" if is_off else f"of each connection {watching.WITHOUT}"
        sys.exit(NOTHING.format(why=why))
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_end.set())
    watches.start()
    notifier = notifying.notifier()
    notifier.start()
    told_to_end.wait()
    watches.leave(watching.LAST_LOOK_SECONDS)
    notifier.leave(notifying.LAST_MESSAGE_SECONDS)
    if settings.has_sandbox:
        bootstrap.sandbox().stop()
    if end_metrics is not None:
        end_metrics()


if __name__ == "__main__":
    main()
