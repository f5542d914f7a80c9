"""The form for recorders: its fields, and converting rows to options."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.helpers.selector import (
    BooleanSelector,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
import probatio as vol

from .api import RecordingServer
from .const import (
    CONF_PICTURES,
    CONF_RECORDER_ADDRESSES,
    CONF_RECORDER_CERTIFICATES,
    PICTURES_RECORDERS,
)
from .option_choices import Named, choices
from .picture_factory import read_recorder_address

CONF_RECORDERS = "recorders"
CONF_SAVE_ANYWAY = "save_anyway"
RECORDER = "recorder"
ADDRESS = "address"
CERTIFICATE = "certificate"


class InvalidRecorderAddressError(Exception):
    """The text entered for a recorder is not an address."""


def picture_schema(
    options: Mapping[str, Any], servers: Iterable[RecordingServer]
) -> vol.Schema:
    """Return the fields of the form for these options."""
    fields: dict[vol.Marker, object] = {}
    if options[CONF_PICTURES] == PICTURES_RECORDERS:
        existing = {one.id: Named(name=one.name) for one in servers}
        recorders = choices(existing, _stored(options))
        fields[vol.Optional(CONF_RECORDERS, default=[])] = _rows(recorders)
    fields[vol.Required(CONF_SAVE_ANYWAY, default=False)] = BooleanSelector()
    return vol.Schema(fields)


def to_rows(options: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows of the form for these options."""
    addresses = options.get(CONF_RECORDER_ADDRESSES, {})
    certificates = options.get(CONF_RECORDER_CERTIFICATES, {})
    rows = []
    for recorder_id in _stored(options):
        row = {
            RECORDER: recorder_id,
            ADDRESS: addresses.get(recorder_id, ""),
            CERTIFICATE: certificates.get(recorder_id, ""),
        }
        rows.append({name: value for name, value in row.items() if value})
    return rows


def from_rows(rows: Iterable[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the options for these rows of the form.

    Raises `InvalidRecorderAddressError`.
    """
    addresses: dict[str, str] = {}
    certificates: dict[str, str] = {}
    for row in rows:
        address = row.get(ADDRESS, "").strip()
        certificate = row.get(CERTIFICATE, "").strip()
        if address:
            if read_recorder_address(address, None) is None:
                raise InvalidRecorderAddressError
            addresses[row[RECORDER]] = address
        if certificate:
            certificates[row[RECORDER]] = certificate
    return {
        CONF_RECORDER_ADDRESSES: addresses,
        CONF_RECORDER_CERTIFICATES: certificates,
    }


def _stored(options: Mapping[str, Any]) -> dict[str, None]:
    """Return the ids of the recorders with settings, also of those that are gone."""
    keys = (CONF_RECORDER_ADDRESSES, CONF_RECORDER_CERTIFICATES)
    return dict.fromkeys(one for key in keys for one in options.get(key, ()))


def _rows(recorders: list[SelectOptionDict]) -> ObjectSelector:
    return ObjectSelector(
        ObjectSelectorConfig(
            fields={
                RECORDER: {
                    "required": True,
                    "selector": SelectSelector(
                        SelectSelectorConfig(
                            options=recorders, mode=SelectSelectorMode.DROPDOWN
                        )
                    ),
                },
                ADDRESS: {"selector": TextSelector()},
                CERTIFICATE: {
                    "selector": TextSelector(TextSelectorConfig(multiline=True))
                },
            },
            multiple=True,
            label_field=RECORDER,
            description_field=ADDRESS,
            translation_key=CONF_RECORDERS,
        )
    )
