"""Answers calls of a recorder whose token is valid."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from .. import times
from ..faults.faults import Faults
from ..happening.world import World
from ..site.items import Item
from . import picture, soap
from .recordings import Recordings
from .soap import RECORDER_COMMAND, Call, zoned

_ACCESS_DENIED = 20003
_BAD_ARGUMENT = 20002
_NEVER = "<Time>0001-01-01T00:00:00</Time>"
_HUGE = 20_000_000
# The largest number of pixels that fits the service's integers.
_LARGEST = 2**31 - 1
# The age of the old picture that an offline camera may have, in ticks.
_OLD = 3_600 * times.TICKS_PER_SECOND

_SEQUENCE_TYPES: Mapping[str, str] = {
    "f9c62604-d0c5-4050-ae25-72de51639b14": "RecordingSequence",
    "0601d294-b7e5-4d93-9614-9658561ad5e4": "RecordingWithTriggerSequence",
    "53cb5e33-2183-44bd-9491-8364d2457480": "MotionSequence",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A JPEG, and the moment that it shows."""

    ticks: int
    jpeg: bytes


class Answers:
    """Answers with pictures and sequences, changed by faults."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        recordings: Recordings,
        key_frames: Callable[[], timedelta],
    ) -> None:
        """Answer from `recordings`; live pictures are the last key frames."""
        self._world = world
        self._faults = faults
        self._recordings = recordings
        self._key_frames = key_frames
        self._finders: Mapping[str, Callable[[str, int], int | None]] = {
            "JPEGGetAt": recordings.nearest,
            "JPEGGetAtOrBefore": recordings.at_or_before,
            "JPEGGetAtOrAfter": recordings.at_or_after,
        }
        self.methods = (
            *self._finders,
            "JPEGGetLive",
            "SequencesGet",
            "SequencesGetTypes",
        )

    def give(self, call: Call, camera: Item | None, scope: str) -> web.Response:
        """Answer one call; `scope` is the path for the `path` of faults."""
        if camera is None:
            return soap.answer(call.method, RECORDER_COMMAND, _NEVER)
        denied = self._faults.strike("recorder_no_rights", scope)
        if denied is not None and denied.value == "fault":
            return soap.fault("Access denied", "Client", _ACCESS_DENIED)
        if denied is not None or self._faults.strike("recorder_empty", scope):
            return soap.answer(call.method, RECORDER_COMMAND, _NEVER)
        try:
            content = self._content(call, camera, scope)
        except ValueError as error:
            return soap.fault(str(error), "Client", _BAD_ARGUMENT)
        return soap.answer(call.method, RECORDER_COMMAND, content)

    def live(self, camera: Item, scope: str, size: tuple[int, int]) -> Picture | None:
        """Return the live picture, or None."""
        now = self._world.now()
        frame = int(self._key_frames().total_seconds() * times.TICKS_PER_SECOND)
        offline = self._faults.strike("recorder_offline", scope)
        if offline is not None and offline.value == "empty":
            return None
        ticks = (now if offline is None else now - _OLD) // frame * frame
        return self._draw(camera, ticks, size)

    def _content(self, call: Call, camera: Item, scope: str) -> str:
        parameters = call.parameters
        if call.method == "SequencesGetTypes":
            return "".join(
                f"<SequenceType><Id>{one}</Id><Name>{name}</Name></SequenceType>"
                for one, name in _SEQUENCE_TYPES.items()
            )
        if call.method == "SequencesGet":
            return self._sequences(call, camera)
        if call.method == "JPEGGetLive":
            size = _size(parameters, "maxWidth"), _size(parameters, "maxHeight")
            shown = self.live(camera, scope, size)
        else:
            asked = times.parse(zoned(parameters.get("time", "")))
            ticks = self._finders[call.method](camera.id, asked)
            shown = None if ticks is None else self._draw(camera, ticks, picture.SIZE)
        return _NEVER if shown is None else self._write(shown, scope)

    def _sequences(self, call: Call, camera: Item) -> str:
        asked = call.parameters.get("sequenceType", "").lower()
        if asked and asked not in _SEQUENCE_TYPES:
            return ""
        return "".join(
            f"<SequenceEntry><TimeBegin>{times.to_text(start)}</TimeBegin>"
            f"<TimeTrigged>{times.to_text(start)}</TimeTrigged>"
            f"<TimeEnd>{times.to_text(end)}</TimeEnd></SequenceEntry>"
            for start, end in self._recordings.sequences(camera.id)
        )

    def _draw(self, camera: Item, ticks: int, size: tuple[int, int]) -> Picture:
        cameras = self._world.cameras
        place = cameras.index(camera) if camera in cameras else 0
        jpeg = picture.draw(camera.id, camera.name, place, ticks, size)
        return Picture(ticks=ticks, jpeg=jpeg)

    def _write(self, shown: Picture, scope: str) -> str:
        jpeg = shown.jpeg
        if self._faults.strike("recorder_huge", scope):
            jpeg = jpeg[:-2] + bytes(_HUGE) + jpeg[-2:]
        if self._faults.strike("recorder_no_jpeg", scope):
            jpeg = b"\x89PNG\r\n\x1a\n" + bytes(100)
        text = base64.b64encode(jpeg).decode()
        if self._faults.strike("recorder_truncated", scope):
            text = text[: len(text) // 2 // 4 * 4 + 1]
        time = times.to_text(shown.ticks)
        return f"<Time>{time}</Time><Data>{text}</Data>"


def _size(parameters: Mapping[str, str], name: str) -> int:
    """Return a number of pixels. Raises ValueError if it is missing or wrong."""
    size = int(parameters.get(name, ""))
    if size not in range(_LARGEST + 1):
        message = f"{name} is out of range"
        raise ValueError(message)
    return size
