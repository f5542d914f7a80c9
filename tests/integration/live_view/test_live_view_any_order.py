"""Views that open, close and fail in any order leave nothing behind."""

import asyncio
import random

from homeassistant.core import HomeAssistant
import pytest

from custom_components.xprotect_events.api import Source
from custom_components.xprotect_events.live_view import Footage, LiveViews
from custom_components.xprotect_events.live_view_errors import Reason
from tests.integration.live_view.conftest import Page
from tests.video.viewer import Viewer
from xprotect_simulator import ManualClock, Simulator
from xprotect_simulator.identifiers import seeded

STEPS = 120
FAULTS = (
    "video_refused:403:count=2",
    "video_refused:500:count=2",
    "video_h265",
    "video_hangs:1:count=2",
    "video_killed",
    "video_late_candidates",
    "unauthorized_once:path=*/webrtc/*",
)

pytestmark = pytest.mark.usefixtures("loaded")


class Viewers:
    """Opens views of a few cameras, and closes them sooner or later."""

    def __init__(
        self, hass: HomeAssistant, simulator: Simulator, views: LiveViews, offer: str
    ) -> None:
        self.pages: dict[str, Page] = {}
        self.opening: list[asyncio.Task[None]] = []
        self._hass = hass
        self._simulator = simulator
        self._views = views
        self._offer = offer
        self.cameras = [Source.parse(one.path) for one in simulator.world.cameras[:3]]

    def open(self, choice: random.Random) -> None:
        """Open a view, and do not wait for its answer."""
        view_id = str(len(self.pages))
        self.pages[view_id] = page = Page()
        # Each page has an offer of its own.
        offer = f"{self._offer}a=page:{view_id}\r\n"
        footage = Footage(choice.choice(self.cameras))
        work = self._views.open(footage, view_id, offer, page)
        self.opening.append(self._hass.async_create_task(work))

    def close(self, choice: random.Random) -> None:
        """Close any view, perhaps one that is closed or that still opens."""
        if self.pages:
            self._views.close(choice.choice(list(self.pages)))

    async def step(self, choice: random.Random, clock: ManualClock) -> None:
        """Do one step."""
        match choice.randrange(16):
            case 0 | 1 | 2 | 3 | 4:
                self.open(choice)
            case 5 | 6 | 7 | 8:
                self.close(choice)
            case 9:
                lost = choice.choice([*self.cameras, None])
                self._views.end(Reason.CAMERA_LOST, lost)
            case 10:
                self._simulator.faults.enable(choice.choice(FAULTS))
            case 11:
                self._simulator.faults.clear()
            case 12 | 13:
                await clock.advance(1)
            case _:
                await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(4))
async def test_no_order_of_things_leaves_a_view_or_a_session(
    hass: HomeAssistant,
    simulator: Simulator,
    clock: ManualClock,
    views: LiveViews,
    seed: int,
) -> None:
    """Viewers come and go while cameras are lost and the gateway refuses."""
    choice = seeded("views", seed)
    async with Viewer() as viewer:
        viewers = Viewers(hass, simulator, views, await viewer.offer())
    for _ in range(STEPS):
        await viewers.step(choice, clock)
    simulator.faults.clear()
    while not all(one.done() for one in viewers.opening):
        await clock.advance(1)
    for one in viewers.opening:
        one.result()
    for view_id in viewers.pages:
        views.close(view_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(views) == 0
    assert len(simulator.video) == 0
    assert any(page.received for page in viewers.pages.values())
