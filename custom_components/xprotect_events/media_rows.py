"""Rows of the media browser: folders, pictures, and recorded video."""

from collections.abc import Sequence
from datetime import datetime

from homeassistant.components.media_player import MediaClass, MediaType
from homeassistant.components.media_source import BrowseMediaSource
from homeassistant.const import Platform
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .runtime import XProtectRuntime


def event_title(runtime: XProtectRuntime, time: datetime, type_id: str) -> str:
    """Return the title of an event: its local time and its type."""
    name = runtime.inventory.catalog.type_name(type_id)
    return f"{dt_util.as_local(time):%H:%M:%S} {name}"


def leaf(
    identifier: str, title: str, thumbnail: str, *, is_folder: bool = False
) -> BrowseMediaSource:
    """Return the picture of an event, or a folder with the picture and its video."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.IMAGE,
        media_content_type=MediaType.IMAGE,
        title=title,
        can_play=not is_folder,
        can_expand=is_folder,
        thumbnail=thumbnail,
    )


def video(entity_id: str, title: str, thumbnail: str) -> BrowseMediaSource:
    """Return a row that opens the dialog of a camera entity."""
    return BrowseMediaSource(
        domain=Platform.CAMERA,
        identifier=entity_id,
        media_class=MediaClass.VIDEO,
        media_content_type=MediaType.VIDEO,
        title=title,
        can_play=True,
        can_expand=False,
        thumbnail=thumbnail,
    )


def folder(
    parts: tuple[str, ...],
    title: str,
    children: Sequence[BrowseMediaSource] | None = None,
    *,
    holds_pictures: bool = False,
) -> BrowseMediaSource:
    """Return a folder, with its content if it is open."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier="/".join(parts),
        media_class=MediaClass.DIRECTORY,
        media_content_type=MediaType.IMAGE,
        title=title,
        can_play=False,
        can_expand=True,
        children=children,
        children_media_class=MediaClass.IMAGE if holds_pictures else None,
    )
