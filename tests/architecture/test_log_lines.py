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
# Debug lines are for bug reports, whose readers know the code.
LEVELS = {"error", "exception", "info", "warning"}


def logged() -> Iterator[str]:
    """Yield the logged texts, with an ellipsis for each variable part."""
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
    """Users search for the exact text."""
    assert message in PAGE


@pytest.mark.parametrize("key", [key for _, key in TRANSLATION_KEYS])
def test_a_reason_that_a_coordinator_logs_is_on_the_page(key: str) -> None:
    """Home Assistant adds its own text before it."""
    message = ENGLISH["exceptions"][key]["message"]
    reason, placeholder, _ = message.partition("({error})")
    assert placeholder
    assert f"data: {reason}(…)`" in PAGE


def test_log_lines_are_found() -> None:
    """Otherwise the other tests would check nothing."""
    assert len(MESSAGES) >= 8
