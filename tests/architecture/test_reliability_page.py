"""The table of faults in the documentation, compared with simulator and tests."""

import re

import pytest

from tests.architecture.proofs import PROOF, exists
from tests.architecture.sources import ROOT
from xprotect_simulator.faults.fault_table import ALL_FAULTS
from xprotect_simulator.faults.recorder_fault_table import RECORDER_FAULTS
from xprotect_simulator.faults.video_fault_table import VIDEO_FAULTS

PAGE = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` (\|.*\|)$", PAGE, re.MULTILINE))
PROOFS = sorted(set(PROOF.findall(PAGE)))


def test_every_fault_of_the_simulator_has_its_row() -> None:
    """Each fault of the simulator can happen to users.

    Faults of recorders and of video affect pictures, but no events.
    """
    others = {*RECORDER_FAULTS, *VIDEO_FAULTS}
    assert set(ROWS) == {kind.name for kind in ALL_FAULTS if kind not in others}


@pytest.mark.parametrize("fault", ROWS)
def test_every_row_has_the_loss_and_a_test(fault: str) -> None:
    """Each claim needs a test."""
    *_, lost, proof = (cell.strip() for cell in ROWS[fault].strip("|").split("|"))
    assert lost.startswith("nothing")
    assert PROOF.search(proof)


def test_every_named_test_exists() -> None:
    """Readers must be able to find the named tests."""
    assert [proof for proof in PROOFS if not exists(*proof)] == []
