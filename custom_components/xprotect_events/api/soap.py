"""Writes and reads SOAP envelopes for pictures (protocol §11.2, §11.3)."""

from typing import override
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from .errors import ApiError, PermissionDeniedError, ResponseError
from .http import MAX_SERVER_TEXT, Answer, raise_for_status
from .picture import NotSupportedError, RecorderRefusedError, RecorderTokenRefusedError
from .wire import clean

SERVER_COMMAND = "http://videoos.net/2/XProtectCSServerCommand"
RECORDER_COMMAND = "http://videoos.net/2/XProtectCSRecorderCommand"

# Signs of markup and lines in an answer. A picture in base64 has a line for every 64
# letters; each costs many times the bytes that it is written with.
MAX_MARKUP = 2_000
MAX_LINES = 300_000

_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
_FAULT = "{http://schemas.xmlsoap.org/soap/envelope/}Fault"

# The numbers of faults.
_TOKEN_INVALID = "20001"  # noqa: S105 - a number of an error
_METHOD_UNKNOWN = "40000"
_NO_RIGHTS = "51000"


def envelope(namespace: str, method: str, **parameters: str) -> bytes:
    """Return a call; its elements have no prefix, because recorders ignore those."""
    inner = "".join(
        f"<{name}>{escape(value)}</{name}>" for name, value in parameters.items()
    )
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<{method} xmlns="{namespace}">{inner}</{method}></s:Body></s:Envelope>'
    )
    return text.encode()


def headers(namespace: str, method: str) -> dict[str, str]:
    """Return the headers of a SOAP 1.1 call."""
    return {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{namespace}/{method}"',
    }


def read_result(answer: Answer, method: str) -> dict[str, str]:
    """Return the texts of a result by the names of their elements, `""` for its own.

    A fault counts with any HTTP status, because none is documented. Raises any error of
    `picture`, `PermissionDeniedError`, `ResponseError`, or the error of the status if
    the answer is not SOAP.
    """
    try:
        body = _parse(answer.body).find(_BODY)
    except ET.ParseError as err:
        raise_for_status(answer)
        raise ResponseError("The answer is no SOAP", status=answer.status) from err
    content = None if body is None else next(iter(body), None)
    if content is None:
        raise_for_status(answer)
        raise ResponseError("The answer is no SOAP", status=answer.status)
    if content.tag == _FAULT:
        raise _fault_error(content, answer.status)
    result = next((one for one in content if _name(one) == f"{method}Result"), None)
    if _name(content) != f"{method}Response" or result is None:
        raise ResponseError("The answer is to another call", status=answer.status)
    texts = {_name(one): one.text or "" for one in result.iter()}
    return {**texts, "": result.text or ""}


class _WithoutDoctype(ET.TreeBuilder):
    """Refuses document types, which could define entities."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ET.ParseError("a document type")

    @override
    def close(self) -> ET.Element:
        return super().close()


def _parse(body: bytes) -> ET.Element:
    """Raise `ET.ParseError` for what is not, or more than, an answer of a service."""
    if body.count(b"<") + body.count(b"&") > MAX_MARKUP:
        raise ET.ParseError("more markup than any answer has")
    if body.count(b"\n") + body.count(b"\r") > 2 * MAX_LINES:
        raise ET.ParseError("more lines than any answer has")
    parser = ET.XMLParser(target=_WithoutDoctype())  # noqa: S314 - without a DTD
    try:
        parser.feed(body)
    except (LookupError, ValueError) as err:
        # An encoding that Python does not support, or not in pieces.
        raise ET.ParseError("another encoding") from err
    root: ET.Element = parser.close()
    return root


def _fault_error(fault: ET.Element, status: int) -> ApiError:
    texts = {_name(one): (one.text or "").strip() for one in fault.iter()}
    reason = clean(texts.get("faultstring", ""), MAX_SERVER_TEXT) or None
    number = texts.get("ErrorNumber") or texts.get("faultcode", "").rpartition(":")[2]
    if number == _TOKEN_INVALID:
        return RecorderTokenRefusedError("Token refused", server_text=reason)
    if number == _METHOD_UNKNOWN:
        return NotSupportedError("The server has no such method", server_text=reason)
    if number == _NO_RIGHTS:
        return PermissionDeniedError(
            "Permission denied", status=status, server_text=reason
        )
    return RecorderRefusedError("The server refuses", status=status, server_text=reason)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
