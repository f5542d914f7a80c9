"""Calls in the source of the integration, and the translation keys in them."""

import ast
from collections.abc import Iterator

from tests.upstream import source_code as code

TREES = {source.name: source.tree for source in code.ALL if not source.layer}


def calls(module: str | None = None) -> Iterator[ast.Call]:
    """Yield every call in a module, or in all modules of the integration."""
    for name, tree in TREES.items():
        if module in {None, name}:
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    yield node


def name_of(node: ast.expr) -> str:
    """Return the last part of the called name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def text_of(node: ast.expr | None) -> str | None:
    """Return the text of a literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return a keyword argument of a call."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def with_bases(name: str) -> Iterator[ast.ClassDef]:
    """Yield the class of a name, and its base classes in the integration."""
    for tree in TREES.values():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                yield node
                for base in node.bases:
                    yield from with_bases(ast.unparse(base))
