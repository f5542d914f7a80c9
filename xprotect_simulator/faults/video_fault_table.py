"""The faults and the manners of WebRTC sessions."""

from .faults import FaultKind

VIDEO_FAULTS = (
    FaultKind(
        name="video_refused",
        doc="Sessions answer the status VALUE.",
        default="403",
        is_number=True,
    ),
    FaultKind(
        name="video_hangs",
        doc="Sessions are answered after VALUE seconds of the simulator's clock.",
        default="60",
        is_number=True,
    ),
    FaultKind(name="video_h265", doc="Cameras send H.265 only, which browsers refuse."),
    FaultKind(
        name="video_payload",
        doc="The offer gives H.264 the payload number VALUE.",
        default="96",
        is_number=True,
    ),
    FaultKind(
        name="video_milliseconds",
        doc="The clock of the video counts milliseconds, as XProtect's does.",
    ),
    FaultKind(
        name="video_late_candidates",
        doc="The offer has no candidates; they are found by asking.",
    ),
    FaultKind(
        name="video_data_channel",
        doc="The offer has a data channel, too, for PTZ.",
    ),
    FaultKind(
        name="video_no_conflicts",
        doc="ICE role conflicts are not noticed; the tie-breaker is `smallest` or"
        " `largest`.",
        default="smallest",
        choices=("smallest", "largest"),
    ),
    FaultKind(name="video_silent", doc="Sessions connect and send no picture."),
    FaultKind(
        name="video_killed",
        doc="All open sessions end without a word.",
        count=1,
    ),
    FaultKind(name="video_kept", doc="Sessions cannot be deleted: 405."),
)
