"""The client of one XProtect server, with everything it offers in one place."""

from collections.abc import Callable
from ssl import SSLContext

import aiohttp
from yarl import URL

from .auth import Authenticator
from .configuration import Configuration
from .events import Events
from .http import Http
from .identity_provider import Credentials, IdentityProvider
from .sessions import EventSessions
from .stream import Streams
from .transport import ServerClock, Transport, seconds_since_boot
from .windows_login import LoginConnector


class XProtectClient:
    """Talks to one XProtect server as one user.

    `session` belongs to the caller and is never closed here; `login_connector`
    makes what one login of a Windows user connects with. `monotonic` returns seconds
    and is replaced in tests.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: URL,
        credentials: Credentials,
        *,
        tls: SSLContext | bool = True,
        login_connector: Callable[[], LoginConnector] = LoginConnector,
        monotonic: Callable[[], float] = seconds_since_boot,
    ) -> None:
        http = Http(session=session, tls=tls)
        self.address = address
        self.authenticator = Authenticator(
            IdentityProvider(http, address, credentials, login_connector),
            monotonic=monotonic,
        )
        self.clock = ServerClock(monotonic)
        transport = Transport(http, address, self.authenticator, self.clock)
        self.configuration = Configuration(transport)
        self.events = Events(transport)
        self.sessions = EventSessions(transport)
        self.streams = Streams(http, address, self.authenticator, transport.unreadable)
        self.unreadable = transport.unreadable
