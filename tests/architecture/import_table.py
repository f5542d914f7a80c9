"""Who may import whom. A new module needs a row here; that is the moment to think.

`api` stands for the public names of that package, `engine` for any module of it. What
is not in a row is forbidden. Each row is an upper bound: it says what a module may
know of, not what it has to.
"""

from collections.abc import Mapping

INTEGRATION = "custom_components.xprotect_events"
SIMULATOR = "xprotect_simulator"

# The packages whose insides are nobody else's business.
API = "api"
ENGINE = "engine"

_API_BASE = (
    "api.errors",
    "api.wire",
    "api.filters",
    "api.source",
    "api.models",
    "api.event_models",
)
_API_SIGN_IN = (
    "api.grant",
    "api.sign_in_attempts",
    "api.identity_provider",
    "api.ntlm",
    "api.windows_login",
)
_API_TRANSPORT = (
    *_API_BASE,
    "api.unreadable",
    "api.body",
    "api.http",
    "api.auth",
    "api.transport",
)

_API_ROWS: Mapping[str, tuple[str, ...]] = {
    # Values and rules, which know of no network.
    "api.errors": (),
    "api.filters": (),
    "api.wire": ("api.errors",),
    "api.address": ("api.errors",),
    "api.source": ("api.wire",),
    "api.rows": ("api.errors", "api.wire"),
    "api.models": ("api.errors", "api.wire", "api.source"),
    "api.event_models": ("api.errors", "api.wire", "api.filters", "api.source"),
    # The way to the server.
    "api.body": ("api.errors",),
    "api.unreadable": ("api.wire",),
    "api.http": ("api.errors", "api.wire", "api.body"),
    "api.ntlm": ("api.errors",),
    "api.windows_login": ("api.errors", "api.http", "api.ntlm"),
    "api.discovery": ("api.errors", "api.http", "api.models"),
    "api.sign_in_attempts": ("api.errors",),
    "api.grant": ("api.errors", "api.wire", "api.http"),
    "api.identity_provider": (
        "api.errors",
        "api.address",
        "api.discovery",
        "api.http",
        *_API_SIGN_IN,
    ),
    "api.auth": ("api.errors", "api.wire", *_API_SIGN_IN),
    "api.transport": (
        "api.errors",
        "api.wire",
        "api.unreadable",
        "api.body",
        "api.http",
        "api.auth",
    ),
    # What the server offers.
    "api.configuration": (
        *_API_TRANSPORT,
        "api.discovery",
        "api.rows",
        "api.security",
    ),
    "api.events": _API_TRANSPORT,
    "api.sessions": (*_API_TRANSPORT, "api.events"),
    "api.messages": ("api.body", "api.event_models", "api.rows", "api.wire"),
    "api.upgrade": ("api.errors", "api.http", "api.websocket"),
    "api.websocket": ("api.errors", "api.wire"),
    "api.stream": (
        *_API_TRANSPORT,
        "api.messages",
        "api.upgrade",
        "api.websocket",
    ),
    # Pictures.
    "api.picture": ("api.errors", "api.event_models"),
    "api.soap": ("api.errors", "api.wire", "api.http", "api.picture"),
    "api.recorder_token": (
        *_API_TRANSPORT,
        "api.discovery",
        "api.picture",
        "api.soap",
    ),
    "api.recorder": (
        *_API_TRANSPORT,
        "api.picture",
        "api.recorder_token",
        "api.soap",
    ),
    "api.tasks": _API_TRANSPORT,
    "api.security": ("api.wire", "api.models"),
    "api.live_video": _API_TRANSPORT,
    "api.stills": (*_API_TRANSPORT, "api.picture", "api.recorder"),
    "api.client": (
        *_API_TRANSPORT,
        *_API_SIGN_IN,
        "api.configuration",
        "api.events",
        "api.live_video",
        "api.sessions",
        "api.stream",
        "api.recorder",
        "api.recorder_token",
        "api.stills",
        "api.tasks",
        "api.security",
    ),
    "api.__init__": (
        *_API_TRANSPORT,
        *_API_SIGN_IN,
        "api.address",
        "api.client",
        "api.configuration",
        "api.events",
        "api.live_video",
        "api.sessions",
        "api.picture",
        "api.recorder",
        "api.recorder_token",
        "api.stills",
        "api.tasks",
        "api.security",
        "api.stream",
    ),
}

_ENGINE_ROWS: Mapping[str, tuple[str, ...]] = {
    "engine.__init__": (),
    "engine.backoff": (),
    "engine.reading_pace": (),
    "engine.webrtc": (),
    "engine.built_in": (API,),
    "engine.pending_triggers": (),
    "engine.event_names": (API, "engine.built_in"),
    "engine.inventory": (API,),
    "engine.names": (),
    "engine.absence": (API, "engine.inventory"),
    "engine.catalog": (
        API,
        "engine.built_in",
        "engine.event_names",
        "engine.inventory",
        "engine.names",
        "engine.state_names",
    ),
    "engine.state_names": (API, "engine.built_in", "engine.names"),
    "engine.release": (),
    "engine.rights": (API,),
    "engine.selection": (API, "engine.built_in"),
    "engine.states": (API,),
    "engine.arrival": (API,),
    "engine.feed": (API, "engine.arrival"),
    "engine.intake": (API, "engine.arrival", "engine.feed", "engine.pending_triggers"),
    "engine.pages": (API,),
    "engine.walk_back": (API, "engine.pages"),
    "engine.page_poll": (
        API,
        "engine.feed",
        "engine.intake",
        "engine.pages",
        "engine.walk_back",
    ),
    "engine.hidden_events": ("engine.walk_back",),
    "engine.catch_up": (API, "engine.feed", "engine.page_poll"),
    "engine.session": (API,),
    "engine.session_poll": (
        API,
        "engine.feed",
        "engine.intake",
        "engine.pages",
        "engine.session",
        "engine.walk_back",
    ),
    "engine.search": (API, "engine.pages"),
    "engine.bearings": (API, "engine.feed", "engine.pages"),
    "engine.checked_session": (
        API,
        "engine.feed",
        "engine.hidden_events",
        "engine.page_poll",
        "engine.session_poll",
    ),
    "engine.event_poll": (
        API,
        "engine.arrival",
        "engine.bearings",
        "engine.catch_up",
        "engine.checked_session",
        "engine.feed",
        "engine.hidden_events",
        "engine.intake",
        "engine.page_poll",
        "engine.session_poll",
        "engine.unreadable_log",
    ),
    "engine.unreadable_log": (API, "engine.feed"),
    "engine.storage_proof": (API, "engine.arrival", "engine.feed"),
    "engine.audit": (API, "engine.arrival"),
    "engine.unforeseen": (),
    "engine.waiting": (API, "engine.unforeseen"),
    "engine.push": (
        API,
        "engine.backoff",
        "engine.intake",
        "engine.pending_triggers",
        "engine.unforeseen",
        "engine.waiting",
    ),
    "engine.breaker": (API,),
    "engine.moment": (),
    "engine.recent_events": (API,),
    "engine.shot": (API,),
    "engine.picture_cache": (API, "engine.shot"),
    "engine.picture_limits": ("engine.shot",),
    "engine.recorder_way": (API, "engine.breaker", "engine.picture_limits"),
    "engine.pictures": (
        API,
        "engine.moment",
        "engine.picture_cache",
        "engine.recorder_way",
        "engine.shot",
    ),
}

_CORE = (API, ENGINE, "const", "errors", "mode")
# What platforms may know of.
_EDGE = (*_CORE, "runtime", "entity", "devices", "entity_budget", "event_payload")

_INTEGRATION_ROWS: Mapping[str, tuple[str, ...]] = {
    "const": (),
    "attempts": (),
    "mode": (),
    "errors": (API, "const"),
    "sanitize": (),
    "certificates": ("sanitize",),
    "client_factory": (API, "certificates", "const"),
    "site_check": (
        API,
        ENGINE,
        "certificates",
        "client_factory",
        "const",
        "sanitize",
    ),
    "inventory_store": (API, ENGINE, "const"),
    "site_limits": (),
    "site_memory": (API, ENGINE, "const"),
    "inventory_coordinator": (
        API,
        ENGINE,
        "const",
        "errors",
        "inventory_store",
        "site_limits",
        "site_memory",
    ),
    "presence": (API, "inventory_coordinator"),
    "site_confirmation": (
        API,
        ENGINE,
        "const",
        "errors",
        "inventory_store",
        "issues",
    ),
    "event_coordinator": (API, ENGINE, "attempts", "const", "errors"),
    "refusal_store": (API, "const"),
    "cursor_store": (API, ENGINE, "const"),
    "devices": (API, "const", "inventory_coordinator", "site_limits"),
    "bounded_json": (API,),
    "event_payload": (API, ENGINE, "bounded_json", "const"),
    "source_states": (*_CORE, "inventory_coordinator"),
    "event_dispatcher": (
        *_CORE,
        "inventory_coordinator",
        "event_payload",
        "devices",
        "source_states",
    ),
    "event_statistics": (API, ENGINE, "mode"),
    "runtime": (
        *_CORE,
        "attempts",
        "inventory_coordinator",
        "event_dispatcher",
        "event_statistics",
        "devices",
        "source_states",
        "presence",
    ),
    "runtime_factory": (
        *_CORE,
        "attempts",
        "inventory_coordinator",
        "event_dispatcher",
        "event_statistics",
        "devices",
        "runtime",
        "source_states",
        "presence",
    ),
    "issue_kinds": (),
    "issues": (
        *_CORE,
        "inventory_coordinator",
        "issue_kinds",
        "option_choices",
        "sanitize",
    ),
    "push_audit": (API, ENGINE, "issues", "runtime"),
    "event_delivery": (
        *_CORE,
        "push_audit",
        "event_coordinator",
        "cursor_store",
        "event_dispatcher",
        "issues",
        "runtime",
        "source_states",
    ),
    "rights_watch": (
        API,
        ENGINE,
        "const",
        "inventory_coordinator",
        "issue_kinds",
        "issues",
    ),
    "entity": (API, "devices", "runtime"),
    "entity_budget": (API, "devices"),
    "triggering": (API, "errors", "runtime"),
    "outputs": (API, ENGINE, "const"),
    "output_button": (*_EDGE, "outputs"),
    "binary_sensor": _EDGE,
    "switch": (*_EDGE, "outputs"),
    "event": (*_EDGE, "bounded_json"),
    "sensor": (*_EDGE, "event_statistics"),
    "button": (*_EDGE, "output_button", "site_limits", "triggering"),
    "service_fields": (API, ENGINE, "const", "runtime"),
    "service_trigger": (
        API,
        ENGINE,
        "const",
        "runtime",
        "service_fields",
        "triggering",
    ),
    "service_read": (
        API,
        ENGINE,
        "errors",
        "event_payload",
        "runtime",
        "service_fields",
    ),
    "service_record": (
        API,
        ENGINE,
        "const",
        "runtime",
        "service_fields",
        "service_trigger",
        "triggering",
    ),
    "services": (
        "const",
        "service_fields",
        "service_read",
        "service_record",
        "service_trigger",
    ),
    "diagnostics": (API, ENGINE, "const", "event_statistics", "runtime"),
    "repairs": ("const", "sanitize", "issues", "option_choices", "runtime"),
    "system_health": (API, "certificates", "client_factory", "const", "runtime"),
    "logbook": ("const",),
    "option_choices": (API, ENGINE, "const", "sanitize"),
    "options_flow": (API, ENGINE, "const", "devices", "option_choices", "runtime"),
    "flow_schemas": (API, ENGINE, "const", "site_check"),
    "config_flow": (
        API,
        ENGINE,
        "const",
        "flow_schemas",
        "options_flow",
        "refusal_store",
        "site_check",
    ),
}

# Which folder of the simulator may know which others. What lies beside the folders is
# known to all of them, but for the files that put the folders together.
SIMULATOR_FOLDERS: Mapping[str, tuple[str, ...]] = {
    "site": (),
    "faults": (),
    "happening": ("site",),
    "sign_in": ("site", "faults"),
    "recorders": ("site", "happening", "sign_in", "faults"),
    "video": ("site", "happening", "sign_in", "faults", "recorders"),
    "configuration": ("site", "happening", "sign_in", "faults", "recorders"),
    "events": ("site", "happening", "sign_in", "faults"),
    "stream": ("site", "happening", "sign_in", "faults"),
    "scenarios": ("site", "happening"),
}
SIMULATOR_TOP = ("__init__", "__main__", "control", "gateway", "server")

# The one that wires everything may import everything, but never a part of `api`.
WIRES_EVERYTHING = "__init__"

ROWS: Mapping[str, tuple[str, ...]] = {
    **_API_ROWS,
    **_ENGINE_ROWS,
    **_INTEGRATION_ROWS,
}

# Other people's packages, by the layer that may use them.
THIRD_PARTIES: Mapping[str, frozenset[str]] = {
    API: frozenset({"aiohttp", "yarl"}),
    ENGINE: frozenset(),
    INTEGRATION: frozenset(
        # `probatio` is what Home Assistant validates with, `voluptuous` what it was.
        {"aiohttp", "cryptography", "homeassistant", "probatio", "voluptuous", "yarl"}
    ),
    SIMULATOR: frozenset(
        # The three of video are an extra; without them there is no video.
        {
            *("PIL", "aiohttp", "cryptography", "spnego", "yarl"),
            *("aioice", "aiortc", "av"),
        }
    ),
}

# What one module may use beyond its layer, and only where it needs it: nobody else has
# to wait until it is loaded.
LATE: Mapping[str, frozenset[str]] = {
    "api.ntlm": frozenset({"cryptography", "spnego"}),
}
