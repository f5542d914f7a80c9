"""The client of one XProtect server: all its APIs as attributes."""

from collections.abc import Awaitable, Callable
from ssl import SSLContext

import aiohttp
from yarl import URL

from .alarms import Alarms
from .auth import Authenticator, OneToken
from .clock import ServerClock, seconds_since_boot
from .configuration import Configuration
from .events import Events
from .http import Http
from .identity_provider import Credentials, IdentityProvider
from .live_video import LiveVideo
from .recorder import Recorder
from .recorder_token import RecorderTokens
from .sessions import EventSessions
from .sign_in_attempts import SignInAttempts
from .stills import Stills
from .stream import Streams
from .tasks import Tasks
from .token import Token
from .transport import Transport
from .windows_login import LoginConnector


class XProtectClient:
    """Connects to one XProtect server as one user.

    `session` belongs to the caller and is never closed here. `login_connector`
    creates the connector for one login of a Windows user. `fingerprint` is the
    SHA-256 of the only certificate that is trusted at the address. `attempts` is
    shared with earlier clients of the same user. `monotonic` returns seconds; tests
    replace it.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: URL,
        credentials: Credentials,
        *,
        tls: SSLContext | bool = True,
        fingerprint: bytes | None = None,
        login_connector: Callable[[], LoginConnector] = LoginConnector,
        attempts: SignInAttempts | None = None,
        monotonic: Callable[[], float] = seconds_since_boot,
    ) -> None:
        pins = {}
        if fingerprint is not None:
            pins[address.host, address.port] = aiohttp.Fingerprint(fingerprint)
        http = Http(session=session, tls=tls, pins=pins, monotonic=monotonic)
        self.address = address
        attempts = attempts or SignInAttempts(monotonic)
        self.authenticator = Authenticator(
            IdentityProvider(http, address, credentials, login_connector, attempts),
            attempts,
            monotonic=monotonic,
        )
        self.clock = ServerClock(monotonic)
        transport = Transport(http, address, self.authenticator, self.clock)
        self.configuration = Configuration(transport)
        self.events = Events(transport)
        self.alarms = Alarms(transport)
        self.sessions = EventSessions(transport)
        self.tasks = Tasks(transport)
        self.streams = Streams(http, address, self.authenticator, transport.unreadable)
        self.unreadable = transport.unreadable
        self.stills = Stills(transport)
        self.video = LiveVideo(transport, self.authenticator)
        self._http = http
        self._monotonic = monotonic

    def check_site(self, check: Callable[[Configuration], Awaitable[None]]) -> None:
        """Check the site after each later sign-in, before its token is used otherwise.

        `check` raises `AnotherSiteError` if the configuration is that of another site.
        """

        async def checked(token: Token) -> None:
            tokens = OneToken(token)
            await check(
                Configuration(Transport(self._http, self.address, tokens, self.clock))
            )

        self.authenticator.check = checked

    def recorder_tokens(self, instance_id: str) -> RecorderTokens:
        """Return the tokens for recording servers; `instance_id` is a GUID of ours."""
        return RecorderTokens(
            self._http, self.address, self.authenticator, instance_id, self._monotonic
        )

    def recorder(
        self,
        address: URL,
        tokens: RecorderTokens,
        *,
        tls: SSLContext | aiohttp.Fingerprint | None = None,
        server_hostname: str | None = None,
    ) -> Recorder:
        """Return a client of the recording server at an address.

        `tls` checks its certificate: an SSL context, or the SHA-256 of the only
        trusted certificate. `None` checks it like the gateway's, but without a pin.
        `server_hostname` is the name in the certificate, if the address has another.
        """
        http = Http(
            session=self._http.session,
            tls=self._http.tls if tls is None else tls,
            server_hostname=server_hostname,
        )
        return Recorder(http, address, tokens)
