"""The vendor's example of an event."""

from datetime import UTC, datetime

from custom_components.xprotect_events.api import (
    Event,
    Source,
)

GATE_OPEN = "481d4d6c-9156-4698-af7e-74b32f9e4359"

CAMERA = Source("cameras", "e028f597-c64b-4f27-bb8d-08f5cd768e1c")

DOCUMENTED = Event(
    id="5e6a4c06-b290-473d-80b5-8e0dffa1d3a6",
    type_id=GATE_OPEN,
    source=CAMERA,
    time=datetime(2023, 2, 28, 18, 10, 12, 478633, UTC),
    time_text="2023-02-28T18:10:12.4786334Z",
    local_id=4,
    datatype="none",
    tag="My custom tag",
    data=None,
)
