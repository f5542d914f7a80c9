"""The data for the device registry about the devices of a site."""

from typing import TypedDict

from .api import Hardware, RecordingServer, Thing

MANUFACTURER = "Milestone"


class DeviceFacts(TypedDict, total=False):
    """Arguments of the device registry."""

    configuration_url: str | None
    manufacturer: str
    model: str | None
    name: str
    sw_version: str | None


def device_facts(item: Thing, unit: Hardware | None) -> DeviceFacts:
    """Describe a device; `unit` is the hardware of a camera or the like."""
    match item:
        case RecordingServer():
            return {
                "manufacturer": MANUFACTURER,
                "model": "XProtect recording server",
                "name": item.name,
                "sw_version": item.version,
            }
        case Hardware():
            return {
                "model": item.model,
                "name": item.name,
                "configuration_url": item.web_address,
            }
        case _:
            return {
                "model": unit.model if unit else None,
                "name": item.name,
                "configuration_url": unit.web_address if unit else None,
            }
