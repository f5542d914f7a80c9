"""Parts that the records of all resources share."""

type Record = dict[str, object]

MODIFIED = "2025-06-01T08:15:30.1234567Z"

# The server's form of "never"; it has no time zone.
NEVER = "0001-01-01T00:00:00.0000000"

NO_ID = "00000000-0000-0000-0000-000000000000"


def reference(path: str) -> Record:
    """Return a link to an item."""
    kind, _, item_id = path.partition("/")
    return {"type": kind, "id": item_id}


def relation(record: Record, name: str) -> object:
    """Return the link `self` or `parent` of a record."""
    relations = record["relations"]
    return relations.get(name) if isinstance(relations, dict) else None


def own_id(record: Record) -> object:
    """Return the id in the link `self`, which every record has."""
    own = relation(record, "self")
    return own.get("id") if isinstance(own, dict) else None
