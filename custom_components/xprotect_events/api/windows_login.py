"""Sends one form as a Windows user, by NTLM over HTTP (protocol §1.2)."""

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from http import HTTPStatus
import ssl
from typing import override

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

from .errors import WindowsLoginError
from .http import Answer, Http
from .ntlm import Handshake

# In this order, like the vendor's samples: Negotiate only wraps NTLM.
SCHEMES = ("NTLM", "Negotiate")
# Seconds that the connection may be idle while messages are computed.
IDLE = 60.0


class LoginConnector(aiohttp.TCPConnector):
    """Holds the one connection of a login: NTLM authenticates a connection."""

    def __init__(
        self,
        *,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | bool = True,
    ) -> None:
        super().__init__(limit=1, resolver=resolver, ssl=tls, keepalive_timeout=IDLE)
        # The server's certificate, to which the login is bound.
        self.certificate: bytes | None = None
        # Once this is true, a second connection is an error.
        self.is_sealed = False
        self._transport: asyncio.Transport | None = None

    @override
    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> Connection:
        """Return the connection. Raises `WindowsLoginError` if it is another one."""
        connection = await super().connect(req, traces, timeout)
        if self.is_sealed and connection.transport is not self._transport:
            connection.close()
            raise WindowsLoginError(
                "The connection was closed in the middle of the Windows login;"
                " a proxy may be in the way"
            )
        self._transport = connection.transport
        secured = self._transport and self._transport.get_extra_info("ssl_object")
        self.certificate = secured.getpeercert(binary_form=True) if secured else None
        return connection


async def post_as_windows_user(
    http: Http,
    url: URL,
    *,
    form: Mapping[str, str],
    username: str,
    password: str,
    connector: LoginConnector,
    timeout: float,
    proving: Callable[[], AbstractContextManager[None]],
) -> Answer:
    """Send a form as a Windows user; the proof of the password is sent at most once.

    `timeout` in seconds is for each request. Returns the answer to the proof, or an
    earlier one that does not ask for it. Raises `WindowsLoginError` when the server
    offers no such login, the errors of `Http.send`, and those of `proving`, the block
    in which the proof is sent.
    """

    async def send(authorization: str | None = None) -> Answer:
        headers = {"Authorization": authorization} if authorization else None
        return await own.send("POST", url, timeout=timeout, headers=headers, form=form)

    async with aiohttp.ClientSession(connector=connector) as session:
        own = replace(http, session=session)
        answer = await send()
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        scheme = _offered_scheme(answer)
        # In a thread, because importing and computing would block the event loop.
        handshake = await asyncio.to_thread(
            Handshake, url.host or "", username, password
        )
        begin = await asyncio.to_thread(handshake.begin)
        answer = await send(_encode(scheme, begin))
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        challenge = _challenge(answer, scheme)
        connector.is_sealed = True
        proof = await asyncio.to_thread(
            handshake.prove, challenge, connector.certificate
        )
        with proving():
            return await send(_encode(scheme, proof))


def _offered_scheme(answer: Answer) -> str:
    offers = {offer.partition(" ")[0].lower() for offer in _challenges(answer)}
    for scheme in SCHEMES:
        if scheme.lower() in offers:
            return scheme
    raise WindowsLoginError(
        "The server does not offer Windows login", status=answer.status
    )


def _challenge(answer: Answer, scheme: str) -> bytes:
    for offer in _challenges(answer):
        name, _, token = offer.partition(" ")
        if name.lower() == scheme.lower() and token:
            try:
                return base64.b64decode(token, validate=True)
            except binascii.Error:
                break
    raise WindowsLoginError(
        "The server does not go on with the Windows login", status=answer.status
    )


def _challenges(answer: Answer) -> list[str]:
    """Return all challenges of `WWW-Authenticate`, also several in one header."""
    return [part.strip() for line in answer.challenges for part in line.split(",")]


def _encode(scheme: str, message: bytes) -> str:
    return f"{scheme} {base64.b64encode(message).decode()}"
