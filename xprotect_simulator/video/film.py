"""The video track of a camera, with a few drawn pictures per second."""

import asyncio
from fractions import Fraction

from aiortc.mediastreams import MediaStreamTrack
from av import VideoFrame
from PIL import Image, ImageDraw

from ..recorders import picture
from ..recorders.recordings import FRAME
from ..site.items import Item
from .playback import Moments

# Small and slow, because the same machine encodes it.
_SIZE = (640, 360)
_PER_SECOND = 5
_CLOCK = 90_000
_MILLISECONDS = 1000

# Squares in the lower right corner that programs read the moment from: fifths of a
# second since 1970 as a binary number, most significant bit first; white is 1.
_BITS = 40
_SQUARE = 4


class Film(MediaStreamTrack):
    """A track of drawn pictures that contain the camera's name and the time."""

    kind = "video"

    def __init__(
        self,
        camera: Item,
        place: int,
        moments: Moments,
        *,
        counts_milliseconds: bool,
        is_silent: bool,
    ) -> None:
        """Show a camera; `moments` returns what to show, by seconds since the start."""
        super().__init__()
        self._camera = camera
        self._place = place
        self._moments = moments
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
        shown = None
        while shown is None:
            seconds = self._number / _PER_SECOND
            self._number += 1
            await asyncio.sleep(max(0.0, self._began + seconds - loop.time()))
            shown = self._moments(seconds)
        image = picture.compose(self._camera.name, self._place, shown.ticks, _SIZE)
        _write_code(image, shown.ticks)
        frame: VideoFrame = VideoFrame.from_image(image)
        # The sender counts 1/90,000 s; with the fault the values are milliseconds.
        frame.pts = round(shown.seconds * self._rate)
        frame.time_base = Fraction(1, _CLOCK)
        return frame


def _write_code(image: Image.Image, ticks: int) -> None:
    pen = ImageDraw.Draw(image)
    number = ticks // FRAME
    top = image.height - _SQUARE
    for place in range(_BITS):
        left = image.width - _SQUARE * (_BITS - place)
        color = (255,) * 3 if number >> (_BITS - 1 - place) & 1 else (0,) * 3
        pen.rectangle((left, top, left + _SQUARE - 1, top + _SQUARE - 1), fill=color)
