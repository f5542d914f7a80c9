"""The lists of the Configuration API that the integration reads of a site."""

# Those of devices, which may be disabled.
DEVICES = (
    "recordingServers",
    "hardware",
    "cameras",
    "microphones",
    "speakers",
    "inputEvents",
    "outputs",
)
LISTS = (
    *DEVICES,
    "eventTypes",
    "stateGroups",
    "userDefinedEvents",
    "analyticsEvents",
)
