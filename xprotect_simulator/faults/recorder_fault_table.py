"""The faults of recorders and of their tokens.

`path` limits a fault to one recorder, for example `/recorder-02/*`.
"""

from .faults import FaultKind

RECORDER_FAULTS = (
    FaultKind(
        name="soap_login_forbidden",
        doc="The management server refuses tokens for recorders: VMO61008.",
    ),
    FaultKind(
        name="recorder_slow",
        doc="Answers of recorders are delayed by VALUE seconds.",
        default="20",
        is_number=True,
    ),
    FaultKind(
        name="recorder_reset",
        doc="Recorders reset the connection.",
    ),
    FaultKind(
        name="recorder_stale_token",
        doc="Recorders refuse a valid token as invalid (20001/2).",
        count=1,
    ),
    FaultKind(
        name="recorder_unsupported",
        doc="Recorders do not know the method (40000).",
    ),
    FaultKind(
        name="recorder_no_rights",
        doc="The user lacks the right on the camera: a `fault` or an `empty` answer.",
        default="fault",
        choices=("fault", "empty"),
    ),
    FaultKind(
        name="recorder_offline",
        doc="Cameras are offline: there is no live picture (`empty`) or an `old` one.",
        default="empty",
        choices=("empty", "old"),
    ),
    FaultKind(
        name="recorder_empty",
        doc="Answers contain no picture.",
    ),
    FaultKind(
        name="recorder_truncated",
        doc="The base64 text of the picture is cut.",
    ),
    FaultKind(
        name="recorder_huge",
        doc="Pictures have a size of 20 MB.",
    ),
    FaultKind(
        name="recorder_no_jpeg",
        doc="Pictures are not JPEG.",
    ),
    FaultKind(
        name="recorder_html",
        doc="Recorders answer 200 with HTML instead of SOAP.",
    ),
    FaultKind(
        name="recorder_names",
        doc="The addresses of recorders have the host VALUE, which does not resolve.",
        default="recorder.invalid",
    ),
    FaultKind(
        name="still_empty",
        doc="JpegGetLive answers 200 without a picture.",
    ),
)
