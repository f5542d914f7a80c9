"""An automation and an action, made in the editors."""

from playwright.async_api import Locator, expect
import pytest

from xprotect_simulator import event_ids

from .house import House, camera, user_defined_event
from .person import Person
from .widths import at_every_width

pytestmark = pytest.mark.usefixtures("entry_id")

MESSAGE = "Somebody is in the garden"
GATE_MESSAGE = "The gate is open"
GARDEN = camera(2)


async def begin_automation(
    person: Person, place: str, words: str, event: str
) -> Locator:
    """Begin an automation with the event of a camera; return its settings."""
    await person.open("/config/automation/edit/new")
    await person.button("Add trigger").click()
    choice = person.page.locator("add-automation-element-dialog")
    await choice.locator("input").first.fill(f"{place} event")
    await choice.get_by_text(place, exact=True).first.click()
    await choice.get_by_text("Event received").click()
    settings = person.page.locator("ha-automation-sidebar")
    picker = settings.locator("ha-selector-state button").first
    await person.pick(picker, words, event)
    return settings


async def test_an_automation_made_in_the_editor_runs(
    person: Person, house: House
) -> None:
    """From the event entity of a camera, without YAML."""
    page = person.page
    settings = await begin_automation(person, "Garden", "Motion st", "Motion started")
    await at_every_width(person, "trigger", settings)
    await person.button("Add action").click()
    choice = page.locator("add-automation-element-dialog")
    await choice.locator("input").first.fill("create persistent notification")
    await choice.get_by_text("Create persistent notification").click()
    await expect(choice.locator("input")).to_have_count(0)
    await person.type_into(settings.locator("input[required]"), MESSAGE)
    await person.button("Save").click()
    name = page.locator("ha-dialog-automation-save")
    await name.locator("input").first.fill("Tell me who is in the garden")
    await person.button("Save", name).click()
    await page.wait_for_url(lambda url: not url.endswith("/new"))
    await person.picture("automation")
    await house.happen(event_ids.MOTION_STOPPED, GARDEN)
    await house.happen(event_ids.MOTION_STARTED, GARDEN)
    await page.get_by_text("Notifications", exact=True).first.click()
    await person.sees(MESSAGE, page.locator("notification-drawer"))


async def test_a_search_for_the_name_of_an_event_finds_its_entity(
    person: Person, house: House
) -> None:
    """Users know the name of the event in XProtect."""
    page = person.page
    await person.open("/config/automation/edit/new")
    await person.button("Add trigger").click()
    choice = page.locator("add-automation-element-dialog")
    await choice.locator("input").first.fill("Gate open")
    await expect(choice.get_by_text("Activate Gate open", exact=True)).to_be_visible()
    found = choice.get_by_text("Gate open", exact=True)
    await at_every_width(person, "gate open found", found, found)
    await choice.get_by_text("Gate open", exact=True).click()
    await choice.get_by_text("Event received").click()
    settings = page.locator("ha-automation-sidebar")
    picker = settings.locator("ha-selector-state button").first
    await person.pick(picker, "Gate", "Gate open")
    await person.button("Add action").click()
    await choice.locator("input").first.fill("create persistent notification")
    await choice.get_by_text("Create persistent notification").click()
    await expect(choice.locator("input")).to_have_count(0)
    await person.type_into(settings.locator("input[required]"), GATE_MESSAGE)
    await person.button("Save").click()
    name = page.locator("ha-dialog-automation-save")
    await name.locator("input").first.fill("Tell me of the gate")
    await person.button("Save", name).click()
    await page.wait_for_url(lambda url: not url.endswith("/new"))
    await house.happen(user_defined_event("Gate open"))
    await page.get_by_text("Notifications", exact=True).first.click()
    await person.sees(GATE_MESSAGE, page.locator("notification-drawer"))


async def test_an_event_is_triggered_by_an_automation(person: Person) -> None:
    """The editor offers the event by its name, and needs no site while there is one."""
    await person.open("/config/automation/edit/new")
    await person.button("Add action").click()
    choice = person.page.locator("add-automation-element-dialog")
    await choice.locator("input").first.fill("XProtect trigger event")
    await choice.get_by_text("Milestone XProtect Events: Trigger event").click()
    settings = person.page.locator("ha-automation-sidebar")
    event = settings.locator("ha-selector-select").first
    await person.pick(event.locator("button").first, "Gate", "Gate open")
    form = settings.locator("ha-service-control")
    await at_every_width(person, "action in an automation", form, event)


async def test_an_event_is_triggered_by_the_action_form(person: Person) -> None:
    """Event and device are chosen by name, and the answer is shown."""
    page = person.page
    await person.open("/config/tools/action")
    form = page.locator("ha-service-control")
    await person.pick(
        form.locator("ha-service-picker button").first, "trigger", "Trigger event"
    )
    rows = form.locator("ha-settings-row")
    event = form.locator("ha-selector-select").first
    await event.scroll_into_view_if_needed()
    await person.picture("action")
    await person.pick(event.locator("button").first, "Gate", "Gate open")
    await rows.filter(has_text="Devices").locator("ha-checkbox").click()
    await person.pick(
        form.locator("ha-device-picker button").first, "Driveway", "Driveway"
    )
    await person.picture("action filled in")
    await person.button("Perform action").click()
    answer = await person.sees("Response")
    await answer.scroll_into_view_if_needed()
    await person.sees("event_id")
    await person.sees("202")
