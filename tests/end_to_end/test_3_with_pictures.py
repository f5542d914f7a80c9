"""Pictures in the browser: entities, cards, media browser, notifications."""

from datetime import UTC, datetime

from playwright.async_api import Locator, expect

from demo.entry import ALL_ON, choose
from demo.settings import DOMAIN
from xprotect_simulator import event_ids

from .house import House, camera
from .person import Person
from .phone import registered_phone
from .widths import at_every_width

FRONT_DOOR = camera(0)
IMAGE = "image.simulated_site_last_event_picture"

# Zero until a valid picture has arrived.
WIDTH = "image => image.naturalWidth"
# The media browser draws its pictures as backgrounds.
THUMBNAIL_WIDTH = """async place => {
    const image = new Image();
    image.src = place.style.backgroundImage.slice(5, -2);
    await image.decode();
    return image.naturalWidth;
}"""
# Fetches as the app does, signed in.
FETCH = """async path => {
    const { hass } = document.querySelector("home-assistant");
    const answer = await hass.fetchWithAuth(path);
    return [answer.status, answer.headers.get("Content-Type")];
}"""


async def expect_picture(image: Locator) -> None:
    """Wait until an image is visible and not broken."""
    await expect(image).to_be_visible()
    await expect(image).to_have_js_property("complete", value=True)
    assert await image.evaluate(WIDTH) > 0


async def expect_thumbnail(place: Locator) -> None:
    """Wait until the media browser shows a picture there."""
    thumbnail = place.locator("ha-media-browser-thumbnail .image")
    await expect(thumbnail).to_be_visible()
    assert await thumbnail.evaluate(THUMBNAIL_WIDTH) > 0


async def test_the_picture_of_the_last_event_is_seen(
    person: Person, house: House, entry_id: str
) -> None:
    """On every page with the entity."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    await house.until_state("binary_sensor.simulated_site_connection", "on")
    await house.happen(event_ids.MOTION_STARTED, FRONT_DOOR)

    async def has_come() -> bool:
        attributes = (await house.state(IMAGE))["attributes"]
        return bool(attributes.get("source_name") == "Front door")

    await house.until(has_come)
    await person.open(f"/?more-info-entity-id={IMAGE}")
    shown = person.page.locator("ha-more-info-dialog img").first
    await expect_picture(shown)
    await at_every_width(person, "picture of the last event", shown, pictures=[shown])


async def test_a_card_shows_the_picture_of_one_event(
    person: Person, house: House
) -> None:
    """The card of the documentation; the page requests it, signed in."""
    path = (await house.state(IMAGE))["attributes"]["picture"]
    entry_id, event_id = path.split("/")[-2:]
    media = f"media-source://{DOMAIN}/{entry_id}/event/{event_id}"
    card = {"type": "picture", "image": {"media_content_id": media}}
    place = {"url_path": "one-picture"}
    await house.ask("lovelace/dashboards/create", title="One picture", **place)
    await house.ask(
        "lovelace/config/save", config={"views": [{"cards": [card]}]}, **place
    )
    await person.open("/one-picture")
    await expect_picture(person.page.locator("hui-picture-card img"))
    await person.picture("card with a picture")
    await house.ask("lovelace/dashboards/delete", dashboard_id="one_picture")


async def test_a_picture_is_found_in_the_media_browser(person: Person) -> None:
    """By camera and day, without any YAML."""
    page = person.page
    await person.open("/media-browser/browser")
    browser = page.locator("ha-media-player-browse")
    today = datetime.now(UTC).date().isoformat()
    for name in ("XProtect", "Front door", today):
        await browser.locator("ha-card", has_text=name).first.click()
    event = browser.locator("ha-card", has_text="Motion Started").first
    await expect_thumbnail(event)
    shown = event.locator("ha-media-browser-thumbnail")
    await at_every_width(person, "media browser", shown, event)
    await event.click()
    # With live view there is video beside it.
    large = page.locator("hui-dialog-web-browser-play-media img")
    picture = browser.locator("ha-card", has_text="Picture")
    await expect(large.or_(picture).first).to_be_visible()
    if await picture.count():
        await picture.click()
    await expect_picture(large)


async def test_a_notification_leads_to_the_picture(
    person: Person, house: House
) -> None:
    """All users read it, so the picture is requested by the one who opens it."""
    page = person.page
    await house.automate("event_notification", event_types=[event_ids.MOTION_STARTED])
    await person.open("/config/integrations/dashboard")
    await house.happen(event_ids.MOTION_STARTED, FRONT_DOOR)
    await page.get_by_text("Notifications", exact=True).first.click()
    drawer = page.locator("notification-drawer")
    item = drawer.locator("persistent-notification-item", has_text="Front door").first
    await person.sees("Motion Started at Front door", item)
    assert "authSig" not in await item.inner_html()
    link = item.get_by_text("Show the picture")
    await at_every_width(person, "notification", item, link)
    await link.click()
    browser = page.locator("ha-media-player-browse")
    await expect_thumbnail(browser.locator("ha-card").first)
    await person.sees("Front door, ", page.locator("ha-top-app-bar-fixed"))
    first = browser.locator("ha-card").first
    await at_every_width(person, "picture of a notification", browser, first)


async def test_a_notification_and_a_phone_show_the_picture_itself(
    person: Person, house: House
) -> None:
    """A phone fetches it signed in; in Home Assistant it needs a link of its own."""
    page = person.page
    name = "Ann's phone (new)"
    async with registered_phone(house, name) as phone:
        entity = "notify.ann_s_phone_new"
        await house.until_state(entity, "unknown")
        await house.automate(
            "event_notification",
            event_types=[event_ids.MOTION_STARTED],
            notify_entities=[entity],
            signed_link=True,
        )
        await house.happen(event_ids.MOTION_STARTED, camera(1))
        pushed = await phone.notification()
        # Later events are not for the phone.
        await house.forget("event_notification")
    assert pushed["title"] == "Driveway: Motion Started"
    found = await page.evaluate(FETCH, pushed["data"]["image"])
    assert found == [200, "image/jpeg"]
    await person.open(pushed["data"]["clickAction"])
    browser = page.locator("ha-media-player-browse")
    await expect_thumbnail(browser.locator("ha-card").first)
    await page.get_by_text("Notifications", exact=True).first.click()
    drawer = page.locator("notification-drawer")
    item = drawer.locator("persistent-notification-item", has_text="Driveway").first
    image = item.locator("img")
    await expect_picture(image)
    await at_every_width(person, "notification with its picture", item, image)
