"""The options of a simulated server."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options; all of them have a default."""

    host: str = "127.0.0.1"
    # 0 takes a free port; the command line has another default.
    port: int = 0
    username: str = "demo"
    password: str = "demo"
    # Whether this user is an administrator, which the integration does not need.
    is_administrator: bool = False
    # A Windows user `DOMAIN\\user`; empty: none.
    windows_username: str = ""
    windows_password: str = ""
    service_client_id: str = "simulator-service"
    service_client_secret: str = "simulator-secret"
    tls: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    # The lifetime of a certificate that is created at start; negative: expired.
    certificate_days: int = 30
    cameras: int = 6
    # Event types of drivers, beside the built-in ones; large sites have hundreds.
    extra_event_types: int = 0
    seed: int = 1
    scenario: str = "quiet"
    faults: tuple[str, ...] = ()
    token_life: timedelta = timedelta(hours=1)
    # Wrong passwords in a row that lock a basic user, and for how long.
    lockout_attempts: int = 5
    lockout: timedelta = timedelta(minutes=5)
    # An event session that is not read for this time is forgotten.
    session_idle: timedelta = timedelta(minutes=5)
    # The session of a lost connection can be resumed for this time.
    resume_window: timedelta = timedelta(seconds=30)
    # Days for which events are stored, unless `World.set_retention` changes it.
    retention_days: int = 7
    # The number of recording servers; None: depends on the number of cameras.
    recorders: int | None = None
    # The first recorder's port, others follow; 0: free ports; None: no port.
    recorder_port: int | None = None
    # The host in the recorders' addresses; empty: that of the server.
    recorder_host: str = ""
    # HTTPS, each recorder with a certificate of its own.
    recorder_tls: bool = False
    recorder_certificate_days: int = 30
    # The lifetime of the tokens for recorders.
    recorder_token_life: timedelta = timedelta(hours=4)
    # Whether the gateway has live pictures; older servers do not.
    has_still_task: bool = True
    # The version of the server; the default is 2025 R2.
    product_version: str = "25.2.16119.1"
