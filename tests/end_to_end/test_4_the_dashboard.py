"""The demo's own page, on a small screen, a large one and a phone."""

from playwright.async_api import expect
import pytest

from demo.dashboard import URL_PATH
from demo.entry import ALL_ON, choose
from demo.performance import lay_out
from xprotect_simulator import event_ids

from .house import House, camera, output
from .person import Person
from .test_3_with_pictures import expect_picture
from .video import dialog, moments
from .widths import at_every_width

# So that tests need not wait until an outage counts as one.
TWO_MINUTES_LATER = "clock_skew:120"
# Answers are slow, so that the catch-up is visible.
SLOW = "slow:2:path=/api/rest/v1/events*"


async def test_nothing_is_cut_and_the_outage_is_in_sight(
    person: Person, house: House, entry_id: str
) -> None:
    """It is the first page that users of the demo see."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    entities = await house.home_assistant.entities(entry_id)
    await lay_out(house.home_assistant, entities, house.settings.folder)
    page = person.page
    board = page.locator("ha-panel-lovelace")
    async with house.watched(entry_id, entities):
        await person.open(f"/{URL_PATH}")
        await house.happen(event_ids.MOTION_STARTED, camera(0))
        events = page.locator("xprotect-last-events")
        await person.sees("Motion Started", events)
        await expect_picture(events.locator("img").first)
        cause = await person.sees("Cause an outage")
        live = page.locator("hui-picture-entity-card").first
        await moments(person, live.locator("ha-web-rtc-player"))
        await at_every_width(person, "dashboard", board, cause, pictures=[live])
        numbers = await house.until_proven(happened=1)
        assert numbers["arrived"] == 1
        assert numbers["lost"] == 0


async def test_an_outage_is_watched_from_its_beginning_to_its_end(
    person: Person, house: House, entry_id: str
) -> None:
    """The missing events, the next attempt, and that nothing is lost."""
    entities = await house.home_assistant.entities(entry_id)
    page = person.page
    board = page.locator("ha-panel-lovelace")
    delivery = page.locator("hui-tile-card", has_text="Delivery").first
    async with house.watched(entry_id, entities):
        await person.open(f"/{URL_PATH}")
        await house.until_proven(happened=0)
        await page.locator("hui-tile-card", has_text="Cause an outage").click()
        await expect(delivery).to_contain_text("Down")
        await house.happen(event_ids.MOTION_STARTED, camera(1))
        await house.control_simulator("faults", fault=TWO_MINUTES_LATER)
        await house.happen(event_ids.MOTION_STARTED, camera(2))
        waiting = await person.sees("2 waiting. Home Assistant asks again", board)
        end = page.locator("hui-tile-card", has_text="End the outage now")
        ask = page.locator("hui-tile-card", has_text="Ask again now")
        await expect(board.get_by_text("None: None")).to_have_count(0)
        await at_every_width(person, "outage", board, delivery, waiting, end, ask)
        await house.control_simulator("faults", fault=SLOW)
        await end.click()
        await expect(delivery).to_contain_text("Catching up")
        await at_every_width(person, "catching up", board, delivery)
        await house.clear_faults("slow")
        await expect(delivery).to_contain_text("Push")
        missed = await person.sees("Last missed events", board)
        numbers = await house.until_proven(happened=2)
        # The view that ended with the outage starts again.
        live = page.locator("hui-picture-entity-card").first
        await moments(person, live.locator("ha-web-rtc-player"))
        await at_every_width(person, "after the outage", board, delivery, missed)
        assert numbers["lost"] == 0
        assert (numbers["arrived"], numbers["missed"]) == (1, 1)


@pytest.mark.parametrize(("number", "name"), [(0, "Siren"), (1, "Gate opener")])
async def test_gate_and_siren_are_switched_in_xprotect(
    person: Person, house: House, entry_id: str, number: int, name: str
) -> None:
    """By a tap on the page; the tile shows the state that the recorder reports."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    entities = await house.home_assistant.entities(entry_id)
    await lay_out(house.home_assistant, entities, house.settings.folder)
    switch = f"switch.{name.lower().replace(' ', '_')}_switch"
    await house.happen(event_ids.OUTPUT_DEACTIVATED, output(number))
    await house.until_state(switch, "off")
    await person.open(f"/{URL_PATH}")
    tile = person.page.locator("hui-tile-card", has_text=name).first
    for state, reported in (
        ("on", event_ids.OUTPUT_ACTIVATED),
        ("off", event_ids.OUTPUT_DEACTIVATED),
    ):
        await tile.click()
        await house.until_state(switch, state)
        assert (await house.happened(output(number)))[-1] == reported
    await person.picture(f"dashboard {name} switched")


async def test_the_live_picture_moves_and_can_be_opened(
    person: Person, house: House, entry_id: str
) -> None:
    """The card is the first thing that visitors ask for."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    entities = await house.home_assistant.entities(entry_id)
    await lay_out(house.home_assistant, entities, house.settings.folder)
    await person.open(f"/{URL_PATH}")
    card = person.page.locator("hui-picture-entity-card").first
    await moments(person, card.locator("ha-web-rtc-player"))
    await card.click()
    shown = dialog(person.page)
    await moments(person, shown)
    await person.picture("dashboard live")


async def test_an_alarm_is_seen_and_acknowledged(
    person: Person, house: House, entry_id: str
) -> None:
    """By a tap on the page; XProtect has it in progress then."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    names = ("Fence climbed", "Gate forced")
    for name in names:
        await house.control_simulator("alarms", name=name, source="Front door")

    async def are_listed() -> bool:
        states = await house.ask("get_states")
        lists = [one["attributes"].get("alarms") or [] for one in states]
        return any({*names} <= {one["name"] for one in listed} for listed in lists)

    await house.until(are_listed)
    entities = await house.home_assistant.entities(entry_id)
    await lay_out(house.home_assistant, entities, house.settings.folder)
    await person.open(f"/{URL_PATH}")
    card = person.page.locator("hui-markdown-card", has_text="Gate forced")
    await expect(card.locator("tr", has_text="Gate forced")).to_contain_text("New")
    tile = person.page.locator("hui-tile-card", has_text="Acknowledge the newest")
    await tile.click()
    shown = card.locator("tr", has_text="Gate forced")
    await expect(shown).to_contain_text("In progress")
    await expect(card.locator("tr", has_text="Fence climbed")).to_contain_text("New")
    rows = (await house.ask_simulator("alarms"))["alarms"]
    states = {one["name"]: one["state"]["name"] for one in rows}
    assert [states[name] for name in names] == ["New", "In progress"]
    await person.picture("dashboard alarm acknowledged")


async def test_changes_of_the_user_survive_a_start_of_the_demo(
    house: House, entry_id: str
) -> None:
    """A start must not overwrite them."""
    entities = await house.home_assistant.entities(entry_id)
    folder = house.settings.folder
    await lay_out(house.home_assistant, entities, folder)
    theirs = {"views": [{"title": "Mine", "cards": []}]}
    await house.ask("lovelace/config/save", url_path=URL_PATH, config=theirs)
    await lay_out(house.home_assistant, entities, folder)
    assert await house.ask("lovelace/config", url_path=URL_PATH) == theirs
