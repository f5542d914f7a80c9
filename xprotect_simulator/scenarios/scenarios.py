"""The table of scenarios, and building one from its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ..errors import OptionError
from ..happening.world import World
from ..identifiers import seeded
from ..site import event_ids
from .home import Home
from .script import Actor, Script
from .stage import Stage

_STORM_RATE = 200.0
_A_DAY = timedelta(days=1)

# The events of each camera in a storm, repeated.
_CYCLE = (
    event_ids.MOTION_STARTED,
    event_ids.RECORDING_STARTED,
    event_ids.MOTION_STOPPED,
    event_ids.RECORDING_STOPPED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the table of scenarios."""

    doc: str
    begin: Callable[[Script, World, str], None]


def build(spec: str, world: World) -> Script:
    """Return the script of NAME, NAME:NUMBER or NAME+NAME. Raises OptionError."""
    script = Script()
    for part in spec.split("+"):
        name, _, argument = part.partition(":")
        scenario = SCENARIOS.get(name)
        if scenario is None:
            message = f"unknown scenario '{name}'; there are: {', '.join(SCENARIOS)}"
            raise OptionError(message)
        scenario.begin(script, world, argument)
    return script


def _home(script: Script, world: World, _argument: str) -> None:
    Home(script, world).begin()


def _quiet(_script: Script, _world: World, _argument: str) -> None:
    """Add no actors."""


def _still(script: Script, world: World, argument: str) -> None:
    stage = Stage(world, seeded(world.options.seed, "still"))
    if not argument:
        script.add(stage.opening())
        return
    if not argument.isdecimal():
        message = f"still takes a number of states of each camera, not '{argument}'"
        raise OptionError(message)
    script.add(stage.old_states(int(argument)))


# More than the machine can make; "inf" is a number, too.
_MOST_A_SECOND = 1_000_000


def _storm(script: Script, world: World, argument: str) -> None:
    try:
        rate = float(argument or _STORM_RATE)
    except ValueError:
        rate = 0
    if not 0 < rate <= _MOST_A_SECOND:
        message = f"storm takes a number of events a second, not '{argument}'"
        raise OptionError(message)
    script.add(_storm_actor(world, 1 / rate))


def _storm_actor(world: World, pause: float) -> Actor:
    random = seeded(world.options.seed, "storm")
    cameras = world.cameras
    places = [0] * len(cameras)
    while True:
        number = random.randrange(len(cameras))
        world.emit(_CYCLE[places[number]], cameras[number])
        places[number] = (places[number] + 1) % len(_CYCLE)
        yield pause


def _history(_script: Script, world: World, argument: str) -> None:
    if not argument.isdecimal() or not int(argument):
        message = f"history takes a number of events, not '{argument}'"
        raise OptionError(message)
    count = int(argument)
    cameras = world.cameras
    begin = world.clock.now() - _A_DAY
    for number in range(count):
        turn, camera = divmod(number, len(cameras))
        world.emit(
            _CYCLE[turn % len(_CYCLE)],
            cameras[camera],
            time=begin + _A_DAY * number / count,
        )


SCENARIOS: Mapping[str, Scenario] = {
    "history": Scenario(
        doc="history:N: N stored events of the last day.", begin=_history
    ),
    "home": Scenario(doc="A realistic day of a house, never quiet.", begin=_home),
    "quiet": Scenario(doc="Nothing happens by itself.", begin=_quiet),
    "still": Scenario(
        doc="Only states at the start; still:N: N of each camera, an hour old.",
        begin=_still,
    ),
    "storm": Scenario(doc="storm:RATE: RATE events per second (200).", begin=_storm),
}
