"""Changes of the site that are pushed show within seconds."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import DeviceOf, StateOf
from tests.integration.push.conftest import (
    DOOR,
    DOOR_OPEN,
    TimeMachine,
    delivery,
    until,
)
from xprotect_simulator import (
    Simulator,
    event_ids,
)


@pytest.mark.parametrize(
    "entry_options", [{}, {"event_types": [event_ids.MOTION_STARTED]}]
)
@pytest.mark.usefixtures("pushing")
async def test_a_new_event_type_shows_states_within_seconds(
    hass: HomeAssistant,
    simulator: Simulator,
    pass_time: TimeMachine,
    entity_registry: er.EntityRegistry,
) -> None:
    """A driver or a plug-in adds types and state groups."""
    world = simulator.world
    world.add_event_type(DOOR_OPEN, DOOR)
    for _ in range(3):
        await pass_time(3)
    await until(lambda: simulator.sockets.commands["addSubscription"] == 3)
    world.emit(DOOR_OPEN.id, world.cameras[0])
    unique_id = f"{world.site.id}_{world.cameras[0].id}_{DOOR.id}"
    await until(
        lambda: (
            entity_registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
            is not None
        )
    )
    assert delivery(hass) == "push"


@pytest.mark.usefixtures("pushing")
async def test_a_new_camera_appears_and_a_removed_one_is_unavailable(
    hass: HomeAssistant,
    simulator: Simulator,
    pass_time: TimeMachine,
    binary_state: StateOf,
    device_registry: dr.DeviceRegistry,
    entry: MockConfigEntry,
) -> None:
    """Without a reload."""
    camera = simulator.world.add_camera("Shed")

    def shed() -> dr.DeviceEntry | None:
        return device_registry.async_get_device_by_identifier(
            (DOMAIN, f"{simulator.world.site.id}_{camera.id}"), entry.entry_id
        )

    await hass.async_block_till_done()
    await until(lambda: delivery(hass) == "push")
    for _ in range(3):
        await pass_time(3)
    await until(lambda: shed() is not None)
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await until(lambda: binary_state(camera, "motion") == "on")
    simulator.world.remove(camera)
    for _ in range(3):
        await pass_time(3)
    await until(lambda: binary_state(camera, "motion") == "unavailable")


@pytest.mark.usefixtures("pushing")
async def test_changes_of_the_site_are_shown_within_seconds(
    simulator: Simulator,
    pass_time: TimeMachine,
    device_of: DeviceOf,
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
) -> None:
    """Names, cameras and user-defined events are managed in XProtect."""
    world = simulator.world
    renamed, disabled = world.cameras[:2]
    made = world.add_user_defined_event("Feed the fish")
    world.rename(renamed, "Pond")
    world.disable(disabled)

    def button() -> str | None:
        return entity_registry.async_get_entity_id(
            Platform.BUTTON, DOMAIN, f"{world.site.id}_{made.id}_trigger"
        )

    def is_unavailable(entity_id: str | None) -> bool:
        state = hass.states.get(entity_id or "")
        return state is not None and state.state == "unavailable"

    for _ in range(3):
        await pass_time(3)
    await until(lambda: button() is not None)
    assert device_of(renamed).name == "Pond"
    assert device_of(disabled).name == disabled.name
    world.remove(made)
    for _ in range(3):
        await pass_time(3)
    await until(lambda: is_unavailable(button()))
