"""Run the whole matrix and write docs/reliability.md anew."""

from tests.apptests import quick_apptests
from tests.faults.document import PUBLISHED, written
from tests.faults.reads import READS
from tests.faults.running import run_read, run_renewal, run_sign_in, run_write
from tests.faults.sign_ins import RENEWALS, SIGN_INS
from tests.faults.stage import stage
from tests.faults.writes import WRITES


def main() -> None:
    """Write down what became of every operation under every fault."""
    with quick_apptests(), stage() as made:
        cells = {name: run_sign_in(made, sign_in) for name, sign_in in SIGN_INS.items()}
        cells |= {name: run_renewal(made, renewal) for name, renewal in RENEWALS.items()}
        cells |= {name: run_read(made, read) for name, read in READS.items()}
        cells |= {name: run_write(made, write) for name, write in WRITES.items()}
    PUBLISHED.write_text(written(cells), encoding="utf-8")


main()
