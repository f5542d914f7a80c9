"""The drawn pictures, each of which is different."""

from datetime import UTC, datetime, timedelta
import io

from PIL import Image
import pytest

from xprotect_simulator.recorders import picture
from xprotect_simulator.times import to_ticks

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def drawn(place: int, moment: datetime, size: tuple[int, int] = (320, 180)) -> bytes:
    """Return the picture of a camera named after its place."""
    name = f"Place {place}"
    return picture.draw(f"camera-{place}", name, place, to_ticks(moment), size)


def brightness(jpeg: bytes) -> float:
    """Return how bright a picture is, from 0 to 255."""
    with Image.open(io.BytesIO(jpeg)) as image:
        return sum(image.convert("L").resize((8, 8)).tobytes()) / 64


def test_each_place_looks_different() -> None:
    """Users see at once which camera it is; the seventh looks like the first."""
    assert len({drawn(place, NOON) for place in range(6)}) == 6
    assert drawn(6, NOON) != drawn(0, NOON)


def test_the_same_moment_is_the_same_picture() -> None:
    """Another moment gives another picture."""
    assert drawn(0, NOON) == drawn(0, NOON)
    assert drawn(0, NOON) != drawn(0, NOON + timedelta(seconds=1))


def test_it_is_dark_at_night() -> None:
    """By the time in the picture."""
    noon, evening, night = (
        brightness(drawn(1, NOON.replace(hour=hour))) for hour in (12, 18, 2)
    )
    assert noon > evening > night


@pytest.mark.parametrize(
    ("wanted", "size"),
    [((640, 640), (640, 360)), ((4000, 180), (320, 180)), ((9000, 9000), (1280, 720))],
)
def test_a_picture_fits_and_keeps_its_shape(
    wanted: tuple[int, int], size: tuple[int, int]
) -> None:
    """Pictures are not enlarged beyond the camera's own size."""
    with Image.open(io.BytesIO(drawn(0, NOON, wanted))) as image:
        assert image.size == size
