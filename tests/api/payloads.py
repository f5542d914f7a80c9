"""The payloads written from the vendor's documentation."""

import json
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fixtures" / "wire"

# The answer of a web server for an unknown path.
PAGE = (FOLDER / "service_unavailable.html").read_bytes()


def payload(name: str) -> object:
    """Return a payload, decoded."""
    decoded: object = json.loads(raw(name))
    return decoded


def raw(name: str) -> bytes:
    """Return a payload as it goes over the wire."""
    return (FOLDER / f"{name}.json").read_bytes()
