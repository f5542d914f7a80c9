"""The faults of WebRTC sessions, and the variants of gateways."""

from .faults import FaultKind

VIDEO_FAULTS = (
    FaultKind(
        name="video_refused",
        doc="Sessions answer the status VALUE.",
        default="403",
        is_number=True,
        least=200,
        most=599,
    ),
    FaultKind(
        name="video_hangs",
        doc="Sessions are answered after VALUE seconds of the simulator's clock.",
        default="60",
        is_number=True,
    ),
    FaultKind(name="video_h265", doc="Cameras only send H.265, which browsers refuse."),
    FaultKind(
        name="video_payload",
        doc="H.264 has the payload number VALUE in the offer.",
        default="96",
        is_number=True,
        most=127,
    ),
    FaultKind(
        name="video_milliseconds",
        doc="The clock of the video counts milliseconds from 0, like XProtect's.",
    ),
    FaultKind(
        name="video_late_candidates",
        doc="The offer has no candidates; they must be requested.",
    ),
    FaultKind(
        name="video_data_channel",
        doc="The offer also has a data channel, for PTZ; it uses the connection of the"
        " video (`shared`) or its `own`, with other addresses.",
        default="shared",
        choices=("shared", "own"),
    ),
    FaultKind(
        name="video_no_conflicts",
        doc="ICE role conflicts are ignored; the tie-breaker is `smallest` or"
        " `largest`.",
        default="smallest",
        choices=("smallest", "largest"),
    ),
    FaultKind(name="video_silent", doc="Sessions connect but send no picture."),
    FaultKind(
        name="video_killed",
        doc="All open sessions end without notice.",
        count=1,
    ),
    FaultKind(
        name="cors",
        doc="Pages of the origin VALUE may send requests (CORS).",
        default="*",
    ),
    FaultKind(name="video_kept", doc="Sessions cannot be deleted: 405."),
)
