"""XProtect's groups of devices: as areas, and to choose sources by."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    issue_registry as ir,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.xprotect_events.const import DOMAIN, EVENT_LIVE
from tests.integration.conftest import Poll
from tests.integration.entries import load, reload
from tests.integration.flow_forms import AREAS, begin, form_for
from xprotect_simulator import Item, Options, Simulator, event_ids

AN_HOUR = 3700.0

type GroupOf = Callable[[str], Item]


@pytest.fixture
def simulator_options() -> Options:
    """Return a site whose tokens last for hours, which pass here within seconds."""
    return Options(token_life=timedelta(days=30))


@pytest.fixture
def group_of(simulator: Simulator) -> GroupOf:
    """Return a function that finds a group by its name."""
    return simulator.world.named


def put_into(simulator: Simulator, group: Item, *items: Item) -> None:
    """Set the members of a group."""
    members = frozenset(item.path for item in items)
    world = simulator.world
    world.inventory.put(replace(group, extra={"members": members}))
    world.configuration_changed("Changed", group.path, group.name)


@pytest.mark.parametrize("lists", ["all groups", "upper groups"])
async def test_groups_are_offered_as_areas_and_the_chosen_ones_become_areas(
    hass: HomeAssistant, simulator: Simulator, group_of: GroupOf, lists: str
) -> None:
    """A group may be a place, but `Cameras 1-6` is not."""
    if lists == "upper groups":
        simulator.faults.enable("upper_groups")
    flow_id = await begin(hass)
    configure = hass.config_entries.flow.async_configure
    result = await configure(flow_id, form_for(simulator))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, AREAS)
    schema = result["data_schema"]
    assert schema is not None
    (selector,) = schema.schema.values()
    assert [one["label"] for one in selector.config["options"]] == [
        "Cameras 1-6",
        "Gates",
        "Perimeter",
        "Perimeter / Entrances",
        "Sirens",
    ]
    chosen = [group_of(name).id for name in ("Perimeter", "Entrances", "Gates")]
    result = await configure(flow_id, {"area_groups": chosen})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].options == {"area_groups": chosen}
    await hass.async_block_till_done()
    areas = {one.id: one.name for one in ar.async_get(hass).async_list_areas()}
    assert sorted(areas.values()) == ["Entrances", "Gates", "Perimeter"]
    devices = dr.async_entries_for_config_entry(
        dr.async_get(hass), result["result"].entry_id
    )
    assert {one.name: areas[one.area_id] for one in devices if one.area_id} == {
        "Front door": "Entrances",
        "Driveway": "Entrances",
        "Garden": "Perimeter",
        "Gate": "Gates",
    }


async def test_a_site_with_unreadable_groups_is_set_up_without_that_step(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Groups are optional, so the set-up must not fail."""
    simulator.faults.enable("forbidden:cameragroups,inputeventgroups,outputgroups")
    result = await hass.config_entries.flow.async_configure(
        await begin(hass), form_for(simulator)
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].options == {}


async def test_a_group_includes_all_members_except_excluded_ones(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    group_of: GroupOf,
    poll: Poll,
) -> None:
    """Items that are added to a group in XProtect are included, without a reload."""
    world = simulator.world
    door, drive, garden, terrace = world.cameras[:4]
    hass.config_entries.async_update_entry(
        entry,
        options={
            "delivery": "poll",
            "source_groups": [group_of("Perimeter").id],
            "exclude_sources": [drive.path],
        },
    )
    await load(hass, entry)
    events = async_capture_events(hass, EVENT_LIVE)

    async def taken() -> list[str]:
        for camera in (door, drive, garden, terrace):
            world.emit(event_ids.MOTION_STARTED, camera)
        await poll()
        names = [one.data["source_name"] for one in events]
        events.clear()
        return names

    assert await taken() == [door.name, garden.name]
    put_into(simulator, group_of("Entrances"), terrace)
    await poll()
    await poll()
    assert await taken() == [garden.name, terrace.name]
    # If the groups become unreadable, the choice stays the same.
    simulator.faults.enable("empty_lists:cameragroups")
    await poll(AN_HOUR)
    assert await taken() == [garden.name, terrace.name]
    # Also after a restart.
    await reload(hass, entry)
    assert await taken() == [garden.name, terrace.name]


async def test_members_that_are_in_no_list_for_a_while_stay_chosen(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: Simulator,
    group_of: GroupOf,
    poll: Poll,
) -> None:
    """A role that loses rights gets empty lists; the events still arrive."""
    door = simulator.world.cameras[0]
    options = {"delivery": "poll", "source_groups": [group_of("Perimeter").id]}
    hass.config_entries.async_update_entry(entry, options=options)
    await load(hass, entry)
    events = async_capture_events(hass, EVENT_LIVE)

    async def is_taken() -> bool:
        events.clear()
        simulator.world.emit(event_ids.MOTION_STARTED, door)
        await poll()
        return bool(events)

    simulator.faults.enable("empty_lists:cameras")
    await poll(AN_HOUR)
    assert not entry.runtime_data.inventory.data.counts["cameras"]
    assert await is_taken()
    # Also after a restart, and when the rights are back.
    await reload(hass, entry)
    assert await is_taken()
    simulator.faults.clear()
    assert await is_taken()
    # One that has left the group is not.
    put_into(simulator, group_of("Entrances"))
    await poll()
    await poll()
    assert not await is_taken()


async def test_groups_are_chosen_in_the_options_and_a_deleted_one_is_reported(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    simulator: Simulator,
    group_of: GroupOf,
    poll: Poll,
) -> None:
    """By the whole path of names, because two groups may have the same name."""
    gates = group_of("Gates")

    async def offered() -> tuple[str, Callable[..., dict[str, object]], dict[str, str]]:
        flow = await hass.config_entries.options.async_init(loaded.entry_id)
        schema = flow["data_schema"]
        assert schema is not None
        options = schema.schema["source_groups"].config["options"]
        labels = {one["value"]: one["label"] for one in options}
        return flow["flow_id"], schema, labels

    flow_id, schema, labels = await offered()
    assert labels[group_of("Entrances").id] == "Perimeter / Entrances"
    answers = schema({"source_groups": [gates.id], "delivery": "poll"})
    await hass.config_entries.options.async_configure(flow_id, answers)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert loaded.options["source_groups"] == [gates.id]
    issue_id = f"options_stale_{loaded.entry_id}"
    issues = ir.async_get(hass)
    assert not issues.async_get_issue(DOMAIN, issue_id)
    simulator.world.remove(gates)
    await poll()
    await poll()
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["missing"] == "Gates"
    # Submitting the unchanged form must not drop it.
    assert gates.id in (await offered())[2]
