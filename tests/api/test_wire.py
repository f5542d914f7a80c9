"""Reading fields of JSON: tolerant where servers differ, strict where it matters."""

import pytest

from custom_components.xprotect_events.api.errors import ResponseError
from custom_components.xprotect_events.api.wire import (
    as_array,
    as_object,
    decode_each,
    nested,
    optional_int,
    optional_text,
    text,
    texts,
)


@pytest.mark.parametrize("value", [None, [], "text", 5, True])
def test_a_value_that_is_not_an_object_is_reported_with_its_path(value: object) -> None:
    """The path is what a bug report needs."""
    with pytest.raises(ResponseError, match=r"^sites\[0\] is not an object$"):
        as_object(value, "sites[0]")


@pytest.mark.parametrize("value", [None, {}, "text", 5])
def test_a_value_that_is_not_an_array_is_reported_with_its_path(value: object) -> None:
    """An empty list of cameras and no list at all are different things."""
    with pytest.raises(ResponseError, match=r"^sites\.array is not an array$"):
        as_array(value, "sites.array")


@pytest.mark.parametrize("item", [{}, {"id": None}, {"id": ""}, {"id": 7}])
def test_a_required_text_must_be_there(item: dict[str, object]) -> None:
    """An object without an id could not be distinguished from others."""
    with pytest.raises(ResponseError, match=r"^sites\[0\]\.id is missing$"):
        text(item, "id", "sites[0]")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("on", "on"), ("", None), (None, None), (7, None), ([], None)],
)
def test_an_optional_text_is_a_text_or_nothing(
    value: object, expected: str | None
) -> None:
    """Servers write an empty text for "none"."""
    assert optional_text({"tag": value}, "tag") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4, 4),
        (-1, -1),
        ("4", 4),
        ("4.57", None),
        ("four", None),
        ("", None),
        (None, None),
        (True, None),
        (4.0, None),
        ([4], None),
        ("9" * 5000, None),
    ],
)
def test_a_whole_number_may_come_as_text(value: object, expected: int | None) -> None:
    """XProtect 2023 R2 writes numbers like this."""
    assert optional_int({"localId": value}, "localId") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["Camera", "CameraGroup"], ("Camera", "CameraGroup")),
        (["Camera", "", None, 7], ("Camera",)),
        ([], ()),
        (None, ()),
        ("Camera", ()),
    ],
)
def test_values_that_are_not_texts_are_skipped_in_a_list_of_texts(
    value: object, expected: tuple[str, ...]
) -> None:
    """One odd entry must not hide an event type."""
    assert texts({"sourceArray": value}, "sourceArray") == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"relations": {"parent": {"id": "x"}}}, {"id": "x"}),
        ({"relations": {"parent": None}}, {}),
        ({"relations": {}}, {}),
        ({"relations": "none"}, {}),
        ({}, {}),
    ],
)
def test_an_object_inside_objects_may_be_missing(
    item: dict[str, object], expected: dict[str, object]
) -> None:
    """Not every item has a parent."""
    assert nested(item, "relations", "parent") == expected


def test_an_unreadable_row_does_not_hide_the_others() -> None:
    """One broken camera must not take away all the others."""
    rows: list[object] = ["one", 2, "three"]

    def decode(value: object, path: str) -> str:
        if not isinstance(value, str):
            raise ResponseError(f"{path} is no text")
        return value

    decoded = decode_each(decode, rows, "cameras")
    assert decoded == (("one", "three"), 1, "cameras is no text")
