"""A person who views a camera: live video, and recorded video of an event."""

from datetime import UTC, datetime

from playwright.async_api import expect
import pytest

from demo.entry import ALL_ON, choose
from xprotect_simulator import event_ids

from .house import House, camera
from .person import Person
from .video import dialog, moments, open_dialog

BACK_YARD = "camera.back_yard"

# Variants of gateways with video, and the texts of those without.
QUIRKS = (
    "video_payload:96",
    "video_payload:99",
    "video_data_channel:shared",
    "video_data_channel:own",
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
    "video_hangs:60": "live_view_failed",
}
# Causes that end a live view, and the texts in place of a frozen picture.
ENDS = {
    "killed": "live_view_ended",
    "token ended": "live_view_ended",
    "camera lost": "live_view_camera_lost",
    "server lost": "live_view_server_lost",
    "reloaded": "live_view_ended",
    "page reconnected": "live_view_ended",
}

# Ends the page's connection to Home Assistant, which reconnects.
_DISCONNECT = """() =>
    document.querySelector('home-assistant').hass.connection.socket.close()"""


async def test_the_dialog_of_a_camera_shows_live_video(
    person: Person, house: House, entry_id: str
) -> None:
    """It shows live video with every variant of a gateway."""
    await choose(house.home_assistant, entry_id, ALL_ON)
    await house.until_state(BACK_YARD, "idle")
    await person.open("/config/dashboard")
    for quirk in (None, *QUIRKS):
        if quirk:
            await house.control_simulator("faults", fault=quirk)
        try:
            shown = await open_dialog(person.page, BACK_YARD)
            _, last = await moments(person, shown)
            assert abs((datetime.now(UTC) - last).total_seconds()) < 5, quirk
        finally:
            await house.clear_faults()
    await person.picture("live view")


async def test_the_dialog_shows_why_there_is_no_picture(
    person: Person, house: House
) -> None:
    """In the language of the user, with advice."""
    for fault, key in REFUSALS.items():
        await house.control_simulator("faults", fault=fault)
        try:
            shown = await open_dialog(person.page, BACK_YARD)
            words = person.text(f"exceptions.{key}.message").partition("{")[0]
            await person.sees(words, shown)
        finally:
            await house.clear_faults()
    await person.picture("no live view")


@pytest.mark.parametrize("end", ENDS)
async def test_a_picture_that_would_freeze_is_closed(
    person: Person, house: House, entry_id: str, end: str
) -> None:
    """The dialog shows the reason, and plays again when it is opened again."""
    shown = await open_dialog(person.page, BACK_YARD)
    await moments(person, shown)
    try:
        if end == "page reconnected":
            await person.page.evaluate(_DISCONNECT)
        else:
            await cause(end, house, entry_id)
        words = person.text(f"exceptions.{ENDS[end]}.message").partition("{")[0]
        await person.sees(words, shown)
        await expect(shown.locator("video")).to_have_count(0)
        await person.picture(f"live view {end}")
    finally:
        await house.clear_faults()
        await house.happen(event_ids.COMMUNICATION_STARTED, camera(5))
    await house.until_state(BACK_YARD, "idle")
    await moments(person, await open_dialog(person.page, BACK_YARD))


async def cause(end: str, house: House, entry_id: str) -> None:
    """Cause the end of a view."""
    match end:
        case "killed":
            await house.control_simulator("faults", fault="video_killed")
        case "token ended":
            await house.control_simulator("revoke")
        case "camera lost":
            await house.happen(event_ids.COMMUNICATION_ERROR, camera(5))
        case "server lost":
            await house.control_simulator("faults", fault="event_server_down")
        case "reloaded":
            await house.reload(entry_id)


async def test_a_view_continues_with_the_next_token(
    person: Person, house: House
) -> None:
    """The gateway would end it together with the first one."""
    shown = await open_dialog(person.page, BACK_YARD)
    await moments(person, shown)
    before = await house.ask_simulator("video")
    # The next request makes Home Assistant sign in again.
    await house.control_simulator("faults", fault="unauthorized_once")

    async def is_renewed() -> bool:
        video = await house.ask_simulator("video")
        return bool(video["renewed"] > before["renewed"])

    await house.until(is_renewed)
    await moments(person, shown)
    assert (await house.ask_simulator("video"))["opened"] == before["opened"]


async def test_a_camera_that_sends_nothing_shows_nothing(
    person: Person, house: House
) -> None:
    """Only the browser knows; there is no old picture, and no error.

    When it is opened again, it shows the camera.
    """
    await house.control_simulator("faults", fault="video_silent")
    try:
        shown = await open_dialog(person.page, BACK_YARD)

        async def is_connected() -> bool:
            return "connected" in (await house.ask_simulator("video"))["states"]

        await house.until(is_connected)
        video = shown.locator("video")
        await expect(video).to_have_js_property("readyState", 0)
        await expect(video).to_have_js_property("videoWidth", 0)
        await person.picture("silent live view")
    finally:
        await house.clear_faults()
    await moments(person, await open_dialog(person.page, BACK_YARD))


async def test_an_event_is_played_from_the_media_browser(
    person: Person, house: House
) -> None:
    """From the event's moment on."""
    happened = await house.happen(event_ids.MOTION_STARTED, camera(0))
    time = datetime.fromisoformat(happened["time"])
    await person.open("/media-browser/browser")
    browser = person.page.locator("ha-media-player-browse")
    day = time.date().isoformat()
    for name in ("XProtect", "Front door", day, "Motion Started", "Recorded video"):
        await browser.locator("ha-card", has_text=name).first.click()
    shown = dialog(person.page)
    first, _ = await moments(person, shown)
    assert 0 <= (first - time).total_seconds() < 5
    await person.picture("recorded video")
