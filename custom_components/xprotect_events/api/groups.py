"""Groups of devices, which can be nested; users make them in the Management Client."""

from collections.abc import Mapping

from .models import Named
from .source import Resource

# The lists of groups that are read, and the resource of their members.
GROUPED: Mapping[str, Resource] = {
    "cameraGroups": Resource.CAMERAS,
    "inputEventGroups": Resource.INPUT_EVENTS,
    "outputGroups": Resource.OUTPUTS,
}


class GroupName(Named):
    """A group without its members, a row of `GET /cameraGroups` and the like."""

    __slots__ = ()
