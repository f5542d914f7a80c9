"""Check the coverage of every single module, not only of all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import tomllib


def shortfalls(report: Path, settings: Path) -> Iterator[str]:
    """Yield one sentence for each module below its minimum in `settings`."""
    tool = tomllib.loads(settings.read_text(encoding="utf-8"))["tool"]
    floors: dict[str, float] = tool["xprotect_events"]["coverage"]
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    for name, data in sorted(files.items()):
        covered = data["summary"]["percent_covered"]
        floor = _floor(name, floors)
        if covered < floor:
            yield f"{name}: {covered:.1f} % is covered, {floor:g} % is required"


def _floor(name: str, floors: Mapping[str, float]) -> float:
    fitting = [path for path in floors if Path(name).is_relative_to(path)]
    return floors[max(fitting, key=len)] if fitting else 0
