"""The demo's own page, on a small screen, a large one and a phone."""

from playwright.async_api import ViewportSize, expect
import pytest

from demo.dashboard import URL_PATH
from demo.entry import ALL_ON, choose
from demo.performance import lay_out
from xprotect_simulator import event_ids

from .house import House, camera, output
from .person import Person
from .test_3_with_pictures import expect_picture
from .test_3_with_video import dialog, moments

SIZES = {
    "small": ViewportSize(width=1280, height=900),
    "large": ViewportSize(width=1440, height=900),
    "phone": ViewportSize(width=390, height=844),
}

# Returns the texts that end in an ellipsis, and what is wider than the page.
_CUT = """() => {
    const found = [];
    const look = (root) => {
        for (const one of root.querySelectorAll('*')) {
            if (one.shadowRoot) look(one.shadowRoot);
            const style = getComputedStyle(one);
            const box = one.getBoundingClientRect();
            const text = document.createRange();
            text.selectNodeContents(one);
            const isCut = style.textOverflow === 'ellipsis'
                && text.getBoundingClientRect().width > box.width && box.width > 0;
            const isOutside = one.localName === 'hui-card' && box.width > 0
                && (box.left < 0 || box.right > innerWidth + 1);
            if (isCut || isOutside) found.push(one.localName + ': ' + one.textContent);
        }
    };
    look(document.querySelector('home-assistant').shadowRoot);
    return found;
}"""


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_is_cut_and_the_outage_is_in_sight(
    person: Person, house: House, entry_id: str, size: str
) -> None:
    """It is the first page that users of the demo see."""
    entities = await house.home_assistant.entities(entry_id)
    await lay_out(house.home_assistant, entities, house.settings.folder)
    before = person.page.viewport_size
    await person.page.set_viewport_size(SIZES[size])
    async with house.watched(entry_id, entities):
        await person.open(f"/{URL_PATH}")
        await house.happen(event_ids.MOTION_STARTED, camera(0))
        events = person.page.locator("xprotect-last-events")
        await person.sees("Motion Started", events)
        await expect_picture(events.locator("img").first)
        button = await person.sees("Cause an outage")
        await person.picture(f"dashboard {size}")
        box = await button.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= SIZES[size]["height"]
        assert await person.page.evaluate(_CUT) == []
        numbers = await house.until_proven(happened=1)
        assert numbers["arrived"] == 1
        assert numbers["lost"] == 0
    if before:
        await person.page.set_viewport_size(before)


@pytest.mark.parametrize(("number", "name"), [(0, "Siren"), (1, "Gate opener")])
async def test_gate_and_siren_are_switched_and_heard_of_in_xprotect(
    person: Person, house: House, entry_id: str, number: int, name: str
) -> None:
    """By a tap on the page; the tile shows what the recorder reports of it."""
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


async def test_the_live_picture_moves_and_one_opens_it(
    person: Person, house: House, entry_id: str
) -> None:
    """The card is the first thing that visitors ask for."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    entities = await house.home_assistant.entities(entry_id)
    await lay_out(house.home_assistant, entities, house.settings.folder)
    await person.open(f"/{URL_PATH}")
    card = person.page.locator("hui-picture-entity-card").first
    await moments(card.locator("ha-web-rtc-player"))
    await card.click()
    shown = dialog(person.page)
    await moments(shown)
    await person.picture("dashboard live")


async def test_an_alarm_is_seen_and_acknowledged(
    person: Person, house: House, entry_id: str
) -> None:
    """By a tap on the page; XProtect has it in progress then."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    names = ("Fence climbed", "Gate forced")
    for name in names:
        await house.tell_simulator("alarms", name=name, source="Front door")

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
