"""Starts one command, waits for it, prints what it used as JSON. Run by `measure.py`.

Linux counts the memory of the process that starts a command into that command's peak. So this small process
starts it, and not the runner, which may have grown.
"""

import json
import os
import sys
import time


def main() -> None:
    """Runs the command ``argv[3:]``; its output goes to the file ``argv[1]``, its errors to ``argv[2]``."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0o600),
        (os.POSIX_SPAWN_OPEN, 1, sys.argv[1], flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, sys.argv[2], flags, 0o600),
    ]
    os.sync()  # so that nobody pays for what the one before wrote
    started = time.perf_counter()
    child = os.posix_spawn(sys.argv[3], sys.argv[3:], os.environ, file_actions=actions)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - started
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps([os.waitstatus_to_exitcode(status), wall, cpu, used.ru_maxrss * 1024]))


main()
