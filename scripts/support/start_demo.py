"""Become the demo, in an environment that fits."""

from __future__ import annotations

import os
from pathlib import Path
import sys

from . import environments

sys.path.append(str(Path(__file__).resolve().parents[2]))

from demo.options import parser


def become(program: str, *more: str) -> int:
    """Check the options before anything is installed, which takes a minute."""
    parser(program).parse_args()
    programs = environments.ensure("demo")
    python = str(programs / "python")
    os.chdir(environments.REPOSITORY)
    command = [python, "-m", "demo", *more, *sys.argv[1:]]
    os.execve(python, command, environments.activated(programs))
