"""Answers of a hostile or broken server, and conditions for everything that is read."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
import copy
import dataclasses
import json
import math
from typing import Any, override
import unicodedata

import aiohttp
from hypothesis import strategies as st
from yarl import URL

from custom_components.xprotect_events.api import (
    Credentials,
    Event,
    Json,
    LoginConnector,
    ServerClock,
    SignInAttempts,
)
from custom_components.xprotect_events.api.auth import Authenticator
from custom_components.xprotect_events.api.body import SMALL
from custom_components.xprotect_events.api.event_models import MAX_TAG
from custom_components.xprotect_events.api.http import Answer, Http
from custom_components.xprotect_events.api.identity_provider import IdentityProvider
from custom_components.xprotect_events.api.transport import Transport
from custom_components.xprotect_events.api.wire import MAX_INT
from tests.api.payloads import payload

# Texts that have broken other programs: surrogates, log lines, HTML, templates.
TEXTS = (
    "\ud800",
    "a\r\nWARNING forged",
    "\x1b[2J",
    "\x00",
    "gnp.\u202eexe",
    "<script>alert(1)</script>",
    "{{ states('lock.door') }}",
    "{group}",
    "%s%n",
    "../../../IDP/connect/token",
    "?a=b#c",
    "x" * 10_000,
    "NaN",
    "9" * 5_000,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.9999999Z",
)
NUMBERS = (0, -1, 10**30, -(10**30), math.nan, math.inf, 1e308, 0.5)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(TEXTS)
    | st.sampled_from(NUMBERS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def places(document: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a document as (container, key)."""
    pairs = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(pairs):
        yield document, key
        if isinstance(value, dict | list):
            yield from places(value)


@st.composite
def wrong(draw: st.DrawFn, right: object) -> object:
    """Return a document in which something is wrong."""
    document = {"": copy.deepcopy(right)}
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(document))
        container, key = found[draw(st.integers(0, len(found) - 1))]
        action = draw(st.sampled_from(["replace", "replace", "remove", "repeat"]))
        if action == "remove" and container is not document:
            del container[key]
        elif action == "repeat" and isinstance(container, list):
            container.extend([container[key]] * 3)
        else:
            container[key] = draw(values)
    return document[""]


def mutations(name: str) -> st.SearchStrategy[object]:
    """Return a payload of the documentation in which something is wrong."""
    return wrong(payload(name))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OneAnswer(Http):
    """Replaces a server that gives tokens, and has one answer to all other requests."""

    document: object

    @override
    async def send(
        self,
        method: str,
        url: URL,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | bytes | None = None,
        body: Json = None,
        limit: int = SMALL,
    ) -> Answer:
        """Answer a request."""
        document = self.document if form is None else payload("token")
        return Answer(
            status=200,
            body=json.dumps(document).encode(),
            server_time=None,
            retry_after=None,
        )


type Ask = Callable[[Transport], Awaitable[object]]


async def ask(document: object, how: Ask) -> object:
    """Return the result of reading an answer."""
    # After some hundred clients the usual resolvers would exhaust the machine.
    connector = aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())
    async with aiohttp.ClientSession(connector=connector) as session:
        http, url = OneAnswer(session=session, document=document), URL("http://vms")
        user = Credentials(username="demo", password="demo")
        attempts = SignInAttempts()
        provider = IdentityProvider(http, url, user, LoginConnector, attempts)
        to = Transport(http, url, Authenticator(provider, attempts), ServerClock())
        return await how(to)


def texts_in(value: object) -> Iterator[str]:
    """Yield every text of a decoded value, except for analytics data."""
    if isinstance(value, Event):
        value = value._replace(data=None)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = [getattr(value, one.name) for one in dataclasses.fields(value)]
    if isinstance(value, str):
        yield value
    elif isinstance(value, int):
        assert abs(value) <= MAX_INT
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)


def assert_harmless(value: object) -> None:
    """Assert that everything that was read can be shown, logged and stored."""
    for text in texts_in(value):
        assert len(text) <= MAX_TAG
        assert not {unicodedata.category(one) for one in text} & {
            "Cc",
            "Cs",
            "Zl",
            "Zp",
        }
        text.encode()
