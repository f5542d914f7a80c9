"""Every error that a user can see is translated."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.import_table import INTEGRATION
from tests.architecture.sources import sources

# Home Assistant shows the text of these to users.
SHOWN = frozenset(
    {
        "ConfigEntryAuthFailed",
        "ConfigEntryError",
        "ConfigEntryNotReady",
        "HomeAssistantError",
        "PlatformNotReady",
        "ServiceNotSupported",
        "ServiceValidationError",
        "UpdateFailed",
    }
)
NEEDED = frozenset({"translation_domain", "translation_key"})


def untranslated(tree: ast.AST) -> Iterator[int]:
    """Yield the lines on which such an error is created or raised without a key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in SHOWN:
            if not {keyword.arg for keyword in node.keywords} >= NEEDED:
                yield node.lineno
        elif isinstance(node, ast.Raise) and _name(node.exc) in SHOWN:
            yield node.lineno


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_no_error_is_shown_in_english_only() -> None:
    """Text in code can be neither translated nor tested by its key."""
    lines = [
        f"{source}:{line}"
        for source in sources(INTEGRATION)
        for line in untranslated(source.tree)
    ]
    assert lines == []


@pytest.mark.parametrize(
    "code",
    [
        "raise HomeAssistantError('No.')",
        "raise exceptions.UpdateFailed('No.') from err",
        "raise ConfigEntryNotReady",
        "error = ServiceValidationError(translation_key='no')",
        "def error():\n return HomeAssistantError()",
    ],
)
def test_an_untranslated_error_is_found(code: str) -> None:
    """Otherwise the other test would prove nothing."""
    assert list(untranslated(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "raise HomeAssistantError(translation_domain=DOMAIN, translation_key=key)",
        "raise ApiError('No.')",
        "raise",
    ],
)
def test_a_translated_error_is_accepted(code: str) -> None:
    """The client's own errors are translated where they become Home Assistant's."""
    assert not list(untranslated(ast.parse(code)))
