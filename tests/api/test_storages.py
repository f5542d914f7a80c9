"""Storages of recording servers, whose forms are not documented."""

import pytest

from custom_components.xprotect_events.api.storages import Storage, StorageStatus

ID = "1f0a8a3c-2a55-4d34-9a35-7f6c5b0f2d11"


@pytest.mark.parametrize("number", [True, "all", None, -1, 2**60, 1.5])
def test_an_invalid_size_is_unknown(number: object) -> None:
    """Unknown is better than wrong."""
    row = {"id": ID, "maxSize": number, "retainMinutes": number}
    storage = Storage.from_wire(row, "storages[0]")
    assert (storage.name, storage.size, storage.retention_minutes) == (ID, None, None)
    status = StorageStatus.from_wire({"usedSpace": number, "isAvailable": 1}, "status")
    assert (status.used, status.is_available) == (None, None)


def test_numbers_are_read() -> None:
    """In the forms of the server, with or without an envelope."""
    row = {"id": ID, "displayName": "Local", "maxSize": 1000, "retainMinutes": "60"}
    storage = Storage.from_wire(row, "storages[0]")
    assert (storage.name, storage.size, storage.retention_minutes) == (
        "Local",
        1000,
        60,
    )
    answer = {"data": {"usedSpace": 0, "isAvailable": True}}
    status = StorageStatus.from_wire(answer, "status")
    assert (status.used, status.is_available) == (0, True)
