"""GUIDs and random numbers, computed from the seed."""

import functools
import random
import re
import uuid

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def seeded(*parts: object) -> random.Random:
    """Return a random generator whose seed is made of the parts."""
    return random.Random("/".join(str(part) for part in parts))


def guid_of(seed: int, *parts: object) -> str:
    """Return the GUID of the object that the parts name, at the site of this seed."""
    return str(uuid.uuid5(_site(seed), "/".join(str(part) for part in parts)))


@functools.lru_cache(maxsize=16)
def _site(seed: int) -> uuid.UUID:
    """Return the namespace of a site: most objects are asked for again and again."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"xprotect-simulator/{seed}")


def random_guid(source: random.Random) -> str:
    """Return the next GUID of a random generator."""
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def is_guid(text: str) -> bool:
    """Return whether a lower-case text is a GUID."""
    return _GUID.fullmatch(text) is not None
