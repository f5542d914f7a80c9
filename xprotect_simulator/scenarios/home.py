"""The scenario `home`: a realistic day of a house with a gate and a doorbell."""

from collections.abc import Callable

from ..happening.world import World
from ..identifiers import seeded
from ..site import event_ids
from ..site.items import Item
from ..times import to_datetime
from .script import Actor, Script
from .stage import Stage

# The longest time without an event in seconds. The README promises five; the rest is
# for slow machines.
_LONGEST_SILENCE = 4.0

# Seconds. Clocks count in microseconds, so a shorter wait could end at its start time.
_SHORTEST_WAIT = 0.01

_STORY_INTERVAL = (15.0, 45.0)
# Seconds between the first stories: all of them are shown within two minutes.
_TOUR_INTERVAL = 18.0
# The panic button is pressed each time that the siren has sounded so often.
_PANIC_EVERY = 10
_MORNING, _EVENING, _NIGHT = 6, 17, 22


class Home:
    """The events of the house: people pass, ring the bell, drive away and return."""

    def __init__(self, script: Script, world: World) -> None:
        """Prepare the actors, which `begin` starts."""
        self._script = script
        self._world = world
        self._random = seeded(world.options.seed, "home")
        self._stage = Stage(world, self._random)
        self._sirens = 0

    def begin(self) -> None:
        """Start all actors."""
        self._script.add(self._stage.opening())
        self._script.add(self._life())
        self._script.add(self._stories())

    def _life(self) -> Actor:
        """Let a person pass a camera at random, and after the longest silence."""
        next_visit = 0.0
        while True:
            if self._script.elapsed >= next_visit or self._quiet_left() <= 0:
                self._someone_passes()
                pause = 12.0 if self._is_night() else 6.0
                next_visit = self._script.elapsed + self._random.uniform(1, pause)
            wait = min(next_visit - self._script.elapsed, self._quiet_left())
            yield max(wait, _SHORTEST_WAIT)

    def _quiet_left(self) -> float:
        """Return the seconds that are left of the longest silence."""
        silence = self._world.clock.monotonic() - self._world.last_happening
        return _LONGEST_SILENCE - silence

    def _is_night(self) -> bool:
        return not _MORNING <= self._hour() < _NIGHT

    def _hour(self) -> int:
        return to_datetime(self._world.now()).hour

    def _someone_passes(self) -> None:
        resting = self._stage.resting_cameras()
        if resting:
            camera = self._random.choice(resting)
            seconds = self._random.uniform(2, 8)
            self._script.add(self._stage.visit(camera, seconds))
        elif self._quiet_left() <= 0:
            self._world.emit(event_ids.PERIODIC_TIMER, self._world.site)

    def _stories(self) -> Actor:
        """Play each story once at any hour, for the viewer; then at random."""
        tour = (
            self._parcel,
            self._car,
            self._connection_lost,
            self._siren,
            self._good_night,
        )
        for story in tour:
            yield _TOUR_INTERVAL
            if self._world.cameras:
                self._script.add(story())
        while True:
            yield self._random.uniform(*_STORY_INTERVAL)
            if self._world.cameras:
                self._script.add(self._random.choice(self._possible_stories())())

    def _possible_stories(self) -> list[Callable[[], Actor]]:
        """Return the stories for this time of day; frequent ones appear twice."""
        rarely = [self._connection_lost, self._siren]
        if self._is_night():
            return [self._good_night, self._siren, self._connection_lost]
        if self._hour() >= _EVENING:
            return [*rarely, self._car, self._car, self._doorbell, self._good_night]
        return [*rarely, self._doorbell, self._doorbell, self._parcel, self._car]

    def _camera(self, number: int) -> Item:
        """Return the camera of a place; small sites use another one."""
        cameras = self._world.cameras
        return cameras[number % len(cameras)]

    def _doorbell(self) -> Actor:
        door = self._camera(0)
        return self._stage.visit(door, 6, lambda: self._analytics(0, door, "Doorbell"))

    def _parcel(self) -> Actor:
        yield from self._doorbell()
        self._user_event("Parcel arrived")

    def _car(self) -> Actor:
        garage, driveway = self._camera(4), self._camera(1)
        yield from self._stage.visit(garage, 4)
        plate = f"AB {self._random.randrange(10_000, 99_999)}"
        yield from self._stage.visit(
            driveway, 5, lambda: self._analytics(1, driveway, plate)
        )
        # The gate's input reports it. The scenario never triggers the user-defined
        # event `Gate open`, so that a user of the demo who presses its button sees
        # exactly one event.
        for gate in self._world.items("inputEvents"):
            yield from self._stage.switch(gate, 8)

    def _good_night(self) -> Actor:
        self._user_event("Good night")
        yield 0

    def _siren(self) -> Actor:
        # Most of the time this is only a test of the siren, without an alarm.
        if self._sirens % _PANIC_EVERY == 0:
            self._user_event("Panic")
        self._sirens += 1
        for siren in self._world.items("outputs"):
            yield from self._stage.switch(siren, 5)

    def _connection_lost(self) -> Actor:
        camera = self._random.choice(self._world.cameras)
        unit = self._world.inventory.get(camera.parent or "")
        return self._stage.lose(unit, self._random.uniform(5, 20))

    def _user_event(self, name: str) -> None:
        for item in self._world.user_defined_events:
            if item.name == name:
                self._world.emit(item.id)

    def _analytics(self, number: int, camera: Item, value: str) -> None:
        """Emit one of the site's analytics events, if it still exists."""
        known = self._world.analytics_events
        if number < len(known):
            data = {
                "description": f"{known[number].name}: {value}",
                "location": camera.name,
                "objectList": [{"name": known[number].name, "value": value}],
                "vendor": {"name": "XProtect simulator"},
            }
            self._world.emit(known[number].id, camera, data=data)
