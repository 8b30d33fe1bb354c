import os
import signal
import subprocess
from pathlib import Path

from stack.waiting import wait_for


class Daemon:
    """A server process, in a process group of its own, with its output in a file."""

    def __init__(self, name, command, log, env=None):
        self.name = name
        self.command = [str(word) for word in command]
        self.log = Path(log)
        self.env = env
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                start_new_session=True,
            )
        try:
            wait_for(self.is_up_or_gone, f"{self.name} to come up")
        except TimeoutError as error:
            raise RuntimeError(self.trouble(str(error))) from None
        return self

    def is_up_or_gone(self):
        if self.process.poll() is not None:
            raise RuntimeError(self.trouble(f"{self.name} left with {self.process.returncode}"))
        return self.is_ready()

    def is_ready(self):
        raise NotImplementedError

    def trouble(self, text):
        return f"{text}\n{' '.join(self.command)}\n{self.log.read_text(errors='replace')[-4000:]}"

    def stop(self):
        """Asks it to go, and makes it go where that does not help. No process of it remains."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self):
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process = None

    def pause(self):
        """Hangs it: it keeps its connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        wait_for(lambda: process_status(self.pid)["State"].startswith("T"), f"{self.name} to stop")

    def resume(self):
        os.kill(self.pid, signal.SIGCONT)

    def peak_memory(self):
        """Most resident memory so far, in bytes."""
        return peak_memory(self.pid)


def process_status(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict((part.strip() for part in line.split(":", 1)) for line in lines)


def peak_memory(pid):
    return int(process_status(pid)["VmHWM"].split()[0]) * 1024


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
