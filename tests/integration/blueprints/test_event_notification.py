"""A notification with an event, its place and its time, once, also if missed."""

import asyncio
from datetime import timedelta

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.integration.blueprints.conftest import Automate, Calls
from tests.integration.conftest import DeviceOf
from tests.integration.lossless.scene import Scene
from tests.integration.lossless.troubles import server_stopped
from xprotect_simulator import StoredEvent, event_ids, times

MOTION = [event_ids.MOTION_STARTED]
PHONE = {"notify_entities": ["notify.phone"]}


def messages(calls: Calls) -> list[str]:
    """Return the messages on the phone, in order."""
    return [call.data["message"] for call in calls]


def local_time(event: StoredEvent) -> str:
    """Return the local time of an event."""
    local = dt_util.as_local(times.to_datetime(event.ticks))
    return local.strftime("%Y-%m-%d %H:%M:%S")


async def test_it_says_what_where_and_when_without_ids(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """A GUID on a phone is useless."""
    await automate("event_notification", event_types=MOTION, **PHONE)
    event = scene.emit()
    await scene.time.passes(3)
    (call,) = notified
    assert call.data["entity_id"] == ["notify.phone"]
    assert call.data["title"] == "Front door: Motion Started"
    text = f"Motion Started at Front door, {local_time(event)}."
    assert call.data["message"] == text


async def test_it_is_shown_in_home_assistant_under_the_id_of_the_event(
    hass: HomeAssistant, scene: Scene, automate: Automate
) -> None:
    """Users without a phone see it in Home Assistant."""
    await automate("event_notification", event_types=MOTION)
    event = scene.emit()
    await scene.time.passes(3)
    shown = persistent_notification._async_get_or_create_notifications(hass)
    assert list(shown) == [f"xprotect_events_{event.id}"]
    (notification,) = shown.values()
    assert notification["title"] == "Front door: Motion Started"
    text = f"Motion Started at Front door, {local_time(event)}."
    assert notification["message"] == text


async def test_events_of_an_outage_are_sent_as_missed_once_and_in_order(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """Events during a power cut matter most to users."""
    await automate("event_notification", event_types=MOTION, **PHONE)
    happened: list[StoredEvent] = []
    async with server_stopped(scene):
        for _ in range(60):
            happened.append(scene.emit())
            scene.emit()
            await scene.time.passes(10)
        assert not notified
        await scene.time.passes(60)
    await scene.time.passes(125)
    assert messages(notified) == [
        f"Motion Started at Front door, {local_time(event)}."
        " It was missed during an outage."
        for event in happened
    ]
    assert {call.data["title"] for call in notified} == {
        "Missed: Front door: Motion Started"
    }


async def test_a_slow_phone_loses_nothing_of_a_long_outage(
    hass: HomeAssistant, scene: Scene, automate: Automate
) -> None:
    """All events arrive at once, and each notification takes some time."""
    done: list[str] = []

    async def send(call: ServiceCall) -> None:
        await asyncio.sleep(5)
        done.append(call.data["message"])

    hass.services.async_register("notify", "send_message", send)
    await automate("event_notification", event_types=MOTION, **PHONE)
    async with server_stopped(scene):
        scene.emit(200)
        await scene.time.passes(120)
    # The next attempt comes within a minute.
    await scene.time.passes(70)
    assert 0 < len(done) < 20
    await scene.time.passes(500)
    assert len(done) == 100


async def test_missed_events_can_be_switched_off(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """For some uses only live events matter."""
    await automate("event_notification", event_types=MOTION, tell_missed=False, **PHONE)
    async with server_stopped(scene):
        scene.emit(2)
        await scene.time.passes(120)
    await scene.time.passes(125)
    assert scene.bus.missed
    assert not notified
    event = scene.emit()
    await scene.time.passes(3)
    (message,) = messages(notified)
    assert local_time(event) in message


@pytest.mark.parametrize(
    "chosen", ["licence PLATE read ", "by its id"], ids=["name", "GUID"]
)
async def test_types_of_the_site_s_own_are_chosen_by_name_or_id(
    scene: Scene, automate: Automate, notified: Calls, chosen: str
) -> None:
    """No fixed list can contain the names that users give to events."""
    world = scene.simulator.world
    plate = world.named("Licence plate read")
    chosen = plate.id.upper() if chosen == "by its id" else chosen
    await automate("event_notification", event_types=[chosen], **PHONE)
    event = world.emit(plate.id, world.cameras[1], tag="AB 48213")
    await scene.time.passes(3)
    (message,) = messages(notified)
    assert message == (
        f"Licence plate read at Driveway, {local_time(event)}. Tag: AB 48213."
    )


async def test_blanks_around_a_name_in_xprotect_do_not_matter(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """Blanks are invisible."""
    world = scene.simulator.world
    event = world.add_user_defined_event(" Gate open ")
    await scene.time.passes(10)
    await automate("event_notification", event_types=[" Gate open "], **PHONE)
    world.emit(event.id, event)
    await scene.time.passes(3)
    assert len(notified) == 1


async def test_a_user_defined_event_happens_at_the_server(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """Its source is the event itself, which has no place."""
    await automate("event_notification", event_types=["Gate open"], **PHONE)
    event = scene.simulator.world.emit(scene.simulator.world.named("Gate open").id)
    await scene.time.passes(3)
    text = f"Gate open at Simulated site, {local_time(event)}."
    assert messages(notified) == [text]


async def test_other_types_and_other_devices_send_no_message(
    scene: Scene, automate: Automate, notified: Calls, device_of: DeviceOf
) -> None:
    """Users switch off too many messages."""
    world = scene.simulator.world
    chosen, other = world.cameras[:2]
    await automate(
        "event_notification",
        event_types=MOTION,
        devices=[device_of(chosen).id],
        **PHONE,
    )
    world.emit(event_ids.MOTION_STARTED, other)
    world.emit(event_ids.RECORDING_STARTED, chosen)
    world.emit(world.named("Gate open").id)
    await scene.time.passes(3)
    assert len(scene.bus.events) >= 3
    assert not notified
    world.emit(event_ids.MOTION_STARTED, chosen)
    await scene.time.passes(3)
    assert len(notified) == 1


async def test_without_a_chosen_type_nothing_is_sent(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """An empty selection must not mean all events."""
    await automate("event_notification", event_types=[], **PHONE)
    scene.emit()
    await scene.time.passes(3)
    assert not notified


async def test_a_name_that_looks_like_a_template_is_not_evaluated(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """Names and tags come from others, and must not be evaluated."""
    await automate("event_notification", event_types=MOTION, **PHONE)
    scene.simulator.world.emit(
        event_ids.MOTION_STARTED, scene.camera, tag="{{ states | count }}"
    )
    await scene.time.passes(3)
    assert "Tag: {{ states | count }}." in messages(notified)[0]


async def test_more_actions_have_everything_about_the_event(
    hass: HomeAssistant, scene: Scene, automate: Automate
) -> None:
    """For example, a siren, a light, or a message in another language."""
    done = async_mock_service(hass, "test", "act")
    await automate(
        "event_notification",
        event_types=MOTION,
        title_text="{{ where }}?",
        more_actions=[
            {
                "action": "test.act",
                "data": {
                    "title": "{{ title }}",
                    "id": "{{ trigger.event.data.event_id }}",
                },
            }
        ],
    )
    event = scene.emit()
    await scene.time.passes(3)
    assert [call.data for call in done] == [{"title": "Front door?", "id": event.id}]


async def test_a_phone_that_fails_does_not_stop_other_actions(
    hass: HomeAssistant, scene: Scene, automate: Automate
) -> None:
    """Phones may be off, out of reach, or without the app."""
    async_mock_service(
        hass, "notify", "send_message", raise_exception=HomeAssistantError("Off.")
    )
    done = async_mock_service(hass, "test", "act")
    await automate(
        "event_notification",
        event_types=MOTION,
        more_actions=[{"action": "test.act"}],
        **PHONE,
    )
    scene.emit()
    await scene.time.passes(3)
    assert len(done) == 1


async def test_it_arrives_at_the_server_s_time_even_if_home_assistant_s_clock_is_wrong(
    scene: Scene, automate: Automate, notified: Calls
) -> None:
    """The text has XProtect's time, so the recording can be found."""
    await automate("event_notification", event_types=MOTION, **PHONE)
    scene.simulator.world.skew = timedelta(hours=5)
    event = scene.emit()
    await scene.time.passes(3)
    assert local_time(event) in messages(notified)[0]
