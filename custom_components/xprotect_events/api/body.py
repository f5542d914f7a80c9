"""Limits for the size of answers, and reading and decoding within these limits."""

import asyncio
import json

import aiohttp
import orjson

from .errors import AnswerTooLargeError, ResponseError

# Bytes, counted after decompression. The gateway's document, tokens and errors have a
# few hundred. The limit is low because the server is not yet authenticated.
SMALL = 64 * 1024
# Pages of events have a few megabytes, more where analytics attach pictures. A page
# that is too large is requested in smaller pages; a larger limit only costs memory.
EVENTS = 8 * 1024 * 1024
# Configuration lists have no pages and a few kilobytes per row.
LISTS = 32 * 1024 * 1024
# Bytes to decompress before the event loop runs other tasks: a few milliseconds.
TURN = 1024 * 1024
# Commas and opening brackets, which are about as many as there are values. A value of
# two bytes in the answer takes up to a hundred bytes of memory.
MAX_VALUES = 300_000
# Bytes up to which `orjson` decodes, which takes up to twelve times as much memory
# meanwhile. They cannot hold more than `MAX_VALUES` values. It does not decode the data
# of events, because it silently rounds whole numbers of more than 64 bits.
MAX_FAST = 256 * 1024


async def read_body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read a body of at most `limit` bytes. Raises `AnswerTooLargeError`.

    For an error status that has a body over `SMALL` bytes, the result is empty: the
    status alone decides what is raised.
    """
    is_error = not 200 <= response.status < 300  # noqa: PLR2004 - HTTP
    limit = SMALL if is_error else limit
    body = bytearray()
    turn_at = TURN
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit:
            response.close()
            if is_error:
                return b""
            raise AnswerTooLargeError("The answer is too large", status=response.status)
        if len(body) > turn_at:
            # Data that has arrived already is decompressed without a pause.
            turn_at += TURN
            await asyncio.sleep(0)
    return bytes(body)


def decode(body: bytes, *, status: int | None = None) -> object:
    """Decode JSON. Raises `ResponseError` or, in advance, `AnswerTooLargeError`."""
    if len(body) <= MAX_FAST:
        if b'"data"' not in body:
            try:
                return orjson.loads(body)
            except orjson.JSONDecodeError:
                # It refuses half of a surrogate pair, `NaN` and a byte order mark, all
                # of which servers may send. `json` reads them, a third as fast.
                pass
    elif sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise AnswerTooLargeError("The answer has too many values", status=status)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as err:
        raise ResponseError("The answer is not JSON", status=status) from err
