import os
import shutil
import signal
from pathlib import Path

from stack.daemon import Daemon, children, peak_memory
from stack.ports import accepts
from stack.waiting import wait_for

EXAMPLES = Path(__file__).resolve().parents[3] / "conf-examples"

TEMP_PATHS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]


class Nginx(Daemon):
    """nginx with one of conf-examples, its standard addresses and paths replaced.

    replace: {standard text: private text}; what is not in the example is not asked for.
    edit: [(text, new text)], each of which has to be in the example.
    """

    def __init__(self, folder, module, example, port, replace, edit=()):
        self.port = port
        self.prefix = folder / "nginx"
        self.error_log = self.prefix / "error.log"
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
        command += ["-g", f"daemon off; pid {self.prefix}/nginx.pid;"]
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

    def workers(self):
        """Those that take new connections."""
        return {pid for pid in all_children(self.pid) if is_at_work(pid)}

    def reload(self):
        """Ends when the new workers have taken over: no old one takes a connection any more."""
        before = self.workers()
        os.kill(self.pid, signal.SIGHUP)
        wait_for(lambda: len(self.workers() - before) == len(self.workers()) == len(before),
                 "nginx to reload")

    def is_ready(self):
        return accepts(("127.0.0.1", self.port))

    def trouble(self, text):
        errors = self.error_log.read_text(errors="replace") if self.error_log.exists() else ""
        return super().trouble(text) + errors[-4000:]

    def alarms(self):
        """Lines of the error log that no test may leave behind."""
        words = ("[alert]", "[emerg]", "exited on signal")
        lines = self.error_log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in words)]

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
