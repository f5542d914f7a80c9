"""The lines that the integration logs are explained in the documentation."""

import ast
from collections.abc import Iterator
import re

import pytest

from custom_components.xprotect_events.errors import TRANSLATION_KEYS
from tests.architecture.sources import ROOT
from tests.upstream import source_code as code
from tests.upstream.files import ENGLISH

PAGE = (ROOT / "docs/troubleshooting.md").read_text()
# Debug is for reports: whoever reads those knows the code.
LEVELS = {"error", "exception", "info", "warning"}


def logged() -> Iterator[str]:
    """Yield what is logged, with an ellipsis for what differs from time to time."""
    for source in code.ALL:
        for node in ast.walk(source.tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="_LOGGER"), attr=level),
                    args=[ast.Constant(value=str(message)), *_],
                ) if level in LEVELS:
                    yield re.sub(r"%[ds]", "…", message)


MESSAGES = sorted(logged())


@pytest.mark.parametrize("message", MESSAGES)
def test_a_line_of_ours_is_on_the_page(message: str) -> None:
    """Users search for the exact text that they have read."""
    assert message in PAGE


@pytest.mark.parametrize("key", [key for _, key in TRANSLATION_KEYS])
def test_a_reason_that_a_coordinator_logs_is_on_the_page(key: str) -> None:
    """Home Assistant puts its own words before it."""
    message = ENGLISH["exceptions"][key]["message"]
    reason, placeholder, _ = message.partition("({error})")
    assert placeholder
    assert f"data: {reason}(…)`" in PAGE


def test_there_are_lines_to_look_for() -> None:
    """A check over nothing is always true."""
    assert len(MESSAGES) >= 8
