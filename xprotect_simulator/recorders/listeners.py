"""The recorders of a site, with ports, certificates and recordings."""

import asyncio
from datetime import timedelta
import ssl

from aiohttp import web
from yarl import URL

from .. import certificate
from ..faults.faults import Faults
from ..happening.world import World
from ..listening import listen
from ..options import Options
from ..site.items import Item
from .recorder import RecorderLedger, RecorderService
from .recordings import Recordings
from .tokens import RecorderTokens


class Recorder:
    """One recorder, which can be stopped and started again on the same port."""

    def __init__(self, options: Options, service: RecorderService, port: int) -> None:
        """Listen on `port` from `start` on; 0 takes a free one."""
        self.certificate_pem = b""
        self.service = service
        self._options = options
        self._port = port
        self._tls = self._tls_context()
        self._runner: web.AppRunner | None = None

    @property
    def item(self) -> Item:
        """The item in the configuration."""
        return self.service.item

    @property
    def ledger(self) -> RecorderLedger:
        """The calls so far."""
        return self.service.ledger

    @property
    def is_listening(self) -> bool:
        """Whether it accepts connections."""
        return self._runner is not None

    @property
    def port(self) -> int:
        """The port, which stays the same after a stop."""
        return self._port

    def url(self, host: str | None = None) -> str:
        """Return the address in the form of the configuration."""
        scheme = "http" if self._tls is None else "https"
        url = URL.build(
            scheme=scheme,
            host=host or self._options.recorder_host or self._options.host,
            port=self._port,
            path="/",
        )
        return str(url)

    async def start(self) -> None:
        """Accept connections."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self.service.handle)
        runner = await listen(application, self._options.host, self._port, self._tls)
        self._port = runner.addresses[0][1]
        self._runner = runner

    async def stop(self) -> None:
        """Stop; connections are refused from now on."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def replace_certificate(self) -> None:
        """Use another self-signed certificate for new connections."""
        if self._tls is not None:
            options = self._options
            self.certificate_pem, key = certificate.self_signed(
                options.recorder_host or options.host,
                options.recorder_certificate_days,
            )
            certificate.load(self._tls, self.certificate_pem, key)

    def _tls_context(self) -> ssl.SSLContext | None:
        if not self._options.recorder_tls:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls = context
        self.replace_certificate()
        return context


class Recorders:
    """The recorders of a site, their recordings and their tokens."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Create all recorders of the configuration, without starting them."""
        options = world.options
        self.tokens = RecorderTokens(
            world.clock, "XPROTECT", options.recorder_token_life
        )
        self.recordings = Recordings(world.now, options.retention_days)
        # A live picture is as old as the last key frame.
        self.key_frames = timedelta(seconds=1)
        self._world = world
        self._faults = faults
        first = options.recorder_port or 0
        self.all = tuple(
            Recorder(
                options,
                RecorderService(
                    item,
                    world,
                    self.tokens,
                    faults,
                    self.recordings,
                    lambda: self.key_frames,
                ),
                first + number if first else 0,
            )
            for number, item in enumerate(world.items("recordingServers"))
        )
        world.recorder_address = self._address

    def of_camera(self, camera: Item) -> Recorder:
        """Return the recorder of a camera's hardware."""
        unit = self._world.inventory.get(camera.parent or "")
        return next(one for one in self.all if one.item.path == unit.parent)

    async def start(self) -> None:
        """Start all of them, if the options have a port for them."""
        if self._world.options.recorder_port is not None:
            await asyncio.gather(*(one.start() for one in self.all))

    async def stop(self) -> None:
        """Stop all of them."""
        await asyncio.gather(*(one.stop() for one in self.all))

    def _address(self, item: Item) -> str | None:
        """Return the address of a recorder in the configuration."""
        for one in self.all:
            if one.item.path == item.path and one.port:
                named = self._faults.find("recorder_names", f"/{item.name.lower()}/")
                return one.url(named.value if named else None)
        return None
