"""The video track of a camera, with a few drawn pictures per second."""

import asyncio
from collections.abc import Callable
from fractions import Fraction

from aiortc.mediastreams import MediaStreamTrack
from av import VideoFrame

from ..recorders import picture
from ..site.items import Item

# Small and slow, because the same machine encodes it.
_SIZE = (640, 360)
_PER_SECOND = 5
_CLOCK = 90_000
_MILLISECONDS = 1000


class Film(MediaStreamTrack):
    """A track of drawn pictures that contain the camera's name and the time."""

    kind = "video"

    def __init__(
        self,
        camera: Item,
        place: int,
        moment: Callable[[float], int | None],
        *,
        counts_milliseconds: bool,
        is_silent: bool,
    ) -> None:
        """Show a camera; `moment` returns the ticks after seconds since the start."""
        super().__init__()
        self._camera = camera
        self._place = place
        self._moment = moment
        self._rate = _MILLISECONDS if counts_milliseconds else _CLOCK
        self._is_silent = is_silent
        self._number = 0
        self._began: float | None = None

    async def recv(self) -> VideoFrame:
        """Return the next picture when it is due."""
        loop = asyncio.get_running_loop()
        if self._began is None:
            self._began = loop.time()
        if self._is_silent:
            await loop.create_future()
        seconds = self._number / _PER_SECOND
        await asyncio.sleep(max(0.0, self._began + seconds - loop.time()))
        ticks = self._moment(seconds)
        if ticks is None:
            # At the end of the recordings the last picture stays.
            await loop.create_future()
        frame: VideoFrame = VideoFrame.from_image(
            picture.compose(self._camera.name, self._place, ticks or 0, _SIZE)
        )
        # The sender counts 1/90,000 s; with the fault the values are milliseconds.
        frame.pts = round(seconds * self._rate)
        frame.time_base = Fraction(1, _CLOCK)
        self._number += 1
        return frame
