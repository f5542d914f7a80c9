"""Run the demo in its environment."""

from __future__ import annotations

import os
from pathlib import Path
import sys

from . import environments

sys.path.append(str(Path(__file__).resolve().parents[2]))

from demo.options import parser


def become(program: str, *more: str) -> int:
    """Check the options, install what is missing, and replace this process."""
    parser(program).parse_args()
    programs = environments.ensure("demo")
    python = str(programs / "python")
    os.chdir(environments.REPOSITORY)
    command = [python, "-m", "demo", *more, *sys.argv[1:]]
    os.execve(python, command, environments.activated(programs))
