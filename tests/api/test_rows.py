"""Long lists are decoded row by row, with any boundaries between the parts."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import (
    AnswerTooLargeError,
    rows as rows_module,
)
from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.rows import read_rows
from custom_components.xprotect_events.api.wire import MAX_ROWS
from tests.effort import tried

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def rows(body: bytes) -> list[object]:
    """Return the rows of a list."""
    return list(read_rows(body, "cameras", "array"))


@pytest.fixture
def windows_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use tiny parts, so that rows are cut at every position."""
    monkeypatch.setattr(rows_module, "WINDOW", 5)


@pytest.mark.usefixtures("windows_are_small")
@tried(60)
@given(
    document=st.dictionaries(st.text(), values).filter(lambda one: "array" not in one),
    items=st.lists(values),
    indent=st.none() | st.integers(0, 2),
    is_ascii=st.booleans(),
)
def test_rows_are_the_same_as_those_of_the_whole_list(
    document: dict[str, Any], items: list[Any], indent: int | None, *, is_ascii: bool
) -> None:
    """In any position among other fields, in any script, with any white space."""
    whole = {**document, "array": items, "after": 1}
    text = json.dumps(whole, indent=indent, ensure_ascii=is_ascii)
    assert rows(text.encode("utf-8", "surrogatepass")) == items


@pytest.mark.usefixtures("windows_are_small")
@given(st.binary(max_size=40) | st.text(alphabet='{}[]",: 1aray\\').map(str.encode))
def test_an_answer_without_a_list_is_refused(body: bytes) -> None:
    """Whoever answers; and nothing is accepted that `json` refuses."""
    try:
        read = rows(body)
    except ResponseError:
        return
    assert read == json.loads(body)["array"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"array":{}}',
        b'{"array":[1',
        b'{"array":[1,',
        b'{"array":[1 2]}',
        b'{"array":[1],"more":}',
        b'{"array":[\xff]}',
        b'{"array":[' + b"[" * 100_000,
    ],
)
def test_a_truncated_list_is_refused(body: bytes) -> None:
    """The items of the other half would seem to be deleted."""
    with pytest.raises(ResponseError):
        rows(body)


def test_a_list_with_too_many_rows_is_refused() -> None:
    """A row takes three bytes, so a small answer could create any number of devices."""
    assert len(rows(b'{"array":[' + b",".join([b"0"] * MAX_ROWS) + b"]}")) == MAX_ROWS
    with pytest.raises(AnswerTooLargeError):
        rows(b'{"array":[' + b"0," * MAX_ROWS + b"0]}")


def test_a_row_that_is_too_large_is_refused() -> None:
    """It is decoded as a whole."""
    with pytest.raises(AnswerTooLargeError):
        rows(b'{"array":["' + b"x" * 4_000_000 + b'"]}')


def test_too_many_fields_are_refused() -> None:
    """Millions of fields fit into an answer, and each takes some time."""
    with pytest.raises(AnswerTooLargeError):
        rows(b"{" + b'"x":1,' * 100_000 + b'"array":[]}')
