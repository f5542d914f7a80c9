"""How much of an answer is read, and how much of it is decoded at once."""

import asyncio
import json

import aiohttp

from .errors import AnswerTooLargeError, ResponseError

# Bytes, counted when unpacked. The gateway's document, tokens and errors have some
# hundred; they come before anybody has signed in, from whoever answers.
SMALL = 64 * 1024
# Pages of events have some megabytes, more where analytics attach pictures. They can
# be asked for in smaller pages, so a larger limit would only cost memory.
EVENTS = 8 * 1024 * 1024
# Lists of what exists can only be read as a whole, and have some kilobytes a row.
LISTS = 32 * 1024 * 1024
# Bytes that are unpacked before others have a turn: some milliseconds.
TURN = 1024 * 1024
# Commas and opening brackets, one of which stands before nearly every value. A value
# takes up to a hundred bytes of memory where it has two in the answer.
MAX_VALUES = 300_000


async def read_body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read a body of at most `limit` bytes. Raises `AnswerTooLargeError`.

    An error counts by its status: nothing is returned of one that is longer than any.
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
            # What is there already is unpacked without a pause.
            turn_at += TURN
            await asyncio.sleep(0)
    return bytes(body)


def decode(body: bytes, *, status: int | None = None) -> object:
    """Decode JSON. Raises `ResponseError`, `AnswerTooLargeError` before it begins."""
    if sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise AnswerTooLargeError("The answer has too many values", status=status)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as err:
        raise ResponseError("The answer is not JSON", status=status) from err
