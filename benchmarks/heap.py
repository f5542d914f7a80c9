"""The memory of this process: what it takes, and what is in use."""

import ctypes
import gc
import sys
from typing import NamedTuple, Self

from benchmarks.site import megabytes


class Heap(ctypes.Structure):
    """The C library's statistics of its heap, `struct mallinfo2` of glibc."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


C_LIBRARY = ctypes.CDLL(None)
C_LIBRARY.mallinfo2.restype = Heap


class Memory(NamedTuple):
    """The memory of a process.

    `megabytes` grows to the largest need and is not given back. The others show
    leaks: bytes in use of the C library's heap, and Python's own blocks, which are all
    but the largest by default.
    """

    megabytes: float
    in_use: float
    blocks: int

    @classmethod
    def now(cls) -> Self:
        """Measure."""
        gc.collect()
        heap = C_LIBRARY.mallinfo2()
        in_use = (heap.uordblks + heap.hblkhd) / 1024**2
        return cls(megabytes(), in_use, sys.getallocatedblocks())

    def __str__(self) -> str:
        return (
            f"{self.megabytes:.1f} MB, {self.in_use:.1f} MB of the heap in use,"
            f" {self.blocks} blocks"
        )


def release_memory() -> None:
    """Give the C library's unused memory back to the system."""
    C_LIBRARY.malloc_trim(0)
