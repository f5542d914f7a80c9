"""Faults that change the world or the identity provider while they are switched on."""

from .faults import FaultKind

STATE_FAULTS = (
    FaultKind(
        name="token_expires_early",
        doc="New tokens expire after VALUE seconds, whatever the answer says.",
        default="5",
        is_number=True,
    ),
    FaultKind(
        name="clock_skew",
        doc="The server's clock is wrong by VALUE seconds, also in Date headers.",
        default="7200",
        is_number=True,
        least=-1e9,
    ),
    FaultKind(
        name="late_stored",
        doc="Events are stored VALUE seconds after they happened.",
        default="30",
        is_number=True,
    ),
    FaultKind(
        name="unknown_type",
        doc="An event happens, once, whose type is not in /eventTypes.",
    ),
    FaultKind(
        name="disk_full",
        doc="The disk of the recorder VALUE (its name; default: the first) is full.",
    ),
    FaultKind(
        name="source_disappears",
        doc="The source VALUE (path; default: last camera) is not in the lists.",
    ),
)
