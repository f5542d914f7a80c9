"""The requests that the client can send at all, whatever a role allows."""

import ast
from collections.abc import Iterator

from tests.architecture.import_table import INTEGRATION
from tests.architecture.sources import sources

METHODS = frozenset({"DELETE", "GET", "PATCH", "POST", "PUT"})
# Who sends anything but a question, and what it may change.
CHANGES = {
    # Events, and what reads them.
    ("api.events", "POST"),
    ("api.sessions", "POST"),
    ("api.sessions", "DELETE"),
    # Tokens.
    ("api.identity_provider", "POST"),
    ("api.windows_login", "POST"),
    ("api.recorder_token", "POST"),
    # Video and pictures.
    ("api.live_video", "POST"),
    ("api.live_video", "PATCH"),
    ("api.live_video", "DELETE"),
    ("api.recorder", "POST"),
    ("api.stills", "POST"),
    # What is done about alarms.
    ("api.alarms", "PATCH"),
    # Outputs.
    ("api.tasks", "POST"),
}


def methods(tree: ast.AST) -> Iterator[str]:
    """Yield the methods of HTTP that a module uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in METHODS:
            yield str(node.value)


def test_nothing_edits_the_configuration() -> None:
    """So a role for this client needs no right to edit anything, and no role has it."""
    found = {
        (source.name, method)
        for source in sources(INTEGRATION)
        for method in methods(source.tree)
        if method != "GET"
    }
    assert found == CHANGES
