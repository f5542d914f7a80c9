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
    """Cut everything everywhere."""
    monkeypatch.setattr(rows_module, "WINDOW", 5)


@pytest.mark.usefixtures("windows_are_small")
@tried(60)
@given(
    document=st.dictionaries(st.text(), values).filter(lambda one: "array" not in one),
    items=st.lists(values),
    indent=st.none() | st.integers(0, 2),
    is_ascii=st.booleans(),
)
def test_rows_are_what_the_whole_would_have_been(
    document: dict[str, Any], items: list[Any], indent: int | None, *, is_ascii: bool
) -> None:
    """In any place among other fields, in any script, with any white space."""
    whole = {**document, "array": items, "after": 1}
    said = json.dumps(whole, indent=indent, ensure_ascii=is_ascii)
    assert rows(said.encode("utf-8", "surrogatepass")) == items


@pytest.mark.usefixtures("windows_are_small")
@given(st.binary(max_size=40) | st.text(alphabet='{}[]",: 1aray\\').map(str.encode))
def test_what_is_no_list_is_refused(body: bytes) -> None:
    """Whatever answers; and no more is taken for one than `json` takes."""
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
def test_half_a_list_is_none(body: bytes) -> None:
    """Its other half would seem to be gone from the site."""
    with pytest.raises(ResponseError):
        rows(body)


def test_a_list_longer_than_any_site_s_is_given_up() -> None:
    """A row of nothing takes three bytes, and a device for each is no home any more."""
    assert len(rows(b'{"array":[' + b",".join([b"0"] * MAX_ROWS) + b"]}")) == MAX_ROWS
    with pytest.raises(AnswerTooLargeError):
        rows(b'{"array":[' + b"0," * MAX_ROWS + b"0]}")


def test_a_row_larger_than_any_is_given_up() -> None:
    """It is decoded as a whole."""
    with pytest.raises(AnswerTooLargeError):
        rows(b'{"array":["' + b"x" * 4_000_000 + b'"]}')


def test_fields_without_end_are_given_up() -> None:
    """Millions of them fit into an answer, and each takes a moment."""
    with pytest.raises(AnswerTooLargeError):
        rows(b"{" + b'"x":1,' * 100_000 + b'"array":[]}')
