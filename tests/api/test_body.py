"""What is read as JSON does not depend on the size of an answer."""

import math

import pytest

from custom_components.xprotect_events.api import AnswerTooLargeError
from custom_components.xprotect_events.api.body import MAX_FAST, MAX_VALUES, decode
from custom_components.xprotect_events.api.errors import ResponseError

SIZES = pytest.mark.parametrize("size", [0, MAX_FAST + 1], ids=["small", "large"])


@SIZES
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"n": [1, 2.5, true, null]}', {"n": [1, 2.5, True, None]}),
        (b'"half of a pair: \\ud800"', "half of a pair: \ud800"),
        (b"\xef\xbb\xbf[]", []),
        (b"[1e400]", [math.inf]),
        (b'{"id": 1, "id": 2}', {"id": 2}),
        (b"9223372036854775807", 2**63 - 1),
        # `orjson` would round it.
        (b'{"data": [18446744073709551617]}', {"data": [2**64 + 1]}),
    ],
)
def test_what_servers_may_send_is_read(
    body: bytes, expected: object, size: int
) -> None:
    """Half of a surrogate pair, for example, is in names that were cut."""
    assert decode(body.ljust(size)) == expected


@SIZES
def test_not_a_number_is_read(size: int) -> None:
    """Programs in several languages write it, although JSON does not have it."""
    value = decode(b"NaN".ljust(size))
    assert isinstance(value, float)
    assert math.isnan(value)


@SIZES
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"id": }', b"[" * 100_000, b"\xff", b'"a\nb"']
)
def test_what_is_no_json_is_an_error(body: bytes, size: int) -> None:
    """Also if it is nested so deeply that a decoder would crash."""
    with pytest.raises(ResponseError):
        decode(body.ljust(size))


def test_an_answer_has_a_limit_of_values() -> None:
    """A value of two bytes takes up to a hundred bytes of memory."""
    with pytest.raises(AnswerTooLargeError):
        decode(b"[" + b"0," * MAX_VALUES + b"0]")
