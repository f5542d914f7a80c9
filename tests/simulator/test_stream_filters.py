"""The events that a subscription includes."""

import pytest

from xprotect_simulator import Simulator, event_ids

from .stream_client import EVERYTHING, Connector


def excluding(**changes: object) -> dict[str, object]:
    """Return a filter that excludes."""
    return EVERYTHING | {"modifier": "exclude"} | changes


def happenings(sim: Simulator) -> dict[str, str]:
    """Create one event of each kind, and return the names by id."""
    world = sim.world
    made = {
        "motion at 0": world.emit(event_ids.MOTION_STARTED, world.cameras[0]),
        "motion at 1": world.emit(event_ids.MOTION_STARTED, world.cameras[1]),
        "calm at 0": world.emit(event_ids.MOTION_STOPPED, world.cameras[0]),
        "timer": world.emit(event_ids.PERIODIC_TIMER, world.site),
        "user": world.emit(world.named("Gate open").id),
        "nowhere": world.emit(event_ids.PERIODIC_TIMER),
        "service": world.emit(event_ids.PERIODIC_TIMER, "services/1"),
    }
    return {event.id: name for name, event in made.items()}


ALL = ["motion at 0", "motion at 1", "calm at 0", "timer", "user", "nowhere", "service"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ALL),
        ({"modifier": "Include"}, ALL),
        ({"resourceTypes": ["Cameras"]}, ALL[:3]),
        ({"resourceTypes": ["cameras", "sites"]}, ALL[:4]),
        ({"resourceTypes": ["cameras", "*"]}, ALL),
        ({"resourceTypes": ["userdefinedevents"]}, ["user"]),
        ({"resourceTypes": ["storages"]}, []),
        ({"resourceTypes": []}, []),
        ({"resourceTypes": None}, []),
        ({"eventTypes": [event_ids.MOTION_STARTED.upper()]}, ALL[:2]),
        (
            {"eventTypes": [event_ids.MOTION_STOPPED, event_ids.PERIODIC_TIMER]},
            ["calm at 0", "timer", "nowhere", "service"],
        ),
        (
            {"resourceTypes": ["sites"], "eventTypes": [event_ids.MOTION_STARTED]},
            [],
        ),
        ({"modifier": "exclude"}, []),
    ],
)
async def test_a_filter_has_three_conditions(
    connector: Connector, changes: dict[str, object], expected: list[str]
) -> None:
    """In any letter case; events without a source only match `*`."""
    stream = await connector.start(**changes)
    names = happenings(connector.sim)
    assert [names[one] for one in await stream.pushed_so_far()] == expected


async def test_sources_are_named_by_guid(connector: Connector) -> None:
    """Without the resource."""
    camera = connector.sim.world.cameras[0]
    stream = await connector.start(sourceIds=[camera.id.upper()])
    names = happenings(connector.sim)
    pushed = [names[one] for one in await stream.pushed_so_far()]
    assert pushed == ["motion at 0", "calm at 0"]


@pytest.mark.parametrize("fields", [{}, {"filters": None}, {"filters": []}])
async def test_a_subscription_without_filters_delivers_nothing(
    connector: Connector, fields: dict[str, object]
) -> None:
    """It is accepted, as by real servers."""
    stream = await connector.connect()
    await stream.start()
    reply = await stream.command("addSubscription", subscriptionId="", **fields)
    assert reply["status"] == 200
    happenings(connector.sim)
    assert await stream.states() == []
    assert await stream.pushed_so_far() == []


async def test_several_filters_include_events_that_match_any(
    connector: Connector,
) -> None:
    """A client may filter by source in one and by type in another."""
    stream = await connector.connect()
    await stream.start()
    await stream.subscribe_to(
        EVERYTHING | {"resourceTypes": ["sites"]},
        EVERYTHING | {"eventTypes": [event_ids.MOTION_STOPPED]},
    )
    names = happenings(connector.sim)
    pushed = [names[one] for one in await stream.pushed_so_far()]
    assert pushed == ["calm at 0", "timer"]


async def test_the_last_matching_filter_decides(
    connector: Connector,
) -> None:
    """The documentation leaves this open."""
    stream = await connector.connect()
    await stream.start()
    await stream.subscribe_to(
        EVERYTHING,
        excluding(resourceTypes=["cameras"]),
        EVERYTHING | {"eventTypes": [event_ids.MOTION_STOPPED]},
        excluding(resourceTypes=["services"]),
    )
    names = happenings(connector.sim)
    pushed = [names[one] for one in await stream.pushed_so_far()]
    assert pushed == ["calm at 0", "timer", "user", "nowhere"]


async def test_an_event_in_several_subscriptions_is_pushed_once(
    connector: Connector,
) -> None:
    """One does not exclude what another includes."""
    stream = await connector.start(resourceTypes=["cameras"])
    await stream.subscribe(eventTypes=[event_ids.MOTION_STARTED])
    await stream.subscribe_to(excluding())
    names = happenings(connector.sim)
    pushed = [names[one] for one in await stream.pushed_so_far()]
    assert pushed == ALL[:3]


async def test_every_client_gets_its_own_events(connector: Connector) -> None:
    """Sessions do not affect each other."""
    first = await connector.start(resourceTypes=["sites"])
    second = await connector.start(resourceTypes=["cameras"])
    names = happenings(connector.sim)
    assert [names[one] for one in await first.pushed_so_far()] == ["timer"]
    assert [names[one] for one in await second.pushed_so_far()] == ALL[:3]
