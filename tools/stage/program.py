"""One program of the stage: started with a log file, watched, ended by its own process id."""
import ctypes
import os
import pathlib
import signal
import subprocess
import time

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class StageError(Exception):
    """Something the reader must do something about; its text is the one clear line."""


class Program:
    def __init__(self, name, argv, log_folder):
        self.name = name
        self.argv = [str(word) for word in argv]
        self.log = pathlib.Path(log_folder) / f"{name}.log"
        self.process = None
        self.log_begin = 0  # of this start

    def start(self):
        self.log_begin = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_die_with_parent)
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_for_log(self, words, deadline_s=20.0):
        """Until the log says `words` (since the last start), or the program ends, or the deadline passes."""
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            if words in self.said():
                return
            self.check()
            time.sleep(0.02)
        raise StageError(f"{self.name} did not say '{words}' within {deadline_s:.0f} s; its log: {self.log}")

    def said(self):
        """Since the last start."""
        if not self.log.exists():
            return ""
        with open(self.log, "rb") as log:
            log.seek(self.log_begin)
            return log.read().decode(errors="replace")

    def check(self):
        if not self.running():
            last = self.said().strip().splitlines()[-1:] or ["(it said nothing)"]
            raise StageError(f"{self.name} ended with status {self.process.returncode}: {last[0]}")

    def kill(self):
        """As a power cut would: no warning."""
        if self.running():
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, deadline_s=8.0):
        if not self.running():
            return
        self.process.terminate()
        try:
            self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
