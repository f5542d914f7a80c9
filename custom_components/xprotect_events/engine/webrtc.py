"""Turns two WebRTC offers into two answers (protocol §12.2).

XProtect's gateway sends an offer, and so does Home Assistant's frontend, and both
expect an answer. Each gets an answer made of the other's offer. The video itself does
not pass through Home Assistant. The terms are those of SDP (RFC 8866) and WebRTC
(RFC 8829).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
import re
from typing import NamedTuple, Self

from ..api import Candidate

# Characters. Offers of browsers have 3,000 to 10,000.
MAX_OFFER = 100_000
# Media sections. Offers have at most three: audio, video, data channel.
MAX_SECTIONS = 16
# Ports in an answer: the first refuses a media section, the second accepts it and
# leaves the address to the candidates.
REFUSED, ACCEPTED = 0, 9
# Feedback on lost packets and pictures, which every H.264 implementation supports.
FEEDBACK = ("nack", "nack pli")
# XProtect sends pictures larger than a packet, which the other modes do not support.
WANTED_MODE = "packetization-mode=1"

_H264 = re.compile(r"rtpmap:(\d+) H264/90000", re.IGNORECASE)


class Side(StrEnum):
    """The side that has sent an offer."""

    BROWSER = "browser"
    SERVER = "server"


class OfferError(Exception):
    """An offer of `side` that cannot be answered, for the reason of the class."""

    def __init__(self, side: Side) -> None:
        super().__init__(f"{type(self).__name__} ({side})")
        self.side = side


class NoVideoError(OfferError):
    """The offer has no video."""


class NoH264Error(OfferError):
    """The offer has video, but not as H.264.

    XProtect offers only the codec of the camera, and some browsers lack H.264.
    """


class NoCredentialsError(OfferError):
    """The offer lacks the ICE user, the ICE password or the fingerprint."""


class Answers(NamedTuple):
    """The answer for each side, and how each side names the video section."""

    for_browser: str
    for_server: str
    video_mid: str
    server_mid: str
    server_index: int

    def missing(self, found: Sequence[Candidate]) -> list[str]:
        """Return the candidates of the video that the browser's answer lacks, as lines.

        Another section may have a connection of its own, with the same credentials:
        the browser would connect to that and receive nothing. Some servers name the
        first section in all candidates, so without any of the video all are returned.
        """
        video = [one for one in found if one.is_of(self.server_mid, self.server_index)]
        lines = dict.fromkeys(one.line for one in video or found)
        return [line for line in lines if f"a={line}\r\n" not in self.for_browser]


def answer_offers(browser_offer: str, server_offer: str) -> Answers:
    """Connect a browser that receives video to a server that sends it.

    Both answers have the payload number of the browser, because the server's number
    may mean another codec there. The server sends with the number in its answer. Only
    the browser gets candidates: the server finds the browser's address by the
    connectivity checks, and cannot fail before these arrive.
    Raises `NoVideoError`, `NoH264Error` or `NoCredentialsError`.
    """
    browser = Offer.parse(browser_offer, Side.BROWSER)
    server = Offer.parse(server_offer, Side.SERVER)
    payload = browser.h264.number
    return Answers(
        for_browser=browser.answer(
            payload,
            peer=server.credentials,
            setup="passive",
            direction="sendonly",
            candidates=server.candidates,
        ),
        for_server=server.answer(
            payload, peer=browser.credentials, setup="active", direction="recvonly"
        ),
        video_mid=browser.video.mid,
        server_mid=server.video.mid,
        server_index=server.sections.index(server.video),
    )


class IceCredentials(NamedTuple):
    """What identifies a side: ICE user and password, and DTLS fingerprint."""

    user: str
    password: str
    fingerprint: str

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes for an answer."""
        return (
            f"ice-ufrag:{self.user}",
            f"ice-pwd:{self.password}",
            f"fingerprint:{self.fingerprint}",
        )


class H264(NamedTuple):
    """A payload number for H.264, and its format parameters."""

    number: str
    parameters: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A media section: `kind` is audio, video or application."""

    kind: str
    protocol: str
    formats: tuple[str, ...]
    attributes: tuple[str, ...]

    @classmethod
    def parse(cls, section: str) -> Self:
        """Read a section without `m=`: kind, port, protocol, formats, attributes."""
        first, *rest = section.splitlines() or ("",)
        kind, _, protocol, *formats = (*first.split(), "", "", "")
        return cls(
            kind=kind,
            protocol=protocol,
            formats=tuple(filter(None, formats)),
            attributes=tuple(_attributes(rest)),
        )

    @property
    def mid(self) -> str:
        """The name of the section."""
        return _value(self.attributes, "mid") or ""

    @property
    def h264(self) -> Iterator[H264]:
        """All payload numbers for H.264, in order of preference."""
        for attribute in self.attributes:
            if match := _H264.fullmatch(attribute):
                number = match[1]
                yield H264(number, _value(self.attributes, f"fmtp:{number}", " ") or "")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A session description of one side, to which an answer is written."""

    side: Side
    attributes: tuple[str, ...]
    sections: tuple[Media, ...]

    @classmethod
    def parse(cls, sdp: str, side: Side) -> Self:
        """Read an offer; any other text results in one without sections."""
        session, *sections = re.split(r"^m=", sdp[:MAX_OFFER], flags=re.MULTILINE)
        return cls(
            side=side,
            attributes=tuple(_attributes(session.splitlines())),
            sections=tuple(Media.parse(section) for section in sections[:MAX_SECTIONS]),
        )

    @cached_property
    def video(self) -> Media:
        """The first section of video. Raises `NoVideoError`."""
        for section in self.sections:
            if section.kind == "video":
                return section
        raise NoVideoError(self.side)

    @cached_property
    def h264(self) -> H264:
        """The preferred H.264 format. Raises `NoVideoError` or `NoH264Error`."""
        formats = tuple(self.video.h264)
        if not formats:
            raise NoH264Error(self.side)
        fitting = (one for one in formats if WANTED_MODE in one.parameters)
        return next(fitting, formats[0])

    @property
    def credentials(self) -> IceCredentials:
        """The credentials of the video section, else those of the session.

        Raises `NoVideoError` or `NoCredentialsError`.
        """
        lines = (*self.video.attributes, *self.attributes)
        found = (_value(lines, key) for key in ("ice-ufrag", "ice-pwd", "fingerprint"))
        user, password, fingerprint = found
        if not (user and password and fingerprint):
            raise NoCredentialsError(self.side)
        return IceCredentials(user, password, fingerprint)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The candidates of the video section, unchanged."""
        return tuple(
            attribute
            for attribute in self.video.attributes
            if attribute.startswith("candidate:")
        )

    def answer(
        self,
        payload: str,
        *,
        peer: IceCredentials,
        setup: str,
        direction: str,
        candidates: tuple[str, ...] = (),
    ) -> str:
        """Return an answer that accepts the video as H.264 and refuses all else.

        Raises `NoVideoError` or `NoH264Error`.
        """
        parameters = self.h264.parameters
        lines = [
            *("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"),
            f"a=group:BUNDLE {self.video.mid}",
        ]
        for section in self.sections:
            common = (
                *peer.attributes,
                f"setup:{setup}",
                f"mid:{section.mid}",
                "rtcp-mux",
            )
            if section is not self.video:
                lines += _refusal(section, common)
                continue
            lines += _section(
                section,
                ACCEPTED,
                payload,
                (
                    *common,
                    direction,
                    f"rtpmap:{payload} H264/90000",
                    *((f"fmtp:{payload} {parameters}",) if parameters else ()),
                    *(f"rtcp-fb:{payload} {feedback}" for feedback in FEEDBACK),
                    *candidates,
                ),
            )
        return "\r\n".join((*lines, ""))


def _refusal(section: Media, common: tuple[str, ...]) -> list[str]:
    """Refuse a section; some servers require credentials and a format in it."""
    chosen = section.formats[0] if section.formats else "0"
    rtpmap = _value(section.attributes, f"rtpmap:{chosen}", " ")
    known = (f"rtpmap:{chosen} {rtpmap}",) if rtpmap else ()
    return _section(section, REFUSED, chosen, (*common, "inactive", *known))


def _section(
    section: Media, port: int, chosen: str, attributes: tuple[str, ...]
) -> list[str]:
    return [
        f"m={section.kind} {port} {section.protocol} {chosen}",
        "c=IN IP4 0.0.0.0",
        *(f"a={attribute}" for attribute in attributes),
    ]


def _attributes(lines: list[str]) -> Iterator[str]:
    return (line[2:] for line in lines if line.startswith("a="))


def _value(attributes: tuple[str, ...], key: str, separator: str = ":") -> str | None:
    """Return the value of the first attribute with this key, or `None`."""
    start = key + separator
    found = (one[len(start) :].strip() for one in attributes if one.startswith(start))
    return next(found, None)
