"""The form of built-in event types, and the built-in state groups."""

from dataclasses import dataclass

STATE_GROUPS = {
    "motion": "Motion",
    "recording": "Recording",
    "communication": "Communication",
    "hardware_communication": "Communication",
    "feed_overflow": "FeedOverflow",
    "live_feed": "LiveClientFeed",
    "manual_recording": "ManualRecording",
    "recording_fps": "Recording FPS",
    "live_fps": "Live FPS",
    "enabled": "Enabled",
    "input": "Input",
    "output": "Output",
    "ptz": "PTZ Manual Session",
    "database_disk": "DatabaseDiskAvailable",
    "archive_disk": "ArchiveDiskAvailable",
    "failover": "Failover",
    "cpu_usage": "CPU usage",
    "retention_time": "Retention time",
    "service": "Service Available",
    "gpu_memory": "GPU memory",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """One built-in event type; if it has no id, the seed determines it."""

    display_name: str
    sources: tuple[str, ...]
    group: str
    id: str | None = None
    state_group: str | None = None
    state: str | None = None

    @property
    def name(self) -> str:
        """The internal name: the display name without spaces."""
        return self.display_name.replace(" ", "")


def state_types(
    state_group: str,
    sources: tuple[str, ...],
    group: str,
    *members: tuple[str, str | None, str],
) -> tuple[BuiltIn, ...]:
    """Return the types of one state group: (display name, id, state) each."""
    return tuple(
        BuiltIn(
            display_name=display_name,
            sources=sources,
            group=group,
            id=type_id,
            state_group=state_group,
            state=state,
        )
        for display_name, type_id, state in members
    )


def plain_types(
    sources: tuple[str, ...], group: str, *members: tuple[str, str | None]
) -> tuple[BuiltIn, ...]:
    """Return types without a state: (display name, id) each."""
    return tuple(
        BuiltIn(display_name=display_name, sources=sources, group=group, id=type_id)
        for display_name, type_id in members
    )


def level_types(
    state_group: str, sources: tuple[str, ...], group: str, title: str
) -> tuple[BuiltIn, ...]:
    """Return the types for the four levels of the system monitor."""
    return state_types(
        state_group,
        sources,
        group,
        *(
            (f"{title} {level.lower()}", None, level)
            for level in ("Normal", "Warning", "Critical", "Undefined")
        ),
    )
