"""A night with all faults of the simulator, one after the other."""

from collections import Counter
from contextlib import AbstractAsyncContextManager
from random import Random

from homeassistant.core import Event, callback
import pytest

from tests.integration.lossless.scene import BUS_EVENTS, Scene
from tests.integration.lossless.troubles import (
    event_server_restarted,
    fault,
    server_stopped,
    tokens_revoked,
)
from xprotect_simulator.faults.fault_table import ALL_FAULTS

# Seconds, below and above the limits for missed events and for outages.
SHORTEST, LONGEST = 10, 180
CALM = 60
# At each of these, the server sends its time in whole seconds.
QUICK_CHANGES = 10
# Seconds after the last fault: the longest wait for an attempt or a stream, and an
# audit.
MORNING = 330
# Seconds; a live event is younger: a minute and the time of a poll.
STILL_LIVE = 65

type Trouble = AbstractAsyncContextManager[None]


class Night:
    """Starts and stops motion all the time, and checks the shown states."""

    def __init__(self, scene: Scene, chance: Random) -> None:
        self.scene = scene
        self.too_old: list[str] = []
        # The number of checked states, and the wrong ones.
        self.looks = 0
        self.wrong_states: list[str] = []
        # Outages that ended while Home Assistant was stopped.
        self.cut_off = 0
        self._chance = chance
        self._clock = scene.time.clock
        self._happened: dict[str, float] = {}
        scene.hass.bus.async_listen(BUS_EVENTS[0], self._note)

    async def busy_time(self, seconds: float) -> None:
        """Let time pass, with an event every five seconds or so."""
        for _ in range(round(seconds / 5)):
            self._happened[self.scene.emit().id] = self._clock.monotonic()
            await self.scene.time.passes(self._chance.uniform(0.1, 9.9))

    async def look(self) -> None:
        """Check the state right after each of some quick changes, if it is shown."""
        scene = self.scene
        for _ in range(QUICK_CHANGES):
            if scene.delivery != "push":
                return
            self._happened[scene.emit().id] = self._clock.monotonic()
            await scene.time.passes(self._chance.uniform(0.1, 0.9))
            await scene.entry.runtime_data.client.events.list(size=1)
            self.looks += 1
            if scene.motion != scene.expected_motion:
                self.wrong_states.append(scene.motion)

    @property
    def open_outages(self) -> int:
        """Outages whose start was logged, but not their end yet."""
        lost = self.scene.lines("Error", "events data")
        return len(lost) - len(self.scene.lines("recovered")) - self.cut_off

    @callback
    def _note(self, event: Event) -> None:
        event_id = event.data["event_id"]
        now = self._clock.monotonic()
        if now - self._happened.get(event_id, now) > STILL_LIVE:
            self.too_old.append(event_id)


def troubles(scene: Scene) -> list[tuple[str, Trouble]]:
    """Return all faults of the simulator, with each of their values."""
    both = fault("reset", "html", is_met=None)
    specs = [
        f"{kind.name}:{value}" if value else kind.name
        for kind in ALL_FAULTS
        for value in kind.choices or (kind.default,)
    ]
    return [
        *((spec, fault(spec, is_met=None)(scene)) for spec in specs),
        *(("reset and html", both(scene)) for _ in range(2)),
        *(("stopped", server_stopped(scene)) for _ in range(3)),
        *(("restarted", event_server_restarted(scene)) for _ in range(3)),
        *(("revoked", tokens_revoked(scene)) for _ in range(2)),
    ]


async def restart(night: Night, away: float) -> None:
    """Stop Home Assistant's side and start it again."""
    assert night.open_outages in {0, 1}
    night.cut_off += night.open_outages
    await night.scene.unload()
    await night.busy_time(away)
    await night.scene.set_up()


@pytest.mark.parametrize("entry_options", [{}, {"delivery": "poll"}], ids=str)
async def test_a_night_with_all_faults_loses_no_event(
    unset_scene: Scene,
) -> None:
    """The events on the bus are exactly those in the server's ledger."""
    scene = unset_scene
    chance = Random(1)  # noqa: S311 - repeatable, not secret
    await scene.set_up()
    night = Night(scene, chance)
    await night.busy_time(CALM)
    going_wrong = troubles(scene)
    chance.shuffle(going_wrong)
    for number, (name, trouble) in enumerate(going_wrong):
        async with trouble:
            await night.busy_time(chance.uniform(SHORTEST, LONGEST))
        # Sometimes one fault follows right after another.
        calm = chance.choice((5, CALM))
        await night.busy_time(calm)
        if calm == CALM:
            await night.look()
        # Even just after the clock was set back.
        if number % 10 == 0 or name.startswith("clock_skew"):
            await restart(night, chance.uniform(0, LONGEST))
    await night.busy_time(MORNING)
    # The last event may be younger than the last poll.
    await scene.time.passes(10)

    ledger = scene.simulator.world.ledger
    assert len(ledger.happened) > 1000
    assert Counter(scene.bus.ids) == Counter(event.id for event in ledger.happened)
    assert night.too_old == []
    assert night.wrong_states == []
    assert (night.looks > 0) == (scene.delivery == "push")
    assert scene.bus.missed
    assert scene.motion == scene.expected_motion
    assert scene.delivery == scene.entry.options.get("delivery", "push")
    assert night.open_outages == 0
