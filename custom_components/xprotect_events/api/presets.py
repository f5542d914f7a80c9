"""PTZ presets: named positions of a camera."""

from .models import Named


class Preset(Named):
    """A PTZ preset of a camera, a row of `GET /cameras/{id}/ptzPresets`."""

    __slots__ = ()
