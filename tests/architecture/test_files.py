"""The size and the names of files."""

import ast
from collections.abc import Iterator
import re

import pytest

from tests.architecture.import_table import INTEGRATION, SIMULATOR
from tests.architecture.sources import ROOT, Source, sources

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
# Names that invite unrelated code, and files that only Home Assistant's own
# integrations have.
FORBIDDEN = ("data.py", "helpers.py", "hub.py", "strings.json", "utils.py")
FOLDERS = (
    "benchmarks",
    "custom_components",
    "demo",
    "scripts",
    "tests",
    "xprotect_simulator",
)
# A reason follows the codes, after a dash.
UNEXPLAINED = re.compile(r"[#] noqa\b(?!: [A-Z]+\d+(, [A-Z]+\d+)* - \S)")

ALL = (*sources(INTEGRATION), *sources(SIMULATOR))

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: Source) -> Iterator[Function]:
    """Yield every function and method of a module."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_too_long() -> None:
    """A longer file usually has more than one job."""
    lines = {str(source): len(source.text.splitlines()) for source in ALL}
    assert {name for name, count in lines.items() if count > MAX_FILE_LINES} == set()


def test_a_function_fits_on_a_screen() -> None:
    """A longer function should be divided into named steps."""
    too_long = [
        f"{source}:{function.lineno} {function.name}"
        for source in ALL
        for function in functions(source)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert too_long == []


def test_each_module_has_a_docstring_of_one_sentence() -> None:
    """A module that needs two sentences usually has two jobs."""
    assert [str(one) for one in ALL if not ast.get_docstring(one.tree)] == []


def test_each_exception_for_a_lint_has_a_reason() -> None:
    """Otherwise nobody knows when to remove it."""
    unexplained = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNEXPLAINED.search(line)
    ]
    assert unexplained == []


@pytest.mark.parametrize("package", [INTEGRATION, SIMULATOR])
def test_no_file_has_a_meaningless_name(package: str) -> None:
    """Code in such files is hard to find."""
    folder = ROOT / package.replace(".", "/")
    found = [path for path in folder.rglob("*") if path.name in FORBIDDEN]
    assert found == []
