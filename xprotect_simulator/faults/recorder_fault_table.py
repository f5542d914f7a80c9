"""The faults of recorders and of the tokens that they accept.

`path` limits them to one recorder: `/recorder-02/*`.
"""

from .faults import FaultKind

RECORDER_FAULTS = (
    FaultKind(
        name="soap_login_forbidden",
        doc="The management server refuses tokens for recorders: VMO61008.",
    ),
    FaultKind(
        name="recorder_slow",
        doc="Recorders answer after VALUE seconds of the simulator's clock.",
        default="20",
        is_number=True,
    ),
    FaultKind(
        name="recorder_reset",
        doc="Recorders reset the connection.",
    ),
    FaultKind(
        name="recorder_stale_token",
        doc="Recorders take a good token for an invalid one (20001/2).",
        count=1,
    ),
    FaultKind(
        name="recorder_unsupported",
        doc="Recorders do not know the method (40000).",
    ),
    FaultKind(
        name="recorder_no_rights",
        doc="The user may not see the camera: a `fault`, or an `empty` answer.",
        default="fault",
        choices=("fault", "empty"),
    ),
    FaultKind(
        name="recorder_offline",
        doc="Cameras are offline: live is `empty`, or an `old` picture.",
        default="empty",
        choices=("empty", "old"),
    ),
    FaultKind(
        name="recorder_empty",
        doc="Answers are without a picture.",
    ),
    FaultKind(
        name="recorder_truncated",
        doc="The base64 of the picture ends half-way.",
    ),
    FaultKind(
        name="recorder_huge",
        doc="Pictures have 20 MB.",
    ),
    FaultKind(
        name="recorder_no_jpeg",
        doc="Pictures are no JPEG.",
    ),
    FaultKind(
        name="recorder_html",
        doc="A page instead of SOAP, with status 200.",
    ),
    FaultKind(
        name="recorder_names",
        doc="The recorders' addresses name the host VALUE, which does not resolve.",
        default="recorder.invalid",
    ),
    FaultKind(
        name="still_empty",
        doc="JpegGetLive answers 200 without a picture.",
    ),
)
