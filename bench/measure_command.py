#!/usr/bin/env python3
"""Runs a command and prints its wall time, CPU time and peak memory as JSON. Used by measuring.py.

A process of its own, and a small one: the kernel counts the memory of the process that starts a command into the command's
peak, so that a caller with numpy loaded would hide what small commands take.
"""
import json
import os
import sys
import time

start = time.monotonic()
null = os.open(os.devnull, os.O_WRONLY)
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
_, status, usage = os.wait4(pid, 0)
wall = time.monotonic() - start
code = os.waitstatus_to_exitcode(status)
print(json.dumps({"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}))
sys.exit(1 if code else 0)
