"""Groups of devices, which people make in the Management Client; they nest."""

from collections.abc import Mapping

from .models import Named
from .source import Resource

# The lists of groups that are read, and what they are groups of.
GROUPED: Mapping[str, Resource] = {
    "cameraGroups": Resource.CAMERAS,
    "inputEventGroups": Resource.INPUT_EVENTS,
    "outputGroups": Resource.OUTPUTS,
}


class GroupName(Named):
    """A group without its members, a row of `GET /cameraGroups` and the like."""

    __slots__ = ()
