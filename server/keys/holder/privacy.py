"""What keeps the process's memory to itself: no swap, no core dump, no debugger."""

from __future__ import annotations

import ctypes
import resource

_PR_SET_DUMPABLE = 4
_MCL_CURRENT_AND_FUTURE = 3


def shut_in() -> bool:
    """Shut the process's memory in; say whether it is also kept out of swap.

    Locking it needs LimitMEMLOCK; without it the process goes on and says so.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE) failed")
    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if soft != resource.RLIM_INFINITY:
        return False  # locking only what fits would make a later allocation fail instead
    return bool(libc.mlockall(_MCL_CURRENT_AND_FUTURE) == 0)
