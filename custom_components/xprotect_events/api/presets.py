"""Positions that a PTZ camera can be sent to, by the names that people gave them."""

from .models import Named


class Preset(Named):
    """A PTZ preset of a camera, a row of `GET /cameras/{id}/ptzPresets`."""

    __slots__ = ()
