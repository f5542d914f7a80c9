"""What can be chosen about a simulated server."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The simulator's options, each with a default that just works."""

    host: str = "127.0.0.1"
    # 0 takes a free port, which the command line never does.
    port: int = 0
    username: str = "demo"
    password: str = "demo"
    # Whether this user may do everything; the integration's should not.
    is_administrator: bool = False
    # A Windows user `DOMAIN\\user`; empty: there is none.
    windows_username: str = ""
    windows_password: str = ""
    service_client_id: str = "simulator-service"
    service_client_secret: str = "simulator-secret"
    tls: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    # Days that a certificate made at start is good for; negative: expired.
    certificate_days: int = 30
    cameras: int = 6
    # Driver event types on top of the built-in ones; big sites have hundreds.
    extra_event_types: int = 0
    seed: int = 1
    scenario: str = "quiet"
    faults: tuple[str, ...] = ()
    token_life: timedelta = timedelta(hours=1)
    # Wrong passwords in a row that lock a basic user.
    lockout_attempts: int = 5
    # An event session nobody read for so long is forgotten.
    session_idle: timedelta = timedelta(minutes=5)
    # A connection that broke can be resumed for so long.
    resume_window: timedelta = timedelta(seconds=30)
    # Days that events are stored unless their type says otherwise.
    retention_days: int = 7
    # How many recording servers share the cameras; None: as many as they need.
    recorders: int | None = None
    # The first recorder's port, others follow; 0: free ports; None: nobody listens.
    recorder_port: int | None = None
    # The host in the recorders' addresses; empty: that of the server.
    recorder_host: str = ""
    # HTTPS, each recorder with a certificate of its own.
    recorder_tls: bool = False
    recorder_certificate_days: int = 30
    # The tokens that recorders take are good for so long.
    recorder_token_life: timedelta = timedelta(hours=4)
    # Whether live pictures come through the gateway, too; older servers have none.
    has_still_task: bool = True
    # What the server says it is: 2025 R2 unless told otherwise.
    product_version: str = "25.2.16119.1"
