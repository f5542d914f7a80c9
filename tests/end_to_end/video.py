"""Video on a page: opens a camera's dialog, and reads the pictures that it shows."""

import asyncio
from datetime import UTC, datetime
import json
from typing import Any

from playwright.async_api import Locator, Page, expect

from .house import PATIENCE
from .person import Person

_FIFTHS = 5

# Opens the dialog of an entity.
_OPEN = """entityId => document.querySelector('home-assistant').dispatchEvent(
    new CustomEvent('hass-more-info', {detail: {entityId}}))"""

# Closes the dialog that is open, as the browser's button does.
_CLOSE = "() => { if (history.state?.dialog) history.back(); }"

# Waits for so many new pictures; returns the moments that the squares in the corner of
# the first and the last one say, in fifths of a second. Returns `null` when the page
# has replaced the video, of which no picture would come any more.
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
    const check = () => video.isConnected ? setTimeout(check, 100) : done(null);
    check();
})"""

# Returns the state of a player, its connection, and what arrived.
_LOOK = """async players => {
    const [player] = players;
    const video = player?.shadowRoot?.querySelector('video');
    const connection = player?._peerConnection;
    const wanted = ['transport', 'inbound-rtp', 'candidate-pair', 'remote-candidate'];
    const stats = connection ? [...(await connection.getStats()).values()] : [];
    return {
        players: players.length,
        error: player?._error?.message,
        video: video && [video.readyState, video.paused, video.videoWidth],
        connection: connection && [
            connection.signalingState, connection.iceConnectionState,
            connection.connectionState,
        ],
        offered: connection?.remoteDescription?.sdp.match(/^a=candidate:.*$/mg),
        stats: stats.filter(one => wanted.includes(one.type)).map(one =>
            JSON.stringify(one)),
    };
}"""


def dialog(page: Page) -> Locator:
    """Find the content of a camera's dialog."""
    return page.locator("ha-more-info-dialog ha-web-rtc-player")


async def open_dialog(page: Page, entity_id: str) -> Locator:
    """Open the dialog of an entity, again if it is open."""
    # Until then nothing in the page takes the event.
    await page.locator("home-assistant-main").wait_for()
    await page.evaluate(_CLOSE)
    # Going back later would close the next dialog.
    await page.wait_for_function("() => !history.state?.dialog")
    await expect(dialog(page)).to_have_count(0)
    await page.evaluate(_OPEN, entity_id)
    return dialog(page)


async def moments(person: Person, shown: Locator) -> tuple[datetime, datetime]:
    """Wait until the picture has changed; return the moments before and after."""
    try:
        async with asyncio.timeout(PATIENCE):
            seen = None
            # A busy page may replace the video of a dialog that was just opened.
            while seen is None:
                seen = await shown.locator("video").evaluate(_WATCH, 4, timeout=0)
    except TimeoutError as err:
        known = json.dumps(await _known(person, shown), indent=1)
        raise AssertionError(f"No moving picture. What is known:\n{known}") from err
    first, last = seen
    assert last > first
    before, after = (
        datetime.fromtimestamp(one / _FIFTHS, UTC) for one in (first, last)
    )
    return before, after


async def _known(person: Person, shown: Locator) -> dict[str, Any]:
    """Return what page and simulator know of a video that does not play."""
    return {
        "page": await shown.evaluate_all(_LOOK),
        "errors": list(person.errors),
        "simulator": await person.house.ask_simulator("video"),
        "faults": (await person.house.ask_simulator("faults"))["enabled"],
    }
