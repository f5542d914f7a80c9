"""Draws a camera's picture of a moment, with camera and time in its comment."""

from dataclasses import dataclass
from functools import lru_cache
import io

from PIL import Image, ImageDraw, ImageFont

from ..times import parse, to_datetime, to_text
from . import scenery
from .scenery import Canvas, Color

# The size of a camera's sensor in pixels, which no picture exceeds.
SIZE = (1280, 720)

_QUALITY = 80
_COAT: tuple[Color, ...] = ((186, 64, 58), (52, 96, 160), (222, 170, 60))
# Seconds in which the person crosses the picture.
_CROSSING = 8.0
_TICKS_PER_SECOND = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The camera and the time in the comment of a JPEG."""

    camera_id: str
    ticks: int


def draw(
    camera_id: str, name: str, place: int, ticks: int, size: tuple[int, int] = SIZE
) -> bytes:
    """Return the JPEG of a camera's moment, at most of this size in pixels."""
    image = compose(name, place, ticks, size)
    comment = f"camera={camera_id} time={to_text(ticks)}"
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, comment=comment.encode())
    return file.getvalue()


def compose(name: str, place: int, ticks: int, size: tuple[int, int]) -> Image.Image:
    """Draw a camera's moment, at most of this size in pixels."""
    hour = to_datetime(ticks).hour
    image = _scene(place, hour, _fit(size)).copy()
    _draw_person(image, ticks, hour)
    _write(image, name, to_text(ticks)[:23].replace("T", "  ") + " UTC")
    return image


def read_stamp(jpeg: bytes) -> Stamp:
    """Return the stamp of a picture. Raises KeyError if this did not draw it."""
    with Image.open(io.BytesIO(jpeg)) as image:
        image.load()
        comment = image.info["comment"].decode()
    fields = dict(part.split("=", 1) for part in comment.split())
    return Stamp(camera_id=fields["camera"], ticks=parse(fields["time"]))


def _fit(wanted: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size that fits, with the sensor's aspect ratio."""
    share = min(1.0, wanted[0] / SIZE[0], wanted[1] / SIZE[1])
    return max(1, round(SIZE[0] * share)), max(1, round(SIZE[1] * share))


# Cached, because drawing a scene takes most of the time and it changes once an hour.
@lru_cache(maxsize=24)
def _scene(place: int, hour: int, size: tuple[int, int]) -> Image.Image:
    return scenery.draw(place, hour, size)


def _draw_person(image: Image.Image, ticks: int, hour: int) -> None:
    """Draw a walking person, whose place depends on the time."""
    seconds = ticks / _TICKS_PER_SECOND
    way = seconds % _CROSSING / _CROSSING
    is_dark = hour not in range(6, 20)
    canvas = Canvas(
        image=image, pen=ImageDraw.Draw(image), light=0.6 if is_dark else 1.0
    )
    coat = _COAT[int(seconds // _CROSSING) % len(_COAT)]
    x = 0.1 + way * 0.8
    stride = 0.012 if int(seconds * 4) % 2 else 0.004
    for leg in (-stride, stride):
        canvas.shape(
            [
                (x - 0.008, 0.78),
                (x + 0.008, 0.78),
                (x + leg + 0.006, 0.9),
                (x + leg - 0.006, 0.9),
            ],
            (54, 56, 66),
        )
    canvas.shape(
        [(x - 0.018, 0.62), (x + 0.018, 0.62), (x + 0.024, 0.8), (x - 0.024, 0.8)], coat
    )
    canvas.disc((x, 0.58), 0.032, (226, 184, 150))


def _write(image: Image.Image, name: str, time: str) -> None:
    """Write name and time into the picture, as cameras do."""
    size = max(8, image.height // 26)
    font = ImageFont.load_default(size)
    pen = ImageDraw.Draw(image)
    edge = size // 2
    for text, anchor, spot in (
        (name, "la", (edge, edge)),
        (time, "ld", (edge, image.height - edge)),
    ):
        pen.text(
            spot,
            text,
            font=font,
            anchor=anchor,
            fill=(255, 255, 255),
            stroke_width=max(1, size // 12),
            stroke_fill=(20, 20, 24),
        )
