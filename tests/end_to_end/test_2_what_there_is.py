"""The devices and entities of a site, and its events, on their pages."""

from playwright.async_api import Locator, expect
import pytest

from demo.settings import DOMAIN
from xprotect_simulator import event_ids

from .house import House, camera
from .person import Person
from .widths import at_every_width

pytestmark = pytest.mark.usefixtures("entry_id")

DEVICES = ("Simulated site", "Front door", "Driveway microphone", "Gate", "Siren")
BACK_YARD = camera(5)


async def open_device(person: Person, name: str) -> Locator:
    """Find a device in the table of devices and open its page."""
    await person.open(f"/config/devices/dashboard?historyBack=1&domain={DOMAIN}")
    table = person.page.locator("ha-data-table")
    await table.get_by_role("button", name=name, exact=True).click()
    page = person.page.locator("ha-config-device-page")
    await expect(page.locator("ha-device-entities-card").first).to_be_visible()
    return page


async def test_devices_are_called_as_in_xprotect(person: Person) -> None:
    """Users know their cameras by these names."""
    await person.open(f"/config/devices/dashboard?historyBack=1&domain={DOMAIN}")
    table = person.page.locator("ha-data-table")
    for name in DEVICES:
        await expect(table.get_by_text(name, exact=True).first).to_be_attached()
    row = table.get_by_role("button", name="Back yard", exact=True)
    await at_every_width(person, "devices", row, row)


async def test_the_page_of_a_camera_follows_what_happens(
    person: Person, house: House
) -> None:
    """Motion, recording and communication, and the last event."""
    page = await open_device(person, "Back yard")
    connection = person.text("entity.binary_sensor.communication.name")
    for name in ("Motion", "Recording", connection, "Camera event"):
        await person.sees(name, page)
    await person.sees("Clear", page)
    await house.happen(event_ids.MOTION_STARTED, BACK_YARD)
    await person.sees("Detected", page)
    await person.sees("Motion started", page)
    await at_every_width(person, "camera", page)


async def test_the_page_of_the_server_shows_how_events_arrive(person: Person) -> None:
    """Users look here first if something is missing."""
    page = await open_device(person, "Simulated site")
    for words in ("Connection", "Connected", "Delivery", "Push"):
        await person.sees(words, page)
    await at_every_width(person, "server", page)


async def test_the_history_of_motion_is_a_graph(person: Person, house: House) -> None:
    """With the words for motion, not on and off."""
    motion = "binary_sensor.back_yard_motion"
    await house.happen(event_ids.MOTION_STARTED, BACK_YARD)
    await house.until_state(motion, "on")
    await house.happen(event_ids.MOTION_STOPPED, BACK_YARD)
    await house.until_state(motion, "off")
    await person.open(f"/history?entity_id={motion}")
    await person.sees("Back yard")
    await expect(person.page.locator("state-history-chart-timeline")).to_be_visible()


async def test_the_logbook_has_sentences_about_events(
    person: Person, house: House
) -> None:
    """They show what happened where."""
    await house.happen(event_ids.MOTION_STARTED, BACK_YARD)
    await house.until_state("binary_sensor.back_yard_motion", "on")
    await person.open("/logbook")
    activity = person.page.locator("ha-panel-logbook")
    started = "entity.event.camera_event.state_attributes.event_type.state"
    await person.sees(person.text(f"{started}.motion_started"), activity)
    # The event has changed the motion sensor, which has no separate line.
    cause = activity.get_by_text(person.text("entity.event.camera_event.name"))
    await expect(cause.first).to_be_visible()
    await at_every_width(person, "activity", activity)
    await expect(activity.get_by_text("reported Motion Started")).to_have_count(0)


async def test_the_logbook_shows_a_motion_once(person: Person, house: House) -> None:
    """By the event, with its change after it."""
    await person.open("/logbook")
    # The newest is at the top.
    effect, event, before = (
        person.page.locator("ha-panel-logbook .entry").nth(place) for place in range(3)
    )
    await expect(effect).to_be_visible()
    await house.happen(event_ids.MOTION_STOPPED, BACK_YARD)
    await expect(effect).to_contain_text("Clear")
    await house.happen(event_ids.MOTION_STARTED, BACK_YARD)
    await expect(effect).to_contain_text("Detected")
    await expect(effect).to_contain_text("Camera event")
    await expect(event).to_contain_text("Motion started")
    await expect(event).not_to_contain_text("By ")
    await expect(before).to_contain_text("Clear")
