#!/usr/bin/env bash
# What one expects: a commit of a SQLAlchemy session takes time in proportion to its rows.
# Home Assistant's recorder collects rows in one session and commits every five seconds,
# so a fast writer only has to watch the length of the recorder's queue.
# What happens: rows that refer to the row before (the recorder's `States.old_state`: each
# state of an entity refers to the one before) are sorted in quadratic time. With the
# 18,700 items of five seconds of a catch-up such a commit took 40 seconds. Meanwhile the
# queue was not processed, and all items stayed in memory, 5.7 KB each. A fast writer
# should wait for commits (`Recorder.async_get_commit_future`), not for the queue.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install sqlalchemy==2.0.54
"$folder/venv/bin/python" - <<'PYTHON'
import time

import sqlalchemy
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class State(Base):
    __tablename__ = "states"
    id: Mapped[int] = mapped_column(primary_key=True)
    old_id: Mapped[int | None] = mapped_column(ForeignKey("states.id"))
    old: Mapped["State | None"] = relationship(remote_side=[id])


def commit(rows: int, *, chained: bool) -> float:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        last = None
        for _ in range(rows):
            last = State(old=last if chained else None)
            session.add(last)
        began = time.process_time()
        session.commit()
        return time.process_time() - began


print(f"SQLAlchemy {sqlalchemy.__version__}")
commit(10, chained=True)
took = {(rows, chained): commit(rows, chained=chained)
        for rows in (500, 4000) for chained in (False, True)}
for (rows, chained), seconds in took.items():
    print(f"{rows} rows{', each after another' if chained else ''}: {seconds:.2f} s")
each = took[4000, True] / took[500, True]
print(f"eight times as many in a chain take {each:.0f} times as long")
assert each > 20, "the behaviour has changed"
PYTHON
