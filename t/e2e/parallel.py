"""Runs test classes in processes of their own, several at a time, and hands what happened to one result, as
if all had run in this one.

A class is one process, as its tests share what setUpClass started. The process has a folder for all that it
writes and ports that no other one takes. When it ends, whatever the reason, its servers and its folder go.
"""

import ctypes
import os
import pickle
import shutil
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

from stack import ports

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
SECONDS_TO_LEAVE = 20
SLOWEST = 10
EVENTS = ("addSuccess", "addError", "addFailure", "addSkip", "addExpectedFailure",
          "addUnexpectedSuccess", "addSubTest")


class Named:
    """A test of which only the name is known."""

    failureException = AssertionError

    def __init__(self, test):
        self.name = str(test)
        self.first_line = test.shortDescription()

    def __str__(self):
        return self.name

    def shortDescription(self):
        return self.first_line


class Recorder(unittest.TestResult):
    """Keeps what happens as a list that can be sent: (method, arguments) of a TestResult."""

    def __init__(self, failfast):
        super().__init__()
        self.failfast = failfast
        self.events = []
        self.times = []
        self.began = 0

    def startTest(self, test):
        super().startTest(test)
        self.events.append(("startTest", (Named(test),)))
        self.began = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.times.append((time.monotonic() - self.began, test.id()))
        self.events.append(("stopTest", (Named(test),)))


def sendable(result, argument, test):
    if isinstance(argument, tuple):  # of sys.exc_info()
        # That of "setUpClass (...)" is None.
        kind = AssertionError if issubclass(argument[0], test.failureException or ()) else Exception
        return kind, result._exc_info_to_string(argument, test), None
    return Named(argument) if hasattr(argument, "shortDescription") else argument


def recording(name):
    of_result = getattr(unittest.TestResult, name)

    def record(self, *arguments):
        self.events.append((name, tuple(sendable(self, each, arguments[0]) for each in arguments)))
        of_result(self, *arguments)

    return record


for event in EVENTS:
    setattr(Recorder, event, recording(event))


class Result(unittest.TextTestResult):
    """Gets failures as text, and tells at the end which tests took longest."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.times = []

    def _exc_info_to_string(self, err, test):
        return err[1]

    def stopTestRun(self):
        self.stream.write("\nslowest:\n")
        for seconds, name in sorted(self.times, reverse=True)[:SLOWEST]:
            self.stream.write(f"  {seconds:6.1f} s  {name}\n")


class Running:
    """The process of one class."""

    def __init__(self, suite, folder, number, of, failfast):
        self.suite = suite
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        self.folder.chmod(0o1777)  # as /tmp: some servers run as somebody else where we are root
        self.number = number
        self.printed = self.folder / "printed"
        self.read_end, write_end = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.run(write_end, of, failfast)
            finally:
                os._exit(1)
        os.close(write_end)
        self.received = []

    def run(self, write_end, of, failfast):
        """In the new process. Does not return."""
        os.setsid()  # Ctrl-C goes to the first process alone, which ends this one
        set_option(PR_SET_PDEATHSIG, signal.SIGTERM)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.default_int_handler)  # no test takes it for a failure
        output = os.open(self.printed, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.set_inheritable(write_end, False)
        tempfile.tempdir = os.environ["TMPDIR"] = str(self.folder)
        ports.take_share(self.number, of)

        recorder = Recorder(failfast)
        try:
            self.suite.run(recorder)
            sys.stdout.flush()
            with os.fdopen(write_end, "wb") as pipe:
                pickle.dump((recorder.events, recorder.times), pipe)
        except KeyboardInterrupt:
            end_descendants()
            os._exit(1)
        end_descendants()
        os._exit(0)

    def report(self, result):
        """Hands to `result` what has happened in the process, which has ended."""
        os.close(self.read_end)
        _, status = os.waitpid(self.pid, 0)
        text = self.printed.read_text(errors="replace") if self.printed.exists() else ""
        shutil.rmtree(self.folder, ignore_errors=True)
        if text:
            result.stream.write(f"\n{text}")
        received = b"".join(self.received)
        if not received:
            code = os.waitstatus_to_exitcode(status)
            error = Exception, f"the process of its class ended with {code}\n", None
            result.addError(Named(next(iter(self.suite))), error)
            return
        events, times = pickle.loads(received)
        for name, arguments in events:
            getattr(result, name)(*arguments)
        result.times += times


class Parallel:
    """What unittest's runner can run: the classes, in the order in which they are begun."""

    def __init__(self, suites, processes, failfast):
        self.waiting = list(suites)
        self.processes = processes
        self.failfast = failfast
        self.running = DefaultSelector()
        self.numbers = set(range(processes))

    def __call__(self, result):
        set_option(PR_SET_CHILD_SUBREAPER, 1)
        folder = Path(tempfile.mkdtemp(prefix="mcache-e2e-"))
        folder.chmod(0o755)
        try:
            self.run(result, folder)
        finally:
            self.end()
            end_descendants()
            shutil.rmtree(folder, ignore_errors=True)

    def run(self, result, folder):
        while self.running.get_map() or (self.waiting and not result.shouldStop):
            while self.waiting and self.numbers and not result.shouldStop:
                one = Running(self.waiting.pop(0), folder, self.numbers.pop(), self.processes,
                              self.failfast)
                self.running.register(one.read_end, EVENT_READ, one)
            if result.shouldStop:
                return
            for key, _ in self.running.select():
                one = key.data
                some = os.read(one.read_end, 1 << 20)
                if some:
                    one.received.append(some)
                else:
                    self.running.unregister(one.read_end)
                    one.report(result)
                    self.numbers.add(one.number)

    def end(self):
        """Ends those that still run; they end their servers."""
        left = {key.data.pid for key in self.running.get_map().values()}
        for pid in left:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_LEAVE
        while left and time.monotonic() < deadline:
            left = {pid for pid in left if os.waitpid(pid, os.WNOHANG) == (0, 0)}
            time.sleep(0.02)


def set_option(option, value):
    """prctl(2)"""
    if ctypes.CDLL(None, use_errno=True).prctl(option, int(value), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def descendants():
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            children.setdefault(int(parent), []).append(int(stat.parent.name))
    found = [os.getpid()]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found[1:]


def end_descendants():
    """A process whose parent leaves becomes a child of this one: none is missed."""
    while left := descendants():
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)
