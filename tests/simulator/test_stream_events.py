"""What is pushed, and the state of sources."""

import pytest

from xprotect_simulator import ManualClock, Options, Simulator, event_ids
from xprotect_simulator.happening.ledger import StoredEvent

from .client import Client
from .stream_client import Connector


async def test_an_event_has_the_documented_keys(connector: Connector) -> None:
    """These and no others."""
    world = connector.sim.world
    stream = await connector.start()
    camera = world.cameras[0]
    event = world.emit(event_ids.MOTION_STARTED, camera)
    assert await stream.events() == [
        {
            "id": event.id,
            "source": camera.path,
            "specversion": "1.0",
            "stategroupid": event_ids.MOTION_GROUP,
            "time": "2026-03-02T06:00:00.0000000Z",
            "type": event_ids.MOTION_STARTED,
        }
    ]


async def test_an_event_without_a_state_names_no_group(connector: Connector) -> None:
    """Unless the server writes null or the nil GUID."""
    sim = connector.sim
    stream = await connector.start()
    sim.world.emit(event_ids.PERIODIC_TIMER, sim.world.site)
    sim.world.emit("unknown", sim.world.site)
    for event in await stream.events(2):
        assert set(event) == {"id", "source", "specversion", "time", "type"}
    sim.faults.enable("ws_null_group")
    sim.world.emit(event_ids.PERIODIC_TIMER, sim.world.site)
    sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
    without, with_group = await stream.events(2)
    assert without["stategroupid"] is None
    assert with_group["stategroupid"] == event_ids.MOTION_GROUP
    sim.faults.enable("ws_null_group:nil")
    sim.world.emit(event_ids.PERIODIC_TIMER, sim.world.site)
    (event,) = await stream.events()
    assert event["stategroupid"] == "00000000-0000-0000-0000-000000000000"


async def test_data_and_tag_are_pushed_with_the_event(connector: Connector) -> None:
    """Unless the server omits them."""
    sim = connector.sim
    doorbell = sim.world.named("Doorbell pressed").id
    gate = sim.world.named("Gate open").id
    stream = await connector.start()
    sim.world.emit(doorbell, sim.world.cameras[0], data={"description": "Ä"})
    sim.world.emit(gate, tag="from a test")
    sim.faults.enable("ws_bare")
    sim.world.emit(doorbell, sim.world.cameras[0], data={"description": "x"})
    analytics, tagged, bare = await stream.events(3)
    assert analytics["datatype"] == "analytics"
    assert analytics["data"] == {"description": "Ä"}
    assert "tag" not in analytics
    assert (tagged["datatype"], tagged["tag"]) == ("none", "from a test")
    assert "data" not in tagged
    assert {"datatype", "data", "tag"}.isdisjoint(bare)


async def test_a_change_of_the_configuration_names_the_item(
    connector: Connector,
) -> None:
    """Clients then read the lists again."""
    stream = await connector.start(eventTypes=[event_ids.CONFIGURATION_CHANGED])
    camera = connector.sim.world.rename(connector.sim.world.cameras[0], "Hall")
    (event,) = await stream.events()
    assert event["data"] == {
        "Action": "Changed",
        "RelatedItem": {"Path": camera.path, "Name": "Hall"},
    }


async def test_events_that_are_not_stored_are_pushed(
    connector: Connector, client: Client
) -> None:
    """Clients cannot get them otherwise."""
    sim = connector.sim
    stream = await connector.start()
    sim.world.set_retention(event_ids.MOTION_STARTED, 0)
    event = sim.world.emit(event_ids.MOTION_STARTED, sim.world.cameras[0])
    assert await stream.ids(1) == [event.id]
    assert (await client.get(f"events/{event.id}")).status == 404


async def test_events_that_are_stored_later_are_pushed_at_once(
    connector: Connector,
) -> None:
    """Pushing does not wait for the database."""
    connector.sim.faults.enable("late_stored:60")
    stream = await connector.start()
    event = connector.sim.world.emit("x")
    assert await stream.ids(1) == [event.id]


async def test_triggered_events_are_pushed(
    connector: Connector, client: Client
) -> None:
    """To all clients, including the one that triggered it."""
    stream = await connector.start()
    gate = connector.sim.world.named("Gate open")
    body = (await client.post("events", {"type": gate.id})).body
    (event,) = await stream.events()
    assert (event["id"], event["source"]) == (body["data"]["id"], gate.path)


async def test_events_of_one_moment_share_a_message(connector: Connector) -> None:
    """But no message becomes too large."""
    stream = await connector.start()
    made = [connector.sim.world.emit("x").id for _ in range(250)]
    assert await stream.ids(250) == made
    pushed = [frame for frame in stream.frames if "events" in frame]
    assert [len(frame["events"]) for frame in pushed] == [100, 100, 50]
    assert all(list(frame) == ["events"] for frame in pushed)


async def test_an_event_is_written_once_for_all_clients(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not at all without clients."""
    sim = connector.sim
    written: list[StoredEvent] = []
    write = sim.sockets.writer.write

    def counting(event: StoredEvent) -> str:
        written.append(event)
        return write(event)

    monkeypatch.setattr(sim.sockets.writer, "write", counting)
    streams = [await connector.start(resourceTypes=["sites"]) for _ in range(3)]
    sim.world.emit("x", sim.world.cameras[0])
    event = sim.world.emit("x", sim.world.site)
    for stream in streams:
        assert await stream.ids(1) == [event.id]
    assert written == [event]


async def test_users_get_only_what_they_may_see(connector: Connector) -> None:
    """The current rights apply."""
    sim = connector.sim
    seen, hidden = sim.world.cameras[:2]
    stream = await connector.start()
    sim.identity.limit_sources([seen.path])
    sim.world.emit(event_ids.MOTION_STARTED, hidden)
    event = sim.world.emit(event_ids.MOTION_STARTED, seen)
    assert await stream.pushed_so_far() == [event.id]
    assert [state["id"] for state in await stream.states()] == [event.id]
    sim.identity.limit_sources(None)
    assert len(await stream.states()) == 2


async def test_the_state_is_the_newest_event_of_source_and_group(
    connector: Connector,
) -> None:
    """Without such an event there is no state, nor for a deleted source."""
    world = connector.sim.world
    stream = await connector.start(resourceTypes=["cameras"])
    first, second = world.cameras[:2]
    world.emit(event_ids.MOTION_STARTED, first)
    calm = world.emit(event_ids.MOTION_STOPPED, first)
    recording = world.emit(event_ids.RECORDING_STARTED, first)
    world.emit("x", first)
    world.emit(event_ids.MOTION_STARTED, second)
    world.emit(event_ids.HARDWARE_COMMUNICATION_STARTED, first.parent)
    world.remove(second)
    states = await stream.states()
    assert [state["id"] for state in states] == [calm.id, recording.id]
    assert list(states[0]) == [
        "id",
        "source",
        "specversion",
        "stategroupid",
        "time",
        "type",
    ]


async def test_the_state_follows_the_subscriptions(connector: Connector) -> None:
    """All of them together; for each state only the newest event counts."""
    world = connector.sim.world
    world.emit(event_ids.MOTION_STARTED, world.cameras[0])
    newest = world.emit(event_ids.MOTION_STOPPED, world.cameras[0])
    unit = world.emit(
        event_ids.HARDWARE_COMMUNICATION_ERROR, world.items("hardware")[0]
    )
    stream = await connector.connect()
    await stream.start()
    assert await stream.states() == []
    await stream.subscribe(eventTypes=[event_ids.MOTION_STARTED])
    assert await stream.states() == []
    await stream.subscribe(eventTypes=[event_ids.MOTION_STOPPED])
    await stream.subscribe(resourceTypes=["hardware"])
    states = await stream.states()
    assert {state["id"] for state in states} == {newest.id, unit.id}


async def test_the_state_of_a_large_site_is_one_message(client: Client) -> None:
    """It has four megabytes; events are still pushed while it is written."""
    options = Options(cameras=2500, scenario="still:6+quiet")
    clock = ManualClock()
    async with Simulator(options, clock=clock) as sim:
        at_large = Client(sim=sim, http=client.http)
        await at_large.sign_in()
        connector = Connector(sim=sim, http=client.http, headers=at_large.headers)
        stream = await connector.start()
        await stream.send("getState")
        await sim.sockets.until(lambda: sim.sockets.commands["getState"] > 0)
        event = sim.world.emit("x")
        text = await stream.socket.receive_str()
        assert event.id in text
        text = await stream.socket.receive_str()
        assert text.count('"id"') == 2500 * 6 + len(sim.world.items("hardware"))
        assert len(text) > 4 * 1024 * 1024
        assert all(one.time < clock.now() for one in sim.world.states.values())
