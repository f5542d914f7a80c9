"""The methods of the client's requests."""

import ast
from collections.abc import Iterator

from tests.architecture.import_table import INTEGRATION
from tests.architecture.sources import sources

METHODS = frozenset({"DELETE", "GET", "PATCH", "POST", "PUT"})
# The modules that send other methods than GET, and what they change.
CHANGES = {
    # Events and event sessions.
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
    # Changes of alarms.
    ("api.alarms", "PATCH"),
    # Outputs.
    ("api.tasks", "POST"),
}


def methods(tree: ast.AST) -> Iterator[str]:
    """Yield the HTTP methods that a module uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in METHODS:
            yield str(node.value)


def test_nothing_edits_the_configuration() -> None:
    """So the role of this client needs no right to edit anything."""
    found = {
        (source.name, method)
        for source in sources(INTEGRATION)
        for method in methods(source.tree)
        if method != "GET"
    }
    assert found == CHANGES
