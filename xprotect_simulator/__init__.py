"""A Milestone XProtect server for tests and demos, over real sockets.

    clock = ManualClock()                  # optional; else the machine's clock
    async with Simulator(Options(cameras=6, seed=1), clock=clock) as sim:
        sim.url                            # http://127.0.0.1:<free port>
        camera = sim.world.cameras[0]
        event = sim.world.emit(event_ids.MOTION_STARTED, camera)
        sim.faults.enable("slow:2:count=1")
        await clock.advance(3600)
        sim.requests, sim.login_attempts, sim.world.ledger.happened

It shares no code with any client. Its answers are written from the vendor's
documentation, so a mistake in the client or in the simulator shows in a test.
"""

from .clock import Clock, ManualClock, SystemClock
from .errors import OptionError
from .happening.ledger import StoredEvent
from .options import Options
from .server import Simulator
from .site import event_ids
from .site.event_types import EventType, StateGroup
from .site.items import Item

__all__ = [
    "Clock",
    "EventType",
    "Item",
    "ManualClock",
    "OptionError",
    "Options",
    "Simulator",
    "StateGroup",
    "StoredEvent",
    "SystemClock",
    "event_ids",
]
