"""SOAP in the form of XProtect's services: requests, answers and faults."""

from collections.abc import Mapping
from dataclasses import dataclass
import io
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

from aiohttp import web

SERVER_COMMAND = "http://videoos.net/2/XProtectCSServerCommand"
RECORDER_COMMAND = "http://videoos.net/2/XProtectCSRecorderCommand"

_SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A method, and its parameters by local name."""

    method: str
    parameters: Mapping[str, str]


def read(body: bytes, namespace: str, *, reads_prefixed: bool) -> Call | None:
    """Return the call in an envelope, or None if it has none.

    Real recorders read only parameters in the default namespace. So those with a
    prefix are ignored unless `reads_prefixed`.
    """
    prefixes: set[str] = set()
    root: ET.Element | None = None
    try:
        # Expat itself refuses entities that expand too much.
        events = ET.iterparse(  # noqa: S314 - see above
            io.BytesIO(body), events=("start-ns", "end")
        )
        for _, item in events:
            if isinstance(item, ET.Element):
                root = item
            elif item[1] == namespace:
                prefixes.add(item[0])
    except ET.ParseError, LookupError:
        # Not XML, or in an unknown encoding.
        return None
    if root is None:
        return None
    found = root.find(f"{{{_SOAP_11}}}Body/*")
    if found is None:
        found = root.find(f"{{{_SOAP_12}}}Body/*")
    if found is None or not found.tag.startswith(f"{{{namespace}}}"):
        return None
    is_read = reads_prefixed or prefixes == {""}
    parameters = {_local(one.tag): one.text or "" for one in found} if is_read else {}
    return Call(method=_local(found.tag), parameters=parameters)


def answer(method: str, namespace: str, content: str) -> web.Response:
    """Answer a call; `content` is the XML inside the result."""
    inner = (
        f'<{method}Response xmlns="{namespace}"><{method}Result>{content}'
        f"</{method}Result></{method}Response>"
    )
    return _respond(inner, 200)


def fault(text: str, code: str, number: int, sub_number: int = 0) -> web.Response:
    """Answer with the fault of a recorder."""
    detail = (
        f"<ErrorNumber>{number}</ErrorNumber>"
        f"<SubErrorNumber>{sub_number}</SubErrorNumber>"
    )
    return _respond(
        f"<soap:Fault><faultcode>soap:{code}</faultcode>"
        f"<faultstring>{escape(text)}</faultstring><detail>{detail}</detail>"
        "</soap:Fault>",
        500,
    )


def server_fault(text: str, number: int) -> web.Response:
    """Answer with the fault of the management server."""
    return _respond(
        f'<s:Fault xmlns:s="{_SOAP_11}"><faultcode>s:{number}</faultcode>'
        f"<faultstring>{escape(text)}</faultstring></s:Fault>",
        500,
    )


def zoned(text: str) -> str:
    """Return a time with zone; a time without one is UTC."""
    has_zone = text.endswith("Z") or text[-6:-5] in {"+", "-"}
    return text if has_zone else f"{text}Z"


def _respond(inner: str, status: int) -> web.Response:
    return web.Response(
        text=f'{_HEAD}<soap:Envelope xmlns:soap="{_SOAP_11}"><soap:Body>{inner}'
        "</soap:Body></soap:Envelope>",
        status=status,
        content_type="text/xml",
        charset="utf-8",
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
