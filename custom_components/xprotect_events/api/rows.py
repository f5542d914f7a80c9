"""Decodes a long JSON list row by row, so that memory never holds all of it."""

import codecs
from collections.abc import Callable, Iterator, Mapping
import json

from .errors import AnswerTooLargeError, ResponseError
from .wire import MAX_ROWS

# Bytes of the body that become text at once. With less, more rows would be decoded
# twice, because the end of the window cuts them; with more, memory would grow.
WINDOW = 256 * 1024
# Characters of one row or of one other field; real ones have thousands.
MAX_ROW = 1024 * 1024
# Fields of an object. Real answers have fewer than ten; millions would fit into an
# answer and take long to decode.
MAX_FIELDS = 1000
# Characters after a number that may be cut: of `1e+5` the decoder takes `1` if the
# window ends after `1e+`.
NUMBER_END = 2

_BLANK = " \t\r\n"


def read_rows(body: bytes, resource: str, key: str) -> Iterator[object]:
    """Yield the values of the list under `key` of a JSON object.

    Raises `ResponseError`, possibly after some rows, when there is no such list, and
    `AnswerTooLargeError` when it has more than `MAX_ROWS` rows.
    """
    text = _Text(body)
    is_found = False
    for name in _names(text):
        if name == key and text.takes("["):
            is_found = True
            yield from _rows(text, f"{resource}.{key}")
        else:
            text.value()
    if not is_found:
        raise ResponseError(f"{resource}.{key} is not an array")


def read_object(
    body: bytes,
    resource: str,
    takers: Mapping[str, Callable[[Iterator[object]], None]],
) -> dict[str, object]:
    """Return the fields of a JSON object but the lists under the keys of `takers`.

    Each taker is called with an iterator of the rows of its list. Raises the errors of
    `read_rows`.
    """
    text = _Text(body)
    fields: dict[str, object] = {}
    for name in _names(text):
        taker = takers.get(name)
        if taker is not None and text.takes("["):
            rows = _rows(text, f"{resource}.{name}")
            taker(rows)
            # Decode the rows that the taker did not use.
            for _ in rows:
                pass
        else:
            fields[name] = text.value()
    return fields


def _names(text: _Text) -> Iterator[str]:
    """Yield the name of each field; the caller must read its value before the next."""
    text.take("{")
    count = 0
    while not text.takes("}"):
        count += 1
        if count > MAX_FIELDS:
            raise AnswerTooLargeError(f"An object has more than {MAX_FIELDS} fields")
        name = text.value()
        if not isinstance(name, str):
            raise ResponseError("The answer is not JSON")
        text.take(":")
        yield name
        if not text.takes(","):
            text.take("}")
            return


def _rows(text: _Text, path: str) -> Iterator[object]:
    """Yield the values of a list, whose opening bracket was read."""
    count = 0
    while not text.takes("]"):
        count += 1
        if count > MAX_ROWS:
            raise AnswerTooLargeError(f"{path} has more than {MAX_ROWS} rows")
        yield text.value()
        if not text.takes(","):
            text.take("]")
            return


class _Text:
    """The part of a JSON text that is being decoded."""

    def __init__(self, body: bytes) -> None:
        self._body = memoryview(body)
        self._read = 0
        self._to_text = codecs.getincrementaldecoder("utf-8")("surrogatepass")
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0

    def takes(self, character: str) -> bool:
        """Skip a character if it is the next one, and return whether it was."""
        if self._next() != character:
            return False
        self._at += 1
        return True

    def take(self, character: str) -> None:
        """Skip the next character. Raises `ResponseError` if it is another one."""
        if not self.takes(character):
            raise ResponseError("The answer is not JSON")

    def value(self) -> object:
        """Decode the next value and skip it."""
        self._next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as err:
                if not self._reads_on():
                    raise ResponseError("The answer is not JSON") from err
                continue
            if len(self._text) - end <= NUMBER_END and self._reads_on():
                continue
            self._at = end
            return value

    def _next(self) -> str:
        """Return the next character that is not blank, or `""` at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._reads_on():
                return ""

    def _reads_on(self) -> bool:
        """Append the next part of the body to the text, and return if there was one."""
        if self._read >= len(self._body):
            return False
        if len(self._text) - self._at > MAX_ROW:
            raise AnswerTooLargeError("A row of the answer is too large")
        part = self._body[self._read : self._read + WINDOW]
        self._read += WINDOW
        try:
            more = self._to_text.decode(part, self._read >= len(self._body))
        except UnicodeDecodeError as err:
            raise ResponseError("The answer is not JSON") from err
        self._text, self._at = self._text[self._at :] + more, 0
        return True
