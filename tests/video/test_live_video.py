"""The video of a camera, from the simulator's offer to the pictures."""

from collections.abc import AsyncIterator
from datetime import timedelta
import time

import aiohttp
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    ApiError,
    Authentication,
    Credentials,
    NotFoundError,
    PermissionDeniedError,
    RejectedError,
    XProtectClient,
)
from custom_components.xprotect_events.engine.webrtc import (
    NoH264Error,
    Side,
    answer_offers,
)
from tests.video.viewer import Viewer
from xprotect_simulator import Options, Simulator


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """Return a quiet site on the real clock, by which pictures are sent."""
    async with Simulator(Options()) as simulator:
        yield simulator


class Monotonic:
    """The client's monotonic clock, which a test advances."""

    def __init__(self) -> None:
        self.seconds = time.monotonic()

    def __call__(self) -> float:
        """Return the seconds."""
        return self.seconds


@pytest.fixture
def monotonic() -> Monotonic:
    """Return the client's clock."""
    return Monotonic()


@pytest.fixture
async def client(sim: Simulator, monotonic: Monotonic) -> AsyncIterator[XProtectClient]:
    """Return a client of the site."""
    async with aiohttp.ClientSession() as session:
        yield XProtectClient(
            session,
            URL(sim.url),
            Credentials(
                username="demo", password="demo", authentication=Authentication.BASIC
            ),
            monotonic=monotonic,
        )


async def look(client: XProtectClient, camera_id: str, viewer: Viewer) -> None:
    """Connect a viewer to a camera."""
    session = await client.video.open(camera_id)
    answers = answer_offers(await viewer.offer(), session.offer)
    await viewer.answer(answers.for_browser)
    await client.video.answer(session, answers.for_server)


@pytest.mark.parametrize(
    "fault",
    [
        None,
        "video_payload:96",
        "video_payload:127",
        "video_data_channel:shared",
        "video_data_channel:own",
        "video_milliseconds",
        "video_no_conflicts:smallest",
        "video_no_conflicts:largest",
    ],
)
async def test_two_offers_become_a_picture(
    sim: Simulator, client: XProtectClient, fault: str | None
) -> None:
    """Nothing is converted between camera and viewer."""
    if fault:
        sim.faults.enable(fault)
    async with Viewer() as viewer:
        await look(client, sim.world.cameras[0].id, viewer)
        pictures = [await viewer.picture() for _ in range(3)]
    assert (pictures[0].width, pictures[0].height) == (640, 360)
    assert len({picture.pts for picture in pictures}) == 3
    assert len(sim.login_attempts) == 1


async def test_later_candidates_are_requested(
    sim: Simulator, client: XProtectClient
) -> None:
    """Gateways make their offer before they know all their addresses."""
    sim.faults.enable("video_late_candidates")
    camera = sim.world.cameras[0]
    async with Viewer() as viewer:
        session = await client.video.open(camera.id)
        assert "a=candidate" not in session.offer
        answers = answer_offers(await viewer.offer(), session.offer)
        await viewer.answer(answers.for_browser)
        await client.video.answer(session, answers.for_server)
        for line in answers.missing(await client.video.candidates(session)):
            await viewer.add_candidate(line, answers.video_mid)
        await viewer.picture()


async def test_ten_views_cause_one_sign_in(
    sim: Simulator, client: XProtectClient
) -> None:
    """Otherwise each view would be a line in the audit log."""
    for camera in sim.world.cameras[:5] * 2:
        await client.video.open(camera.id)
    assert len(sim.video) == 10
    assert len(sim.login_attempts) == 1


async def test_h265_is_an_error(sim: Simulator, client: XProtectClient) -> None:
    """The browser would show a black picture without a reason."""
    sim.faults.enable("video_h265")
    session = await client.video.open(sim.world.cameras[0].id)
    async with Viewer() as viewer:
        with pytest.raises(NoH264Error) as raised:
            answer_offers(await viewer.offer(), session.offer)
    assert raised.value.side is Side.SERVER


async def test_a_closed_session_is_deleted(
    sim: Simulator, client: XProtectClient
) -> None:
    """A gateway supports a limited number of sessions."""
    session = await client.video.open(sim.world.cameras[0].id)
    await client.video.close(session)
    assert len(sim.video) == 0
    with pytest.raises(NotFoundError):
        await client.video.candidates(session)


async def test_a_gateway_without_delete_is_supported(
    sim: Simulator, client: XProtectClient
) -> None:
    """Some answer 405, and end unused sessions by themselves."""
    sim.faults.enable("video_kept")
    session = await client.video.open(sim.world.cameras[0].id)
    await client.video.close(session)
    assert len(sim.video) == 1


async def test_a_session_gets_the_current_token(
    sim: Simulator, client: XProtectClient, monotonic: Monotonic
) -> None:
    """The gateway ends a session together with the token that opened it."""
    session = await client.video.open(sim.world.cameras[0].id)
    assert await client.video.renew_token(session) is session
    monotonic.seconds += 58 * 60
    renewed = await client.video.renew_token(session)
    assert renewed.token.access_token != session.token.access_token
    assert [request.method for request in sim.requests].count("PATCH") == 1
    assert len(sim.login_attempts) == 2


async def test_a_session_shows_neither_offer_nor_token(
    sim: Simulator, client: XProtectClient
) -> None:
    """Both would give access to the video."""
    session = await client.video.open(sim.world.cameras[0].id)
    assert session.token.access_token not in repr(session)
    assert "v=0" not in repr(session)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("video_refused:403", PermissionDeniedError),
        ("video_refused:404", NotFoundError),
        ("video_refused:400", RejectedError),
    ],
)
async def test_each_refusal_has_its_own_error(
    sim: Simulator, client: XProtectClient, fault: str, error: type[ApiError]
) -> None:
    """A missing right, a masked camera and an old gateway need different texts."""
    sim.faults.enable(fault)
    with pytest.raises(error):
        await client.video.open(sim.world.cameras[0].id)


async def test_recorded_video_begins_at_the_requested_moment(
    sim: Simulator, client: XProtectClient
) -> None:
    """An event is viewed from its moment on."""
    since = sim.clock.now() - timedelta(minutes=10)
    async with Viewer() as viewer:
        session = await client.video.open(sim.world.cameras[0].id, since=since)
        answers = answer_offers(await viewer.offer(), session.offer)
        await viewer.answer(answers.for_browser)
        await client.video.answer(session, answers.for_server)
        await viewer.picture()
