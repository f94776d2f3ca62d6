"""The bounds of a process that works on what strangers sent, each in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from stories.config import ROOT


def run(code):
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", f"from stories.symbols import limits\n{code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert time.monotonic() - began < 100
    return done


def test_it_is_less_urgent_than_the_server_and_has_a_gigabyte():
    done = run(
        "import os; limits.be_small(); print(os.getpriority(os.PRIO_PROCESS, 0))\n"
        "try: bytearray(2 << 30)\nexcept MemoryError: print('refused')"
    )
    assert done.stdout.split() == [str(10), "refused"], done.stderr


def test_work_in_c_that_never_ends_is_ended_by_the_kernel():
    done = run(
        "import signal; limits.be_small(); limits.CPU_SECONDS = 1\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})  # as code in C does not hear it\n"
        "with limits.piece_of_work():\n    while True: pass"
    )
    assert done.returncode == -signal.SIGXCPU


def test_a_piece_of_work_has_its_own_time_however_long_the_process_lives():
    done = run(
        "import time; limits.be_small(); limits.CPU_SECONDS = 2\n"
        "for _ in range(3):\n"
        "    with limits.piece_of_work():\n"
        "        end = time.process_time() + 1\n"
        "        while time.process_time() < end: pass\n"
        "limits.WAIT_SECONDS = 0.1\n"
        "try:\n"
        "    with limits.piece_of_work(): time.sleep(60)\n"
        "except limits.TookTooLong: print('late')"
    )
    assert done.stdout == "late\n", done.stderr
