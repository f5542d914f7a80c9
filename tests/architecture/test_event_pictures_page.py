"""The page about pictures, compared with simulator, texts and tests."""

import re

from custom_components.xprotect_events.picture_errors import PICTURE_ERRORS
from tests.architecture.proofs import PROOF, exists
from tests.architecture.sources import ROOT
from xprotect_simulator.faults.recorder_fault_table import RECORDER_FAULTS

PAGE = (ROOT / "docs/event-pictures.md").read_text(encoding="utf-8")
PROOFS = sorted(set(PROOF.findall(PAGE)))
FAULTS = dict(re.findall(r"^\| `(\w+)` (\|.*\|)$", PAGE, re.MULTILINE))


def test_every_fault_of_recorders_has_its_row_and_a_test() -> None:
    """Each fault stands for a failure of real recorders."""
    assert {kind.name for kind in RECORDER_FAULTS} <= set(FAULTS)
    for kind in RECORDER_FAULTS:
        assert PROOF.search(FAULTS[kind.name])


def test_every_failure_is_explained_with_its_status() -> None:
    """Users look for the errors that they get on this page."""
    for _, key, status in PICTURE_ERRORS:
        if key.startswith("picture_"):
            assert f"`{key}`, {status.value}" in PAGE


def test_every_named_test_exists() -> None:
    """Readers must be able to find the named tests."""
    assert [proof for proof in PROOFS if not exists(*proof)] == []
