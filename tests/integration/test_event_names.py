"""Event entities show events under the names that users gave them in XProtect."""

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.engine import event_keys
from tests.integration.conftest import Poll, ShownEvents
from tests.integration.entries import load, reload
from xprotect_simulator import Item, Simulator, event_ids

type Texts = dict[str, str]


def issue(hass: HomeAssistant, key: str) -> Texts | None:
    """Return the placeholders of an issue, `None` where there is none."""
    for one in ir.async_get(hass).issues.values():
        if one.translation_key == key and one.active:
            return dict(one.translation_placeholders or {})
    return None


def has_own(hass: HomeAssistant, event: Item) -> bool:
    """Whether an event has an entity of its own."""
    entries = er.async_get(hass).entities.values()
    return any(one.unique_id.endswith(f"{event.id}_raised") for one in entries)


async def read_again(poll: Poll) -> None:
    """Let the lists be read after the site has announced a change."""
    for _ in range(3):
        await poll()


@pytest.mark.parametrize(
    ("name", "event_type"),
    [
        (" Cat  flap ", "Cat flap"),
        ("กดกริ่งประตู", "กดกริ่งประตู"),
        ("motion_started", "motion_started ({id})"),
        ("Other", "Other ({id})"),
    ],
)
async def test_an_event_has_its_name_in_xprotect(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    shown_events: ShownEvents,
    name: str,
    event_type: str,
) -> None:
    """Users look for it in the list of the automation editor."""
    own = simulator.world.add_user_defined_event(name)
    await load(hass, entry)
    simulator.world.emit(own.id)
    await poll()
    expected = event_type.format(id=own.id[:8])
    attributes = shown_events.own(own).attributes
    assert attributes["event_type"] == expected
    assert attributes["event_types"] == [expected]
    assert attributes["friendly_name"] == f"Simulated site {expected}"


async def test_a_new_event_of_the_same_name_does_not_change_the_old_one(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    shown_events: ShownEvents,
) -> None:
    """Otherwise an automation could open the gate at the wrong event."""
    first = simulator.world.named("Gate open")
    second = simulator.world.add_user_defined_event("Gate open")
    third = simulator.world.add_user_defined_event("Gate Open!")
    await read_again(poll)
    for _ in range(2):
        seen = []
        for event in (first, second, third):
            simulator.world.emit(event.id)
            await poll()
            seen.append(shown_events.own(event).attributes["event_type"])
        assert seen == ["Gate open", f"Gate open ({second.id[:8]})", "Gate Open!"]
        await reload(hass, loaded)


@pytest.mark.usefixtures("loaded")
async def test_a_user_defined_event_is_shown_at_its_own_entity_whatever_its_source(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """A rule may name a camera as its source; users look for the event's name."""
    camera, gate_open = simulator.world.cameras[0], simulator.world.named("Gate open")
    simulator.world.emit(gate_open.id, camera)
    await poll()
    own = shown_events.own(gate_open).attributes
    assert (own["event_type"], own["friendly_name"]) == (
        "Gate open",
        "Simulated site Gate open",
    )
    for item in (camera, simulator.world.site):
        assert shown_events.state(item).attributes["event_type"] is None
    assert shown_events.own(simulator.world.named("Good night")).state == STATE_UNKNOWN


@pytest.mark.usefixtures("loaded")
async def test_an_event_in_an_unreadable_list_is_shown_as_before(
    simulator: Simulator, poll: Poll, shown_events: ShownEvents
) -> None:
    """Automations on it keep working."""
    gate_open = simulator.world.named("Gate open")
    simulator.identity.forbid("userDefinedEvents")
    simulator.world.add_camera("Pool")
    await read_again(poll)
    simulator.world.emit(gate_open.id)
    await poll()
    assert shown_events.own(gate_open).attributes["event_type"] == "Gate open"


@pytest.mark.usefixtures("loaded")
async def test_a_camera_offers_the_types_of_cameras(
    simulator: Simulator, shown_events: ShownEvents
) -> None:
    """A camera has no panic button."""
    offered = shown_events.state(simulator.world.cameras[0]).attributes["event_types"]
    named = {event.name for event in simulator.world.user_defined_events}
    assert named
    assert not named & set(offered)
    assert {event.name for event in simulator.world.analytics_events} <= set(offered)
    assert {"motion_started", "other"} <= set(offered)
    assert "input_activated" not in offered
    # Each of these has its own entity.
    assert not named & set(
        shown_events.state(simulator.world.site).attributes["event_types"]
    )


@pytest.mark.parametrize(
    "entry_options",
    [{"delivery": "poll", "event_types": [event_ids.PERIODIC_TIMER]}],
)
@pytest.mark.usefixtures("loaded")
async def test_a_camera_offers_the_types_chosen_in_the_options(
    simulator: Simulator, shown_events: ShownEvents
) -> None:
    """A chosen type is offered at every source."""
    offered = shown_events.state(simulator.world.cameras[0]).attributes["event_types"]
    assert "periodic_timer" in offered


async def test_after_a_rename_a_repair_names_the_automations_to_look_at(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    shown_events: ShownEvents,
    hass_client: ClientSessionGenerator,
) -> None:
    """They wait for a name that no longer occurs."""
    gate_open = simulator.world.named("Gate open")
    entity_id = shown_events.own(gate_open).entity_id
    action = [{"action": "homeassistant.check_config"}]
    trigger = {"trigger": "state", "entity_id": entity_id}
    registered = er.async_get(hass).async_get(entity_id)
    assert registered is not None
    of_device = {"device_id": registered.device_id}
    update = {"action": "homeassistant.update_entity", "target": of_device}
    other = {"trigger": "state", "entity_id": "sun.sun"}
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": [
                {"alias": "Open it", "triggers": [trigger], "actions": action},
                {"alias": "Update it", "triggers": [other], "actions": [update]},
                {"alias": "Sunset", "triggers": [other], "actions": action},
            ]
        },
    )
    simulator.world.rename(gate_open, "Main gate open")
    await read_again(poll)
    shown = shown_events.own(gate_open)
    assert shown.attributes["event_types"] == ["Main gate open"]
    assert shown.attributes["friendly_name"] == "Simulated site Main gate open"
    expected = {
        "name": "Simulated site",
        "renames": "- Gate open → Main gate open",
        "automations": "- Open it\n- Update it",
    }
    assert issue(hass, "events_renamed") == expected
    await reload(hass, loaded)
    assert issue(hass, "events_renamed") == expected
    assert await async_setup_component(hass, "repairs", {})
    client = await hass_client()
    reply = await client.post(
        "/api/repairs/issues/fix",
        json={"handler": DOMAIN, "issue_id": f"events_renamed_{loaded.entry_id}"},
    )
    form = await reply.json()
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"] == expected
    address = f"/api/repairs/issues/fix/{form['flow_id']}"
    again = await (await client.get(address)).json()
    assert again["description_placeholders"] == expected
    # Another one is renamed while the form is open.
    simulator.world.rename(simulator.world.named("Good night"), "Late")
    await read_again(poll)
    shown_again = await (await client.post(address, json={})).json()
    renames = shown_again["description_placeholders"]["renames"]
    assert renames == "- Gate open → Main gate open\n- Good night → Late"
    assert shown_again["errors"] == {"base": "changed_meanwhile"}
    reply = await client.post(address, json={})
    assert (await reply.json())["type"] == "create_entry"
    await read_again(poll)
    assert issue(hass, "events_renamed") is None


@pytest.mark.parametrize("is_opened_before", [False, True])
async def test_the_repair_of_an_entry_that_is_not_loaded_is_aborted(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    simulator: Simulator,
    loaded: MockConfigEntry,
    poll: Poll,
    is_opened_before: bool,
) -> None:
    """The entry may be disabled while the page is open."""
    simulator.world.rename(simulator.world.named("Gate open"), "Main gate open")
    await read_again(poll)
    assert await async_setup_component(hass, "repairs", {})
    client = await hass_client()
    body = {"handler": DOMAIN, "issue_id": f"events_renamed_{loaded.entry_id}"}
    if not is_opened_before:
        await hass.config_entries.async_unload(loaded.entry_id)
    shown = await (await client.post("/api/repairs/issues/fix", json=body)).json()
    if is_opened_before:
        await hass.config_entries.async_unload(loaded.entry_id)
        address = f"/api/repairs/issues/fix/{shown['flow_id']}"
        shown = await (await client.post(address, json={})).json()
    assert shown.get("reason") == "not_loaded" or shown.get("message")


async def test_names_beyond_the_limit_are_shown_as_other(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    poll: Poll,
    shown_events: ShownEvents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each name is in the registry once for every entity that has it."""
    monkeypatch.setattr(event_keys, "MAX_WITH_ENTITY", 1)
    monkeypatch.setattr(event_keys, "MAX_OF_SERVER", 4)
    await load(hass, entry)
    offered = shown_events.state(simulator.world.site).attributes["event_types"]
    events = simulator.world.user_defined_events + simulator.world.analytics_events
    left_out = [one for one in events if one.name not in offered]
    # One of them has its own entity.
    (own,) = [one for one in left_out if has_own(hass, one)]
    left_out.remove(own)
    assert len(left_out) == len(events) - 5
    assert issue(hass, "too_many_event_types") == {
        "name": "Simulated site",
        "count": str(len(left_out)),
    }
    simulator.world.emit(left_out[0].id)
    await poll()
    shown = shown_events.state(simulator.world.site).attributes
    assert (shown["event_type"], shown["type"]) == ("other", left_out[0].name)
