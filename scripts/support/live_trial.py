"""Try the live view of one camera, and print each step without private data."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import getpass
import time

import aiohttp
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from aiortc.sdp import candidate_from_sdp

from custom_components.xprotect_events.api import (
    ApiError,
    Authentication,
    Credentials,
    VideoSession,
    XProtectClient,
    parse_address,
)
from custom_components.xprotect_events.engine.webrtc import (
    Answers,
    OfferError,
    answer_offers,
)

# Seconds until the first picture; a browser takes one or two.
PATIENCE = 20.0
# Pictures that prove that the video continues.
PICTURES = 25


class TrialError(Exception):
    """A step has failed, for the reason in one sentence without private data."""


def main() -> int:
    """Ask for the user, and print one line for each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--camera")
    parser.add_argument("--windows", action="store_true")
    parser.add_argument("--insecure", action="store_true")
    options = parser.parse_args()
    username = getpass.getpass("XProtect user (not shown): ")
    password = getpass.getpass("Password (not shown): ")
    kind = Authentication.WINDOWS if options.windows else Authentication.BASIC
    user = Credentials(username=username, password=password, authentication=kind)
    try:
        asyncio.run(try_live(options, user))
    except (ApiError, OfferError, TrialError) as err:
        # Without the server's text, which may contain private data.
        reason = err.text if isinstance(err, ApiError) else str(err)
        print(f"FAILED: {reason} [{type(err).__name__}]")
        return 1
    return 0


async def try_live(options: argparse.Namespace, user: Credentials) -> None:
    """Sign in and receive video. Raises `ApiError`, `OfferError` or `TrialError`."""
    async with aiohttp.ClientSession() as session:
        client = XProtectClient(
            session, parse_address(options.address), user, tls=not options.insecure
        )
        (site, *_) = await client.configuration.sites()
        print(f"signed in: XProtect {site.version or 'of an unknown version'}")
        cameras = [one for one in await client.configuration.cameras() if one.enabled]
        print(f"cameras: {len(cameras)}")
        wanted = (options.camera or "").casefold()
        found = [one for one in cameras if wanted in one.name.casefold()]
        if not found:
            raise TrialError("No such camera is visible to this user.")
        video = await client.video.open(found[0].id)
        print("offer of the gateway:", describe(video.offer))
        try:
            async with viewer() as (connection, first, count):
                await look(client, connection, video)
                await follow(first, count)
        finally:
            await client.video.close(video)
    print("the live view works: please report it with these lines")


async def look(
    client: XProtectClient, connection: RTCPeerConnection, video: VideoSession
) -> None:
    """Connect both sides like the integration does."""
    await connection.setLocalDescription(await connection.createOffer())
    answers = answer_offers(connection.localDescription.sdp, video.offer)
    await client.video.answer(video, answers.for_server)
    print("answer: accepted by the gateway")
    await connection.setRemoteDescription(
        RTCSessionDescription(sdp=answers.for_browser, type="answer")
    )
    known = await _add_candidates(client, connection, video, answers)
    print(f"addresses found later: {known}")


async def _add_candidates(
    client: XProtectClient,
    connection: RTCPeerConnection,
    video: VideoSession,
    answers: Answers,
) -> int:
    fresh = answers.missing(await client.video.candidates(video))
    for line in fresh:
        candidate = candidate_from_sdp(line.removeprefix("candidate:"))
        candidate.sdpMid = answers.video_mid
        await connection.addIceCandidate(candidate)
    return len(fresh)


async def follow(first: asyncio.Event, count: Callable[[], int]) -> None:
    """Wait for pictures, and print how fast they arrive."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            await first.wait()
    except TimeoutError as err:
        raise TrialError("No picture arrived.") from err
    print(f"first picture after {time.monotonic() - began:.1f} s")
    began, before = time.monotonic(), count()
    try:
        async with asyncio.timeout(PATIENCE):
            while count() - before < PICTURES:  # noqa: ASYNC110 - a count
                await asyncio.sleep(0.1)
    except TimeoutError as err:
        raise TrialError("The video stopped after the first pictures.") from err
    rate = (count() - before) / (time.monotonic() - began)
    print(f"pictures a second: {rate:.1f}")


@asynccontextmanager
async def viewer() -> AsyncIterator[
    tuple[RTCPeerConnection, asyncio.Event, Callable[[], int]]
]:
    """Yield a peer that receives video, an event for the first picture, and a count."""
    connection = RTCPeerConnection()
    connection.addTransceiver("video", direction="recvonly")
    first, counted, tasks = asyncio.Event(), [0], []

    @connection.on("track")
    def watch(track: MediaStreamTrack) -> None:
        async def read() -> None:
            while True:
                await track.recv()
                counted[0] += 1
                first.set()

        tasks.append(asyncio.ensure_future(read()))

    try:
        yield connection, first, lambda: counted[0]
    finally:
        for task in tasks:
            task.cancel()
        await connection.close()


def describe(offer: str) -> str:
    """Return the content of an offer without private data."""
    lines = offer.splitlines()
    kinds = [line[2:].split()[0] for line in lines if line.startswith("m=")]
    codecs = sorted(
        {line.split(" ")[1] for line in lines if line.startswith("a=rtpmap:")}
    )
    addresses = sum(line.startswith("a=candidate:") for line in lines)
    return f"{', '.join(kinds)}; {', '.join(codecs)}; {addresses} addresses"


if __name__ == "__main__":
    raise SystemExit(main())
