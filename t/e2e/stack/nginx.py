import os
import shutil
import signal
from pathlib import Path

from stack.daemon import Daemon, children, peak_memory, process_status
from stack.ports import accepts
from stack.waiting import wait_for

EXAMPLES = Path(__file__).resolve().parents[3] / "conf-examples"

TEMP_PATHS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]


class Nginx(Daemon):
    """nginx with one of conf-examples, its standard addresses and paths replaced.

    replace: {standard text: private text}; what is not in the example is not asked for.
    edit: [(text, new text)], each of which has to be in the example.
    detached: it is nobody's child, as a service is; nginx can be upgraded only so.
    """

    def __init__(self, folder, module, example, port, replace, edit=(), detached=False):
        self.port = port
        self.prefix = folder / "nginx"
        self.error_log = self.prefix / "error.log"
        self.pid_file = self.prefix / "nginx.pid"
        self.detached = detached
        self.rotated = 0
        (self.prefix / "modules").mkdir(parents=True)
        (self.prefix / "modules" / "ngx_http_mcache_module.so").symlink_to(module)

        text = (EXAMPLES / example).read_text()
        for old, new in edit:
            if old not in text:
                raise ValueError(f"{example} has no {old!r}")
            text = text.replace(old, new)
        self.replace = replace
        self.conf = self.prefix / "nginx.conf"
        self.configure(text)

        command = [nginx(), "-p", self.prefix, "-c", self.conf, "-e", self.error_log]
        command += ["-g", f"daemon {'on' if detached else 'off'}; pid {self.pid_file};"]
        if detached:
            command = ["sh", "-c", '"$@" && exec sleep infinity', "sh", *command]
        super().__init__("nginx", command, self.prefix / "output.log")

    def configure(self, text):
        """Writes the configuration that this example is here."""
        standard = {
            "listen 8080": f"listen 127.0.0.1:{self.port}",
            "/var/log/nginx/": f"{self.prefix}/",
            "http {\n": "http {\n" + "".join(
                f"    {name}_temp_path {self.prefix}/{name};\n" for name in TEMP_PATHS
            ),
        }
        for old, new in (standard | self.replace).items():
            text = text.replace(old, str(new))
        self.conf.write_text(text)

    @property
    def pid(self):
        return int(self.pid_file.read_text()) if self.detached else super().pid

    def workers(self):
        """Those that take new connections."""
        return workers_of(self.pid)

    def reload(self):
        """Ends when the new workers have taken over: no old one takes a connection any more."""
        before = self.workers()
        os.kill(self.pid, signal.SIGHUP)
        wait_for(lambda: len(self.workers() - before) == len(self.workers()) == len(before),
                 "nginx to reload")

    def upgrade(self):
        """The program is started anew on the same sockets, and takes over. Ends when the old master has
        left, with all that it had to answer."""
        old, count = self.pid, len(self.workers())
        wait_for(lambda: not is_nginx(process_status(old)["PPid"]),
                 "nginx to be nobody's child: it takes no USR2 before")
        os.kill(old, signal.SIGUSR2)
        wait_for(lambda: len(workers_of(self.pid_or(old))) == count and self.pid_or(old) != old,
                 "the new master and its workers")
        os.kill(old, signal.SIGQUIT)
        wait_for(lambda: has_left(old), "the old master to leave")

    def pid_or(self, other):
        """While the pid file is written anew it is the other one."""
        try:
            return self.pid
        except (OSError, ValueError):
            return other

    def rotate(self):
        """Gives the error log another name, and lets nginx begin a new one."""
        self.rotated += 1
        self.error_log.rename(f"{self.error_log}.{self.rotated}")
        os.kill(self.pid, signal.SIGUSR1)
        wait_for(self.error_log.exists, "a new error log")

    def errors(self):
        """The text of the error log, what was rotated included."""
        older = [Path(f"{self.error_log}.{number + 1}") for number in range(self.rotated)]
        return "".join(path.read_text(errors="replace") for path in (*older, self.error_log))

    def stop(self):
        if self.detached and self.pid_file.exists():
            master = self.pid
            os.kill(master, signal.SIGTERM)
            wait_for(lambda: has_left(master), "nginx to leave")
        super().stop()

    def is_ready(self):
        return accepts(("127.0.0.1", self.port))

    def trouble(self, text):
        errors = self.error_log.read_text(errors="replace") if self.error_log.exists() else ""
        return super().trouble(text) + errors[-4000:]

    def alarms(self):
        """Lines of the error log that no test may leave behind."""
        words = ("[alert]", "[emerg]", "exited on signal")
        return [line for line in self.errors().splitlines() if any(word in line for word in words)]

    def peak_memory_of_workers(self):
        return sum(peak_memory(pid) for pid in children(self.pid))


def all_children(pid):
    """What the kernel lists as children may lack some while others of them leave."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(stat.parent.name))
    return found


def workers_of(pid):
    return {child for child in all_children(pid) if is_at_work(child)}


def has_left(pid):
    try:
        return process_status(pid)["State"].startswith("Z")
    except OSError:
        return True


def is_nginx(pid):
    try:
        return process_status(pid)["Name"] == "nginx"
    except OSError:
        return False


def is_at_work(pid):
    """Whether it is a worker that was not asked to leave."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"worker process" in title and b"shutting down" not in title


def nginx():
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise RuntimeError("there is no nginx (Debian: nginx)")
    return found
