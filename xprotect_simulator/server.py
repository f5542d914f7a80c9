"""The simulator as one object, which can be started and stopped."""

import asyncio
from collections import deque
import contextlib
from datetime import timedelta
import ssl
from types import TracebackType
from typing import Self

from aiohttp import web
from yarl import URL

from . import certificate
from .alarms.board import Board
from .alarms.requests import Alarms
from .clock import Clock, SystemClock
from .configuration.resources import Configuration
from .control import Control
from .errors import OptionError
from .events.events import Events
from .events.session_requests import EventSessions
from .events.sessions import Sessions
from .faults import fault_table
from .faults.faults import Fault, Faults
from .gateway import Gateway, RequestRecord
from .happening import disk
from .happening.world import World
from .identifiers import guid_of
from .listening import listen
from .options import Options
from .recorders.listeners import Recorders
from .recorders.server_commands import ServerCommands
from .recorders.still_task import StillTask
from .scenarios import scenarios
from .sign_in.identity import Identity, LoginAttempt
from .sign_in.identity_provider import IdentityProvider
from .sign_in.windows import WindowsLogin
from .stream.sockets import Sockets
from .video.sessions import VideoSessions

# Bytes: bulk requests may have thousands of events.
_MAX_BODY = 64 * 1024 * 1024


class Simulator:
    """A simulated XProtect server; for its use see the package's docstring."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        clock: Clock | None = None,
        identity: Identity | None = None,
    ) -> None:
        """Build the site; `start` opens the port.

        Simulators with one `identity` accept the same tokens, like the gateways of one
        site.
        """
        self.options = options or Options()
        if self.options.cameras < 1:
            message = "a site has at least one camera"
            raise OptionError(message)
        self.clock: Clock = clock or SystemClock()
        self.world = World(self.options, self.clock)
        self.alarms = Board(self.world)
        self.identity = identity or Identity(self.options, self.clock)
        self.sessions = Sessions(self.world)
        self.faults = Faults(
            fault_table.ALL_FAULTS, self.options.seed, switched=self._fault_switched
        )
        self.sockets = Sockets(self.world, self.identity, self.faults)
        self.recorders = Recorders(self.world, self.faults)
        self.video = VideoSessions(
            self.world, self.identity, self.recorders, self.faults
        )
        self.certificate_pem = b""
        self._tls = self._tls_context()
        self._gateway = self._build_gateway()
        self._control = Control(
            self.world,
            self.faults,
            self.identity,
            self.sockets,
            self.alarms,
            self.video,
            restart=self.restart_event_server,
        )
        self._runner: web.AppRunner | None = None
        self._scenario: asyncio.Task[None] | None = None
        self._port = self.options.port
        # Raises for an unknown scenario or fault before the port is open.
        self._script = scenarios.build(self.options.scenario, self.world)
        for spec in self.options.faults:
            self.faults.enable(spec)

    @property
    def port(self) -> int:
        """The port, which stays the same after a stop."""
        return self._port

    @property
    def url(self) -> str:
        """The address of the server."""
        scheme = "http" if self._tls is None else "https"
        return str(URL.build(scheme=scheme, host=self.options.host, port=self._port))

    @property
    def requests(self) -> deque[RequestRecord]:
        """The last requests, oldest first."""
        return self._gateway.requests

    @property
    def login_attempts(self) -> deque[LoginAttempt]:
        """The last sign-ins by password, oldest first."""
        return self.identity.attempts

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Open the port, after a stop the same one, and start the scenario."""
        application = web.Application(client_max_size=_MAX_BODY)
        application.router.add_route("*", "/simulator/{path:.*}", self._control.handle)
        application.router.add_route("*", "/{path:.*}", self._gateway.handle)
        application.on_response_prepare.append(self._gateway.set_headers)
        runner = await listen(application, self.options.host, self._port, self._tls)
        self._port = runner.addresses[0][1]
        self._runner = runner
        await self.recorders.start()
        self.sockets.start()
        self._scenario = asyncio.create_task(self._script.play(self.clock))

    async def stop(self) -> None:
        """Close every connection and end all tasks."""
        runner, self._runner = self._runner, None
        task, self._scenario = self._scenario, None
        if runner is not None:
            await self.sockets.stop()
            await runner.cleanup()
            # No request can open another session then.
            await self.video.stop()
            await self.recorders.stop()
        if task is not None:
            task.cancel()
            # Raise the error of a scenario that has failed.
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def restart_event_server(self) -> None:
        """Forget all sessions and drop all connections, like a real restart."""
        self.sessions.forget_all()
        self.sockets.forget_all()

    def replace_certificate(self) -> None:
        """Use another self-signed certificate for new connections."""
        if self._tls is not None:
            self.certificate_pem, key = certificate.self_signed(
                self.options.host, self.options.certificate_days
            )
            certificate.load(self._tls, self.certificate_pem, key)

    def _tls_context(self) -> ssl.SSLContext | None:
        options = self.options
        if not options.tls and options.tls_cert is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        if options.tls_cert is None:
            self.certificate_pem, key = certificate.self_signed(
                options.host, options.certificate_days
            )
            certificate.load(context, self.certificate_pem, key)
            return context
        try:
            context.load_cert_chain(options.tls_cert, options.tls_key)
            self.certificate_pem = options.tls_cert.read_bytes()
        except OSError as error:
            message = f"cannot use the certificate {options.tls_cert}: {error}"
            raise OptionError(message) from error
        return context

    def _build_gateway(self) -> Gateway:
        events = Events(self.world, self.faults)
        return Gateway(
            world=self.world,
            identity_provider=IdentityProvider(
                self.identity,
                WindowsLogin(self.identity, lambda: self.certificate_pem),
                self.faults,
            ),
            faults=self.faults,
            configuration=Configuration(
                self.world,
                self.faults,
                StillTask(self.world, self.recorders, self.faults),
            ),
            events=events,
            sessions=EventSessions(self.world, self.faults, self.sessions, events),
            sockets=self.sockets,
            server_commands=ServerCommands(
                self.world, self.identity, self.recorders.tokens, self.faults
            ),
            video=self.video,
            alarms=Alarms(self.world, self.alarms, self.faults),
        )

    def _fault_switched(self, fault: Fault, is_on: bool) -> None:  # noqa: FBT001 - as `Faults` calls
        """Apply the faults that change the world while they are on."""
        self.sockets.fault_switched(fault, is_on)
        self.video.fault_switched(fault, is_on)
        match fault.kind.name:
            case "token_expires_early":
                life = timedelta(seconds=fault.number) if is_on else None
                self.identity.real_token_life = life
            case "clock_skew":
                self.world.skew = timedelta(seconds=fault.number if is_on else 0)
            case "late_stored":
                delay = timedelta(seconds=fault.number if is_on else 0)
                self.world.storage_delay = delay
            case "unknown_type" if is_on:
                unknown = guid_of(self.options.seed, "eventTypes", "unknown")
                self.world.emit(unknown, self.world.cameras[0])
            case "disk_full":
                recorders = self.world.items("recordingServers")
                recorder = self.world.named(fault.value or recorders[0].name)
                (disk.fill if is_on else disk.empty)(self.world, recorder)
            case "source_disappears":
                # Keep the path: a hidden camera is no longer the last one.
                path = fault.value = fault.value or self.world.last_camera.path
                if is_on and self.world.find(path) is None:
                    message = f"nothing here has the path '{path}'"
                    raise OptionError(message)
                hidden = self.world.inventory.hidden
                (hidden.add if is_on else hidden.discard)(path)
