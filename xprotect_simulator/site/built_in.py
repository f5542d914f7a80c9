"""The event types of every XProtect installation."""

from .catalog import level_types, plain_types, state_types
from .event_ids import (
    COMMUNICATION_ERROR,
    COMMUNICATION_STARTED,
    COMMUNICATION_STOPPED,
    CONFIGURATION_CHANGED,
    DATABASE_DISK_AVAILABLE,
    DATABASE_DISK_FULL,
    DATABASE_DISK_UNAVAILABLE,
    HARDWARE_COMMUNICATION_ERROR,
    HARDWARE_COMMUNICATION_STARTED,
    HARDWARE_COMMUNICATION_STOPPED,
    INPUT_ACTIVATED,
    INPUT_DEACTIVATED,
    LIVE_FEED_REQUESTED,
    LIVE_FEED_TERMINATED,
    MOTION_STARTED,
    MOTION_STOPPED,
    OUTPUT_ACTIVATED,
    OUTPUT_DEACTIVATED,
    PERIODIC_TIMER,
    PTZ_SESSION_STARTED,
    PTZ_SESSION_STOPPED,
    RECORDING_STARTED,
    RECORDING_STOPPED,
)

_CAMERA = ("Camera", "CameraGroup")
_RECORDED = ("Camera", "Microphone", "Speaker", "Metadata")
_DEVICE = (*_RECORDED, "InputEvent", "Output")
_HARDWARE = ("Hardware",)
_INPUT = ("InputEvent",)
_OUTPUT = ("Output",)
_RECORDER = ("RecordingServer",)
_SYSTEM = ("System",)

_ANALYTICS = "Analytics Events"
_DEVICES = "Device - Predefined"
_HARDWARES = "Hardware - Predefined"
_RECORDERS = "Recording Server - Predefined"
_SYSTEMS = "System"
_MONITOR = "System Monitor"

BUILT_IN = (
    *state_types(
        "motion",
        _CAMERA,
        _ANALYTICS,
        ("Motion Started", MOTION_STARTED, "Motion"),
        ("Motion Stopped", MOTION_STOPPED, "No Motion"),
    ),
    *state_types(
        "recording",
        _RECORDED,
        _DEVICES,
        ("Recording Started", RECORDING_STARTED, "Started"),
        ("Recording Stopped", RECORDING_STOPPED, "Stopped"),
    ),
    *state_types(
        "communication",
        (*_DEVICE, *_RECORDER),
        _DEVICES,
        ("Communication Started", COMMUNICATION_STARTED, "Started"),
        ("Communication Stopped", COMMUNICATION_STOPPED, "Stopped"),
        ("Communication Error", COMMUNICATION_ERROR, "Error"),
    ),
    *state_types(
        "hardware_communication",
        _HARDWARE,
        _HARDWARES,
        ("Communication Started", HARDWARE_COMMUNICATION_STARTED, "Started"),
        ("Communication Stopped", HARDWARE_COMMUNICATION_STOPPED, "Stopped"),
        ("Communication Error", HARDWARE_COMMUNICATION_ERROR, "Error"),
    ),
    *state_types(
        "live_feed",
        _CAMERA,
        _DEVICES,
        ("Live Client Feed Requested", LIVE_FEED_REQUESTED, "Requested"),
        ("Live Client Feed Terminated", LIVE_FEED_TERMINATED, "Terminated"),
    ),
    *state_types(
        "feed_overflow",
        _CAMERA,
        _DEVICES,
        ("Feed Overflow Started", "536ad730-05ae-42cd-b14c-07b07c293e79", "Begin"),
        ("Feed Overflow Stopped", "247fef11-15db-4c99-99db-de5475eae443", "Stopped"),
    ),
    *state_types(
        "input",
        _INPUT,
        _DEVICES,
        ("Input Activated", INPUT_ACTIVATED, "Activated"),
        ("Input Deactivated", INPUT_DEACTIVATED, "Deactivated"),
    ),
    *state_types(
        "output",
        _OUTPUT,
        _DEVICES,
        ("Output Activated", OUTPUT_ACTIVATED, "Activated"),
        ("Output Deactivated", OUTPUT_DEACTIVATED, "Deactivated"),
    ),
    *state_types(
        "ptz",
        _CAMERA,
        _DEVICES,
        (
            "PTZ Manual Session Started",
            PTZ_SESSION_STARTED,
            "Started",
        ),
        (
            "PTZ Manual Session Stopped",
            PTZ_SESSION_STOPPED,
            "Stopped",
        ),
    ),
    *state_types(
        "manual_recording",
        _RECORDED,
        _DEVICES,
        ("Manual Recording Started", None, "Started"),
        ("Manual Recording Stopped", None, "Stopped"),
    ),
    *state_types(
        "enabled",
        _DEVICE,
        _DEVICES,
        ("Device Enabled", None, "Enabled"),
        ("Device Disabled", None, "Disabled"),
    ),
    *state_types(
        "database_disk",
        _RECORDER,
        _RECORDERS,
        (
            "Database Disk Available",
            DATABASE_DISK_AVAILABLE,
            "Available",
        ),
        (
            "Database Disk Unavailable",
            DATABASE_DISK_UNAVAILABLE,
            "Unavailable",
        ),
    ),
    *state_types(
        "archive_disk",
        _RECORDER,
        _RECORDERS,
        ("Archive Disk Available", "b7f0003b-1392-450e-b6cc-9bbe6e7df065", "Available"),
        (
            "Archive Disk Unavailable",
            "72c29aae-ddb2-46df-b6fd-7f728a85f292",
            "Unavailable",
        ),
    ),
    *state_types(
        "failover",
        _RECORDER,
        _RECORDERS,
        ("Failover Started", "f951b1f0-2fed-48f7-88d3-49eb5999c923", "Started"),
        ("Failover Stopped", "c7b9227a-8e11-451b-bc9c-8ea659731012", "Stopped"),
    ),
    *state_types(
        "service",
        _RECORDER,
        _RECORDERS,
        ("Service Available", None, "Available"),
        ("Service Unavailable", None, "Unavailable"),
    ),
    *level_types("recording_fps", _CAMERA, _MONITOR, "Recording FPS"),
    *level_types("live_fps", _CAMERA, _MONITOR, "Live FPS"),
    *level_types("cpu_usage", _RECORDER, _MONITOR, "CPU usage"),
    *level_types("retention_time", _RECORDER, _MONITOR, "Retention time"),
    *level_types("gpu_memory", _RECORDER, _MONITOR, "GPU memory"),
    *plain_types(
        _INPUT,
        _DEVICES,
        ("Input Changed", "fda121b3-2070-4f31-a086-9f74e16580c0"),
        ("Input Sensor", "f84c8443-bfe3-4eca-b69b-07daebc63a02"),
    ),
    *plain_types(
        _OUTPUT,
        _DEVICES,
        ("Output Changed", "672f9f80-55fe-496f-bee4-6c870bab5064"),
    ),
    *plain_types(
        _DEVICE,
        _DEVICES,
        ("Bookmark Reference Requested", "7cfc6709-2c16-405f-9182-0bdb6f9f7e43"),
        ("Device Settings Changed", "4c8be5ed-80fa-43e7-bf5b-4e7570ad0025"),
        ("Device Settings Changed Error", "87be2a0d-c33b-4b5f-ae1f-afa6770a2497"),
    ),
    *plain_types(
        _HARDWARE,
        _HARDWARES,
        ("Hardware Settings Changed", "a600c492-11c8-4d65-92db-6d46209ce9ea"),
        ("Hardware Settings Changed Error", "829a93ab-1ac0-4aeb-bda0-ed8f6d8f514b"),
    ),
    *plain_types(
        _RECORDER,
        _RECORDERS,
        ("Database Disk Full", DATABASE_DISK_FULL),
        ("Database Repair", "b6c4b695-7404-414d-a229-33bf83ffe255"),
    ),
    *plain_types(
        _SYSTEM,
        _SYSTEMS,
        ("Relative Timer", "6a00fd9a-a7f1-446c-abc2-29639cecd595"),
        ("Periodic Timer", PERIODIC_TIMER),
        ("System configuration changed", CONFIGURATION_CHANGED),
    ),
    *plain_types(
        ("Server",),
        _MONITOR,
        ("Memory usage critical", "363741cf-4d7a-426d-9fe2-a201c4db51c0"),
        ("Used space critical", "766cf688-f3e2-4d2f-8d08-012193783739"),
        ("Free space critical", "f80af822-6a89-4c2f-ab38-b55d0d2cd13a"),
        ("Retention time critical alarm", "d1603fbe-4bb8-49eb-9928-0e8eb3c736ce"),
    ),
)
