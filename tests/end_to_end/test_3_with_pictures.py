"""A person who sees what the cameras saw: on a dashboard, and in the media browser."""

from datetime import UTC, datetime

from playwright.async_api import Locator, expect

from demo.entry import choose
from xprotect_simulator import event_ids

from .house import House, camera
from .person import Person

FRONT_DOOR = camera(0)
IMAGE = "image.simulated_site_last_event_picture"

# Zero until the picture has arrived and is one.
WIDTH = "image => image.naturalWidth"


async def expect_picture(image: Locator) -> None:
    """Wait until an image is to be seen that is not broken."""
    await expect(image).to_be_visible()
    await expect(image).to_have_js_property("complete", value=True)
    assert await image.evaluate(WIDTH) > 0


async def test_the_picture_of_the_last_event_is_seen(
    person: Person, house: House, entry_id: str
) -> None:
    """Where anything of the entity is shown."""
    await choose(house.home_assistant, entry_id, {"pictures": "recorders"})
    await house.until_state("binary_sensor.simulated_site_connection_to_xprotect", "on")
    await house.happen(event_ids.MOTION_STARTED, FRONT_DOOR)

    async def has_come() -> bool:
        attributes = (await house.state(IMAGE))["attributes"]
        return bool(attributes.get("source_name") == "Front door")

    await house.until(has_come)
    await person.open(f"/?more-info-entity-id={IMAGE}")
    shown = person.page.locator("ha-more-info-dialog img").first
    await expect_picture(shown)
    await person.picture("picture of the last event")


async def test_a_picture_is_found_in_the_media_browser(person: Person) -> None:
    """By camera and day, without a word of YAML."""
    page = person.page
    await person.open("/media-browser/browser")
    browser = page.locator("ha-media-player-browse")
    today = datetime.now(UTC).date().isoformat()
    for name in ("XProtect", "Front door", today):
        await browser.locator("ha-card", has_text=name).first.click()
    event = browser.locator("ha-card", has_text="Motion Started").first
    await expect(event).to_be_visible()
    await person.picture("media browser")
