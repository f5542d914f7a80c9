"""A person who looks at a camera: live, and at what it recorded."""

from datetime import UTC, datetime

from playwright.async_api import Locator, Page, expect

from demo.entry import ALL_ON, choose
from xprotect_simulator import event_ids

from .house import House, camera
from .person import Person

BACK_YARD = "camera.back_yard"
FIFTHS = 5

# Manners of gateways with which the picture moves, and the words of those with none.
MANNERS = (
    "video_payload:96",
    "video_payload:99",
    "video_data_channel",
    "video_milliseconds",
    "video_no_conflicts:smallest",
    "video_no_conflicts:largest",
    "video_late_candidates",
)
REFUSALS = {
    "video_h265": "live_view_h265",
    "video_refused:400": "live_view_refused",
    "video_refused:403": "live_view_forbidden",
    "video_refused:404": "live_view_unsupported",
    "video_refused:502": "live_view_failed",
}

# Opens the dialog of an entity; `null` closes it.
_OPEN = """entityId => document.querySelector('home-assistant').dispatchEvent(
    new CustomEvent('hass-more-info', {detail: {entityId}}))"""

# Waits for so many new pictures; returns the moments that the squares in the corner of
# the first and the last one say, in fifths of a second.
_WATCH = """(video, count) => new Promise(done => {
    const canvas = document.createElement('canvas');
    const read = () => {
        [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
        const pen = canvas.getContext('2d');
        pen.drawImage(video, 0, 0);
        let number = 0;
        for (let place = 0; place < 40; place++) {
            const left = canvas.width - 4 * (40 - place) + 2;
            const [red] = pen.getImageData(left, canvas.height - 2, 1, 1).data;
            number = 2 * number + (red > 127 ? 1 : 0);
        }
        return number;
    };
    let first;
    const take = () => {
        first ??= read();
        if (--count > 0) video.requestVideoFrameCallback(take);
        else done([first, read()]);
    };
    video.requestVideoFrameCallback(take);
})"""


def dialog(page: Page) -> Locator:
    """Find what the dialog of a camera shows."""
    return page.locator("ha-more-info-dialog ha-web-rtc-player")


async def moments(shown: Locator) -> tuple[datetime, datetime]:
    """Wait until a picture has moved; return the moments before and after."""
    first, last = await shown.locator("video").evaluate(_WATCH, 4)
    assert last > first
    before, after = (datetime.fromtimestamp(one / FIFTHS, UTC) for one in (first, last))
    return before, after


async def open_dialog(page: Page, entity_id: str) -> Locator:
    """Open the dialog of an entity, anew if it is open."""
    await page.evaluate(_OPEN, None)
    await expect(dialog(page)).to_have_count(0)
    await page.evaluate(_OPEN, entity_id)
    return dialog(page)


async def test_the_dialog_of_a_camera_moves(
    person: Person, house: House, entry_id: str
) -> None:
    """It shows now, and each manner of a gateway makes no difference."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    await house.until_state(BACK_YARD, "idle")
    await person.open("/config/dashboard")
    for manner in (None, *MANNERS):
        if manner:
            await house.tell_simulator("faults", fault=manner)
        try:
            shown = await open_dialog(person.page, BACK_YARD)
            _, last = await moments(shown)
            assert abs((datetime.now(UTC) - last).total_seconds()) < 5, manner
        finally:
            await house.heal()
    await person.picture("live view")


async def test_the_dialog_says_why_there_is_no_picture(
    person: Person, house: House
) -> None:
    """In words of whoever looks, and what to do."""
    for fault, key in REFUSALS.items():
        await house.tell_simulator("faults", fault=fault)
        try:
            shown = await open_dialog(person.page, BACK_YARD)
            words = person.text(f"exceptions.{key}.message").partition("{")[0]
            await person.sees(words, shown)
        finally:
            await house.heal()
    await person.picture("no live view")


async def test_an_event_is_played_from_the_media_browser(
    person: Person, house: House
) -> None:
    """From its moment on."""
    happened = await house.happen(event_ids.MOTION_STARTED, camera(0))
    time = datetime.fromisoformat(happened["time"])
    await person.open("/media-browser/browser")
    browser = person.page.locator("ha-media-player-browse")
    day = time.date().isoformat()
    for name in ("XProtect", "Front door", day, "Motion Started", "Recorded video"):
        await browser.locator("ha-card", has_text=name).first.click()
    shown = dialog(person.page)
    first, _ = await moments(shown)
    assert 0 <= (first - time).total_seconds() < 5
    await person.picture("recorded video")
