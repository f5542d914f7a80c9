"""The address of a recorder for which the user has entered one."""

import pytest
from yarl import URL

from custom_components.xprotect_events.picture_factory import places_of

NAMED = ("https://recorder.example:7563/",)


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ("", [("https://recorder.example:7563/", None)]),
        (
            "192.0.2.7",
            [
                ("https://192.0.2.7:7563/", None),
                ("https://192.0.2.7:7563/", "recorder.example"),
            ],
        ),
        (
            "https://192.0.2.7:8000",
            [
                ("https://192.0.2.7:8000/", None),
                ("https://192.0.2.7:8000/", "recorder.example"),
            ],
        ),
        ("http://192.0.2.7", [("http://192.0.2.7:7563/", None)]),
        ("https://[nonsense", []),
    ],
)
def test_missing_parts_of_an_address_come_from_xprotect(
    entered: str, expected: list[tuple[str, str | None]]
) -> None:
    """Most users enter the machine's IP address and nothing else."""
    assert places_of(NAMED, entered) == [(URL(url), name) for url, name in expected]
