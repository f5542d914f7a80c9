"""Draws the scenes of the cameras, by day and by night."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

type Color = tuple[int, int, int]
type Point = tuple[float, float]

_DAY_SKY: tuple[Color, Color] = ((86, 150, 222), (226, 238, 246))
_NIGHT_SKY: tuple[Color, Color] = ((10, 16, 38), (46, 56, 84))
_DUSK_SKY: tuple[Color, Color] = ((70, 84, 150), (244, 170, 118))
_DUSK_HOURS = (6, 18, 19)
_DAY_HOURS = range(7, 18)

# The brightness of colours by night, and at dusk.
_NIGHT_LIGHT = 0.32
_DUSK_LIGHT = 0.72

# The height of the ground's upper edge, as a share of the picture.
_HORIZON = 0.56


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """Draws with coordinates as shares of width and height, in some brightness."""

    image: Image.Image
    pen: ImageDraw.ImageDraw
    light: float

    def color(self, color: Color) -> Color:
        """Return a colour in this brightness."""
        red, green, blue = (int(part * self.light) for part in color)
        # Dark colours become a little blue.
        return red, green, min(255, blue + int(18 * (1 - self.light)))

    def box(self, left: float, top: float, right: float, end: float, c: Color) -> None:
        """Fill a rectangle."""
        self.shape([(left, top), (right, top), (right, end), (left, end)], c)

    def shape(self, points: list[Point], color: Color) -> None:
        """Fill a polygon."""
        self.pen.polygon([self._at(point) for point in points], fill=self.color(color))

    def disc(self, center: Point, radius: float, color: Color) -> None:
        """Fill a circle; the radius is a share of the height."""
        x, y = self._at(center)
        size = radius * self.image.height
        self.pen.ellipse((x - size, y - size, x + size, y + size), self.color(color))

    def glow(self, center: Point, radius: float, color: Color) -> None:
        """Fill a circle at full brightness, such as the sun."""
        x, y = self._at(center)
        size = radius * self.image.height
        self.pen.ellipse((x - size, y - size, x + size, y + size), color)

    def _at(self, point: Point) -> Point:
        return point[0] * self.image.width, point[1] * self.image.height


def draw(place: int, hour: int, size: tuple[int, int]) -> Image.Image:
    """Return the scene of a place (any number) at an hour (UTC), without a person."""
    is_dusk, is_day = hour in _DUSK_HOURS, hour in _DAY_HOURS
    top, bottom = _DUSK_SKY if is_dusk else _DAY_SKY if is_day else _NIGHT_SKY
    light = _DUSK_LIGHT if is_dusk else 1.0 if is_day else _NIGHT_LIGHT
    image = _gradient(size, top, bottom)
    canvas = Canvas(image=image, pen=ImageDraw.Draw(image), light=light)
    if is_day:
        canvas.glow((0.14, 0.15), 0.06, (255, 244, 196))
    elif not is_dusk:
        canvas.glow((0.86, 0.14), 0.04, (232, 236, 244))
        for star in range(24):
            spot = (star * 0.617 % 1, star * star * 0.137 % 0.42)
            canvas.glow(spot, 0.003, (214, 222, 240))
    _SCENES[place % len(_SCENES)](canvas)
    return image


def _gradient(size: tuple[int, int], top: Color, bottom: Color) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(
        Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp
    )


def _ground(canvas: Canvas, color: Color) -> None:
    hills = [(0.0, 0.52), (0.22, 0.44), (0.5, 0.5), (0.78, 0.42), (1.0, 0.5)]
    canvas.shape([*hills, (1.0, 0.7), (0.0, 0.7)], (112, 148, 112))
    canvas.box(0, _HORIZON, 1, 1, color)


def _tree(canvas: Canvas, x: float, foot: float, height: float) -> None:
    canvas.box(x - 0.008, foot - height * 0.4, x + 0.008, foot, (104, 76, 52))
    for dx, dy, part in ((-0.03, 0.5, 0.22), (0.03, 0.5, 0.22), (0, 0.72, 0.28)):
        canvas.disc((x + dx, foot - height * dy), height * part, (62, 122, 66))


def _window(canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x, y, x + 0.1, y + 0.15, (236, 236, 232))
    canvas.box(x + 0.008, y + 0.014, x + 0.092, y + 0.136, (148, 186, 210))
    canvas.box(x + 0.046, y, x + 0.054, y + 0.15, (236, 236, 232))


def _front_door(canvas: Canvas) -> None:
    _ground(canvas, (126, 158, 104))
    canvas.box(0.18, 0.2, 0.9, 0.68, (206, 132, 96))
    canvas.shape([(0.14, 0.22), (0.54, 0.02), (0.94, 0.22)], (122, 62, 54))
    canvas.box(0.46, 0.36, 0.6, 0.68, (52, 84, 112))
    canvas.disc((0.585, 0.53), 0.012, (226, 196, 110))
    _window(canvas, 0.26, 0.36)
    _window(canvas, 0.7, 0.36)
    canvas.shape([(0.46, 0.68), (0.6, 0.68), (0.74, 1), (0.32, 1)], (188, 182, 170))
    _tree(canvas, 0.08, 0.74, 0.42)


def _driveway(canvas: Canvas) -> None:
    _ground(canvas, (130, 162, 106))
    canvas.shape([(0.4, 0.56), (0.54, 0.56), (0.92, 1), (0.1, 1)], (120, 122, 126))
    for step in range(5):
        y = 0.6 + step * 0.085
        width = 0.004 + step * 0.002
        canvas.box(0.48 - width, y, 0.48 + width, y + 0.035, (226, 226, 220))
    _tree(canvas, 0.2, 0.66, 0.34)
    _tree(canvas, 0.82, 0.7, 0.44)
    canvas.box(0.62, 0.44, 0.64, 0.6, (96, 98, 104))
    canvas.box(0.34, 0.44, 0.36, 0.6, (96, 98, 104))


def _garden(canvas: Canvas) -> None:
    _ground(canvas, (108, 160, 92))
    for step in range(26):
        x = step * 0.04
        canvas.box(x, 0.46, x + 0.028, 0.62, (196, 168, 128))
    canvas.box(0, 0.5, 1, 0.515, (176, 148, 110))
    for step in range(12):
        spot = (0.06 + step * 0.08, 0.72 + step % 3 * 0.05)
        canvas.disc(
            spot, 0.014, ((214, 84, 96), (236, 196, 84), (180, 110, 196))[step % 3]
        )
    _tree(canvas, 0.74, 0.78, 0.5)
    canvas.disc((0.3, 0.8), 0.09, (110, 170, 204))


def _terrace(canvas: Canvas) -> None:
    _ground(canvas, (116, 156, 100))
    canvas.shape([(0, 0.66), (1, 0.66), (1, 1), (0, 1)], (178, 142, 108))
    for step in range(9):
        y = 0.68 + step * 0.037
        canvas.box(0, y, 1, y + 0.005, (148, 114, 84))
    canvas.box(0.38, 0.68, 0.64, 0.71, (232, 226, 214))
    canvas.box(0.5, 0.34, 0.515, 0.84, (122, 116, 110))
    canvas.shape([(0.3, 0.38), (0.51, 0.22), (0.72, 0.38)], (206, 92, 84))
    canvas.box(0.26, 0.74, 0.34, 0.86, (92, 112, 128))
    canvas.box(0.68, 0.74, 0.76, 0.86, (92, 112, 128))


def _garage(canvas: Canvas) -> None:
    _ground(canvas, (150, 152, 150))
    canvas.box(0.16, 0.22, 0.84, 0.74, (214, 206, 192))
    canvas.box(0.12, 0.18, 0.88, 0.24, (92, 90, 92))
    canvas.box(0.28, 0.36, 0.72, 0.74, (168, 176, 184))
    for step in range(5):
        y = 0.42 + step * 0.065
        canvas.box(0.28, y, 0.72, y + 0.008, (136, 144, 152))
    canvas.shape([(0.28, 0.74), (0.72, 0.74), (0.9, 1), (0.1, 1)], (126, 128, 130))
    canvas.disc((0.77, 0.34), 0.018, (250, 226, 150))


def _back_yard(canvas: Canvas) -> None:
    _ground(canvas, (122, 164, 98))
    canvas.box(0.56, 0.34, 0.88, 0.66, (164, 104, 74))
    canvas.shape([(0.52, 0.36), (0.72, 0.2), (0.92, 0.36)], (86, 72, 70))
    canvas.box(0.67, 0.46, 0.77, 0.66, (104, 70, 52))
    canvas.shape([(0.67, 0.66), (0.77, 0.66), (0.5, 1), (0.26, 1)], (194, 186, 164))
    _tree(canvas, 0.16, 0.76, 0.52)
    _tree(canvas, 0.38, 0.64, 0.3)


_SCENES: tuple[Callable[[Canvas], None], ...] = (
    _front_door,
    _driveway,
    _garden,
    _terrace,
    _garage,
    _back_yard,
)
