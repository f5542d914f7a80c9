"""The vendor's own sample pages, unmodified, in a browser.

`XPROTECT_SAMPLES` names the folder of a copy of the public repository
mipsdk-samples-protocol; without it, or without a Chromium, the tests are skipped.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
import shutil

from playwright.async_api import Page, async_playwright, expect
import pytest

from xprotect_simulator import Options, Simulator, event_ids

FOLDER = Path(os.environ.get("XPROTECT_SAMPLES", "no folder is named"))
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# Some pages omit the port, others get an address with it.
SERVER = "http://gateway.example"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir() or not CHROMIUM,
    reason="XPROTECT_SAMPLES names no folder, or there is no Chromium",
)

# Waits for so many new pictures; returns their times in the video.
WATCH = """(video, count) => new Promise(done => {
    const times = [];
    const take = (_, picture) => {
        times.push(picture.mediaTime);
        if (times.length < count) video.requestVideoFrameCallback(take);
        else done(times);
    };
    video.requestVideoFrameCallback(take);
})"""


@pytest.fixture
def token_life() -> timedelta:
    """Return how long a token is valid."""
    return timedelta(hours=1)


@pytest.fixture
async def site(token_life: timedelta) -> AsyncIterator[Simulator]:
    """Serve a site whose gateway accepts pages of other origins."""
    async with Simulator(Options(token_life=token_life)) as running:
        running.faults.enable("cors")
        yield running


@pytest.fixture
async def page(site: Simulator) -> AsyncIterator[Page]:
    """Return a page that uses the simulator as the samples' server."""
    rule = f"MAP gateway.example 127.0.0.1:{site.port}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={rule}"],
        )
        opened = await browser.new_page()
        # One page loads a third-party script.
        await opened.route("https://**", lambda route: route.abort())
        yield opened
        await browser.close()


async def test_events_are_shown_as_they_happen(site: Simulator, page: Page) -> None:
    """EventsAndStateWebSocketJavaScript, also after its connection was lost."""
    await page.goto((FOLDER / "EventsAndStateWebSocketJavaScript/index.html").as_uri())
    await page.locator("#apigw").fill(SERVER)
    await page.locator("#username").fill("demo")
    await page.locator("#password").fill("demo")
    await page.locator("#connect").click()
    await expect(page.locator("#connectionStatus")).to_have_text("Connected")
    events = page.locator("#events")
    motion = site.world.emit(event_ids.MOTION_STARTED, site.world.cameras[0])
    shown = f"Source: {motion.source}\n    Type: {event_ids.MOTION_STARTED}"
    await page.wait_for_function("text => events.value.includes(text)", arg=shown)
    before = await events.input_value()
    site.sockets.drop_all()
    stopped = site.world.emit(event_ids.MOTION_STOPPED, site.world.cameras[1])
    shown = f"Source: {stopped.source}\n    Type: {event_ids.MOTION_STOPPED}"
    await page.wait_for_function("text => events.value.includes(text)", arg=shown)
    assert (await events.input_value()).endswith(before)


async def start_video(
    site: Simulator, page: Page, since: datetime | None = None
) -> None:
    """Open the vendor's WebRTC_JavaScript page, and let it show a camera."""
    await page.goto((FOLDER / "WebRTC_JavaScript/index.html").as_uri())
    fields = {
        "apiGatewayUrl": f"{SERVER}/api",
        "deviceId": site.world.cameras[0].id,
        "username": "demo",
        "password": "demo",
    }
    if since is not None:
        fields["playbackTime"] = since.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    for name, value in fields.items():
        await page.locator(f"#{name}").fill(value)
    await page.locator("#includeAudio").uncheck()
    await page.locator("#rest button", has_text="Start").click()


@pytest.mark.parametrize("minutes_ago", [0, 10])
async def test_video_moves(site: Simulator, page: Page, minutes_ago: int) -> None:
    """The vendor's WebRTC_JavaScript page shows live and recorded video."""
    site.faults.enable("video_milliseconds")
    since = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    await start_video(site, page, since if minutes_ago else None)
    times = await page.locator("#videoCtl").evaluate(WATCH, 4)
    assert times == sorted(set(times))
    assert site.video.opened == 1


# It renews a token a minute before its end.
@pytest.mark.parametrize("token_life", [timedelta(seconds=62)])
async def test_video_outlives_its_token(site: Simulator, page: Page) -> None:
    """The page renews it with its refresh token, without the password."""
    async with page.expect_console_message(lambda one: "token updated" in one.text):
        await start_video(site, page)
    assert site.video.renewed == 1
    assert len(site.login_attempts) == 1
