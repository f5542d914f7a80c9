"""Finds the recording server that has the pictures of a camera."""

from collections.abc import Awaitable, Callable, Mapping

from ..api import Recorder, RecordingServer, Resource
from .breaker import Breaker
from .inventory import SiteInventory
from .picture_limits import RecorderLimit, SiteLimit
from .recorder_way import RecorderWay


class RecorderWays:
    """Keeps one `RecorderWay` for each recorder of the site while its addresses stay.

    `connect` returns a client for each address of a recorder, possibly none.
    `noticed` is called when `untrusted` changes.
    """

    def __init__(
        self,
        inventory: Callable[[], SiteInventory],
        connect: Callable[[RecordingServer], tuple[Recorder, ...]],
        sign_in: Callable[[], Awaitable[object]],
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        noticed: Callable[[], None] = lambda: None,
    ) -> None:
        self._inventory = inventory
        self._connect = connect
        self._sign_in = sign_in
        self._monotonic = monotonic
        self._sleep = sleep
        self._noticed = noticed
        self._limit = SiteLimit()
        self._ways: dict[str, tuple[RecordingServer, RecorderWay | None]] = {}

    def of_camera(self, camera_id: str) -> RecorderWay | None:
        """Return the way to the recorder of a camera's GUID, `None` if unknown."""
        server = self.server_of(camera_id)
        return self.to(server) if server is not None else None

    def server_of(self, camera_id: str) -> RecordingServer | None:
        """Return the recording server of a camera's hardware, `None` if unknown."""
        inventory = self._inventory()
        for device in inventory.devices:
            if device.id == camera_id and device.resource is Resource.CAMERAS:
                hardware = inventory.hardware_by_id.get(device.hardware_id or "")
                if hardware is None:
                    return None
                servers = inventory.recording_servers
                return next(
                    (one for one in servers if one.id == hardware.recorder_id), None
                )
        return None

    def to(self, server: RecordingServer) -> RecorderWay | None:
        """Return the way to a recording server, `None` if it has no address."""
        known, way = self._ways.get(server.id, (None, None))
        if known is None or known.addresses != server.addresses:
            before, way = way, self._create(server)
            self._ways[server.id] = (server, way)
            if before is not None and before.untrusted_at is not None:
                self._noticed()
        return way

    def untrusted(self) -> Mapping[RecordingServer, str]:
        """Return the address of each recorder whose certificate is not trusted.

        Without those that are not listed any more, or at other addresses.
        """
        listed = {one.id: one.addresses for one in self._inventory().recording_servers}
        return {
            server: way.untrusted_at
            for server, way in self._ways.values()
            if way is not None
            and way.untrusted_at is not None
            and listed.get(server.id) == server.addresses
        }

    def describe(self) -> Mapping[str, Mapping[str, object]]:
        """Return figures for the diagnostics, by the recorder's GUID."""
        return {
            server_id: {
                "found": way.address is not None,
                "left_alone": way.breaker.is_open,
                "reason": type(way.breaker.reason).__name__,
            }
            for server_id, (_, way) in self._ways.items()
            if way is not None
        }

    def _create(self, server: RecordingServer) -> RecorderWay | None:
        recorders = self._connect(server)
        if not recorders:
            return None
        return RecorderWay(
            server.name,
            recorders,
            self._sign_in,
            RecorderLimit(self._limit, self._monotonic, self._sleep),
            Breaker(self._monotonic),
            self._noticed,
        )
