"""The size and the names of files, so that each has one reason to change."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.import_table import INTEGRATION, SIMULATOR
from tests.architecture.sources import ROOT, Source, sources

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
# Names under which everything without a place of its own collects, and files that
# only Home Assistant itself has.
FORBIDDEN = ("data.py", "helpers.py", "hub.py", "strings.json", "utils.py")

ALL = (*sources(INTEGRATION), *sources(SIMULATOR))

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: Source) -> Iterator[Function]:
    """Yield every function and method of a module."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("source", ALL, ids=str)
def test_a_file_can_be_read_in_one_go(source: Source) -> None:
    """What grows beyond it has taken on a second job."""
    assert len(source.text.splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("source", ALL, ids=str)
def test_a_function_fits_on_a_screen(source: Source) -> None:
    """Longer ones have steps, and steps have names."""
    too_long = [
        f"{source}:{function.lineno} {function.name}"
        for function in functions(source)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert too_long == []


@pytest.mark.parametrize("source", ALL, ids=str)
def test_a_module_says_what_it_is_for(source: Source) -> None:
    """One sentence at the top; who cannot write it has two modules."""
    assert ast.get_docstring(source.tree)


@pytest.mark.parametrize("package", [INTEGRATION, SIMULATOR])
def test_no_file_has_a_name_that_says_nothing(package: str) -> None:
    """Such a file is where things go that nobody finds again."""
    folder = ROOT / package.replace(".", "/")
    found = [path for path in folder.rglob("*") if path.name in FORBIDDEN]
    assert found == []
