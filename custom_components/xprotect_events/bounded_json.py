"""Cuts JSON to a size and depth that Home Assistant can store and send."""

from collections.abc import Mapping, Sequence

from homeassistant.helpers.json import json_bytes

from .api import Json

# Levels of objects and lists, including the outermost one. Home Assistant adds up to
# six levels and cannot write 255. Fewer would cut analytics data, which has at most
# ten levels.
MAX_DEPTH = 32
# The bytes of `null`, of `[]` or `{}`, and of a comma.
NULL_SIZE = 4
BRACKETS_SIZE = 2
COMMA_SIZE = 1


def json_size(value: Json) -> int | None:
    """Return the bytes of a value in Home Assistant's JSON, `None` if it has none.

    Home Assistant cannot write whole numbers above 64 bits, single surrogates, and
    more than 254 levels.
    """
    written = _write(value)
    return None if written is None else len(written)


def fits(value: Json, room: int, levels: int = MAX_DEPTH) -> bool:
    """Whether the value has at most so many bytes and levels in JSON."""
    written = _write(value)
    if written is None or len(written) > room:
        return False
    # The number of brackets is fast to count, and never less than the depth.
    brackets = written.count(b"{") + written.count(b"[")
    return brackets <= levels or _depth(value) <= levels


def cut(value: Json, room: int, levels: int = MAX_DEPTH) -> Json:
    """Return the value, with `null` instead of the parts that do not fit.

    `room` is in bytes of JSON and at least 4. Objects and lists divide it among their
    values, the smallest first, so that large and deep parts are cut first.
    """
    if fits(value, room, levels):
        return value
    if levels < 1:
        return None
    match value:
        case dict():
            return _cut_object(value, room, levels)
        case list():
            return _cut_list(value, room, levels)
    return None


def _write(value: Json) -> bytes | None:
    try:
        return json_bytes(value)
    except TypeError:
        return None


def _depth(value: Json) -> int:
    """Return the number of levels of a value."""
    match value:
        case dict():
            return 1 + max(map(_depth, value.values()), default=0)
        case list():
            return 1 + max(map(_depth, value), default=0)
    return 0


def _cut_object(value: Mapping[str, Json], room: int, levels: int) -> Json:
    # Each value takes at least 5 bytes: a quick test before all of them are measured.
    if len(value) * (COMMA_SIZE + NULL_SIZE) > room:
        return None
    sizes = {key: json_size(key) for key in value}
    known = {key: value[key] for key, size in sizes.items() if size is not None}
    keys_size = sum((size or 0) + COMMA_SIZE for size in sizes.values())
    kept = _share(tuple(known.values()), room - keys_size, levels)
    return None if kept is None else dict(zip(known, kept, strict=True))


def _cut_list(value: Sequence[Json], room: int, levels: int) -> Json:
    kept = _share(value, room, levels)
    return None if kept is None else list(kept)


def _share(values: Sequence[Json], room: int, levels: int) -> Sequence[Json] | None:
    """Cut each of the values of an object or list; `None` if nothing would be left."""
    left = room - BRACKETS_SIZE - COMMA_SIZE * len(values)
    if left < NULL_SIZE * len(values):
        return None
    sizes = [json_size(value) for value in values]
    # Values that cannot be written come last: cut, they may still be the largest.
    order = sorted(
        range(len(values)), key=lambda index: (sizes[index] is None, sizes[index] or 0)
    )
    kept: list[Json] = [None] * len(values)
    for done, index in enumerate(order):
        kept[index] = cut(values[index], left // (len(values) - done), levels - 1)
        left -= json_size(kept[index]) or 0
    return None if all(one is None for one in kept) else kept
