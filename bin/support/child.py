"""Become the given command, but die with the process manager, even when that is killed without a word (Linux)."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h

manager = os.getppid()
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM if "worker" in sys.argv else signal.SIGKILL)
    if os.getppid() != manager:  # it died while we were starting
        sys.exit(1)
os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 -- becoming the command is the point
