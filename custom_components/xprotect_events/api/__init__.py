"""An asynchronous client for the REST APIs of a Milestone XProtect server.

It does not import Home Assistant. Other packages import only from this module.
"""

from .address import parse_address, suggest_address, well_known_url
from .alarms import Alarm, AlarmPage, Alarms, Grade, Level
from .client import XProtectClient
from .clock import ServerClock, Step
from .configuration import Configuration
from .errors import (
    REFUSED_REQUESTS,
    AnotherSiteError,
    AnswerTooLargeError,
    ApiError,
    CertificateChangedError,
    CertificateError,
    CredentialsRefusedError,
    InsecureIdentityProviderError,
    InvalidAddressError,
    NotAGatewayError,
    NotFoundError,
    PermissionDeniedError,
    RecorderSilentError,
    RedirectedError,
    Refusal,
    RejectedError,
    SessionForgottenError,
    StreamClosedError,
    TimedOutError,
    TokenRefusedError,
    UnavailableError,
    UnreachableError,
    WindowsLoginError,
)
from .event_models import (
    Event,
    EventPage,
    NewEvent,
    SessionChanges,
    TriggerResult,
)
from .events import MAX_PAGE_SIZE, Direction, Events
from .filters import Condition, Operator, any_of, format_time, match
from .groups import GROUPED, GroupName
from .identity_provider import Authentication, Credentials
from .live_video import Candidate, IceServer, LiveVideo, VideoSession
from .models import (
    AnalyticsEvent,
    Device,
    EventType,
    Hardware,
    RecordingServer,
    Site,
    StateGroup,
    Thing,
    UserDefinedEvent,
)
from .picture import (
    NoPictureError,
    NotSupportedError,
    Picture,
    RecorderRefusedError,
    RecorderTokenRefusedError,
)
from .presets import Preset
from .recorder import Recorder
from .security import EffectivePermissions, SecurityNamespace
from .sessions import EventSessions, SessionFilter
from .sign_in_attempts import SignInAttempts
from .source import Resource, Source
from .stills import Stills
from .storages import Storage, StorageStatus
from .stream import EventStream, ResumePoint, Streams, SubscriptionFilter
from .tasks import Task
from .unreadable import Unreadable, UnreadableRows
from .windows_login import LoginConnector
from .wire import YEARS, Json

__all__ = [
    "GROUPED",
    "MAX_PAGE_SIZE",
    "REFUSED_REQUESTS",
    "YEARS",
    "Alarm",
    "AlarmPage",
    "Alarms",
    "AnalyticsEvent",
    "AnotherSiteError",
    "AnswerTooLargeError",
    "ApiError",
    "Authentication",
    "Candidate",
    "CertificateChangedError",
    "CertificateError",
    "Condition",
    "Configuration",
    "Credentials",
    "CredentialsRefusedError",
    "Device",
    "Direction",
    "EffectivePermissions",
    "Event",
    "EventPage",
    "EventSessions",
    "EventStream",
    "EventType",
    "Events",
    "Grade",
    "GroupName",
    "Hardware",
    "IceServer",
    "InsecureIdentityProviderError",
    "InvalidAddressError",
    "Json",
    "Level",
    "LiveVideo",
    "LoginConnector",
    "NewEvent",
    "NoPictureError",
    "NotAGatewayError",
    "NotFoundError",
    "NotSupportedError",
    "Operator",
    "PermissionDeniedError",
    "Picture",
    "Preset",
    "Recorder",
    "RecorderRefusedError",
    "RecorderSilentError",
    "RecorderTokenRefusedError",
    "RecordingServer",
    "RedirectedError",
    "Refusal",
    "RejectedError",
    "Resource",
    "ResumePoint",
    "SecurityNamespace",
    "ServerClock",
    "SessionChanges",
    "SessionFilter",
    "SessionForgottenError",
    "SignInAttempts",
    "Site",
    "Source",
    "StateGroup",
    "Step",
    "Stills",
    "Storage",
    "StorageStatus",
    "StreamClosedError",
    "Streams",
    "SubscriptionFilter",
    "Task",
    "Thing",
    "TimedOutError",
    "TokenRefusedError",
    "TriggerResult",
    "UnavailableError",
    "UnreachableError",
    "Unreadable",
    "UnreadableRows",
    "UserDefinedEvent",
    "VideoSession",
    "WindowsLoginError",
    "XProtectClient",
    "any_of",
    "format_time",
    "match",
    "parse_address",
    "suggest_address",
    "well_known_url",
]
