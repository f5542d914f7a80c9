"""Cutting data that is too large or too deep."""

from homeassistant.helpers.json import json_bytes
from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import Json
from custom_components.xprotect_events.bounded_json import cut

PICTURE = "x" * 100_000
PLATE = "AB 12345"

SCALARS = (
    st.none()
    | st.booleans()
    # Including values that Home Assistant cannot encode.
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=200)
    | st.just("\ud83d")
)
VALUES = st.recursive(
    SCALARS,
    lambda inside: (
        st.lists(inside, max_size=6)
        | st.dictionaries(st.text(max_size=5) | st.just("\ud83d"), inside, max_size=6)
    ),
    max_leaves=40,
)


def nested(levels: int, inside: Json = None) -> Json:
    """Return so many nested lists."""
    value = inside
    for _ in range(levels):
        value = [value]
    return value


def depth(value: Json) -> int:
    """Return the depth of nested objects and lists."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(value=VALUES, room=st.integers(4, 400), levels=st.integers(0, 6))
def test_the_remaining_data_can_be_encoded_and_fits(
    value: Json, room: int, levels: int
) -> None:
    """One value that cannot be encoded loses every state in the same answer."""
    left = cut(value, room, levels)
    assert len(json_bytes(left)) <= room
    assert depth(left) <= levels


@given(value=VALUES)
def test_data_that_fits_is_not_changed(value: Json) -> None:
    """Automations rely on the documented form."""
    try:
        size = len(json_bytes(value))
    except TypeError:
        return
    assert cut(value, max(size, 4), 100) is value


@pytest.mark.parametrize(
    ("value", "left"),
    [
        (
            {"plate": PLATE, "picture": PICTURE},
            {"plate": PLATE, "picture": None},
        ),
        (
            {"objects": [{"value": PLATE, "image": PICTURE}], "rule": "gate"},
            {"objects": [{"value": PLATE, "image": None}], "rule": "gate"},
        ),
        # Of several parts the smaller ones, as many as fit.
        (
            {"small": "x" * 1500, "large": "x" * 3000},
            {"small": "x" * 1500, "large": None},
        ),
        # Empty lists are removed.
        (
            {"plate": PLATE, "polygon": [[0.123, 0.456]] * 5000},
            {"plate": PLATE, "polygon": None},
        ),
        ({"plate": PLATE, "deep": nested(40)}, {"plate": PLATE, "deep": None}),
        ({"plate": PLATE, "n": 2**70}, {"plate": PLATE, "n": None}),
        ({"plate": PLATE, "\ud83d": 1}, {"plate": PLATE}),
        ({PICTURE: 1}, None),
        (nested(1000), None),
    ],
    ids=[
        "picture",
        "picture inside",
        "two texts",
        "many small ones",
        "deep",
        "huge number",
        "half a character in a key",
        "large key",
        "only depth",
    ],
)
def test_small_parts_survive_large_and_deep_ones(value: Json, left: Json) -> None:
    """Automations need the plate; the picture is in XProtect."""
    assert cut(value, 4096) == left


def test_parts_keep_their_order() -> None:
    """The first object of analytics data is the subject of the event."""
    value: Json = {"b": PICTURE, "a": [3, PICTURE, 1], "c": 2}
    assert json_bytes(cut(value, 100)) == b'{"b":null,"a":[3,null,1],"c":2}'
