"""The sources of events, and the names of their lists."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from sys import intern
from typing import NamedTuple, override

from .wire import MAX_TEXT, clean


class Resource(StrEnum):
    """Resource names of the Configuration API that can be the source of events."""

    SITES = "sites"
    RECORDING_SERVERS = "recordingServers"
    HARDWARE = "hardware"
    CAMERAS = "cameras"
    MICROPHONES = "microphones"
    SPEAKERS = "speakers"
    METADATA = "metadata"
    INPUT_EVENTS = "inputEvents"
    OUTPUTS = "outputs"
    USER_DEFINED_EVENTS = "userDefinedEvents"
    ANALYTICS_EVENTS = "analyticsEvents"


_RESOURCE_BY_LOWER_NAME = {resource.lower(): resource.value for resource in Resource}


class Source(NamedTuple):
    """The object that an event is about, such as a camera, an input or the site.

    `resource` is the name of its list in the Configuration API, or `None` where the
    server gives only a GUID; `id` is the GUID in lower case.
    """

    resource: str | None
    id: str

    @override
    def __str__(self) -> str:
        """Return the server's form: `cameras/<GUID>`, or the GUID alone."""
        return self.id if self.resource is None else f"{self.resource}/{self.id}"

    @classmethod
    def parse(cls, value: str) -> Source:
        """Read a resource path or a GUID, in any case."""
        resource, slash, identifier = value.strip().strip("/").rpartition("/")
        if not slash:
            return cls(None, intern(identifier.lower()))
        resource = _RESOURCE_BY_LOWER_NAME.get(resource.lower(), resource)
        return cls(resource, intern(identifier.lower()))


class EventSource:
    """Something in a list that events are about."""

    __slots__ = ("_source",)
    _source: Source
    id: str

    @property
    def resource(self) -> Resource:
        """The list that it is in."""
        raise NotImplementedError

    @property
    def source(self) -> Source:
        """The source of its events.

        Always the same object, because it is a key in a dozen tables of thousands.
        """
        try:
            return self._source
        except AttributeError:
            object.__setattr__(self, "_source", Source(self.resource, self.id))
            return self._source


# Cached, because parsing takes as long as the rest of decoding an event and sources
# repeat. Large sites have fewer sources than this; each takes 200 bytes.
@lru_cache(maxsize=20_000)
def _source_named(path: str) -> Source | None:
    source = Source.parse(clean(path))
    return source if source.id else None


def optional_source(item: Mapping[str, object], key: str) -> Source | None:
    """Return the source under a key, a resource path or a GUID, or `None`."""
    value = item.get(key)
    # Cut to a name's length, because the cache keeps the text.
    return _source_named(value[:MAX_TEXT]) if isinstance(value, str) else None
