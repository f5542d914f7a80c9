"""Client, engine and simulator run without Home Assistant."""

from pathlib import Path
import subprocess
import sys

import pytest

from tests.architecture import bare_parent
from tests.architecture.sources import ROOT

ASK_SIMULATOR = (
    "import sys, xprotect_simulator.__main__;"
    "print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
)


@pytest.mark.parametrize(
    ("command", "expected", "late"),
    [
        (
            [str(Path(bare_parent.__file__))],
            {"custom_components", "aiohttp", "orjson", "yarl"},
            {"cryptography", "spnego"},
        ),
        (["-c", ASK_SIMULATOR], {"xprotect_simulator", "aiohttp", "yarl"}, set()),
    ],
    ids=["client and engine", "simulator"],
)
def test_nothing_of_home_assistant_is_loaded(
    command: list[str], expected: set[str], late: set[str]
) -> None:
    """The import table covers the source, this test the modules that are loaded."""
    result = subprocess.run(  # noqa: S603 - our own files
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(result.stdout.split())
    assert expected <= loaded
    strangers = {"homeassistant", "voluptuous", "probatio"}
    assert not loaded & (strangers | late)
