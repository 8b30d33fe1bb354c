"""The processes of a run. The front server's worker has one core to itself as far as the bench is
concerned; whatever else it starts runs on the other."""

import socket
from pathlib import Path

import pages
from stack.daemon import Daemon, children
from stack.memcached import Memcached
from stack.nginx import nginx
from stack.ports import accepts, free_port
from stack.waiting import wait_for

TEMP_PATHS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]


DEBIAN_MODULES = "/usr/lib/nginx/modules"


def read(pid, name):
    return Path(f"/proc/{pid}/{name}").read_bytes()


def on_core(core, command):
    return ["taskset", "-c", core, *command]


class Storage(Memcached):
    """memcached with one thread: it has one core."""

    def __init__(self, folder, core, megabytes, connections):
        super().__init__(folder, megabytes)
        self.command = [
            str(word) for word in on_core(core, [*self.command, "-t", 1, "-c", connections])]

    def store(self, items):
        """Pairs of key and value."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            count = 0
            for key, value in items:
                connection.sendall(b"ms %s %d q\r\n%s\r\n" % (key.encode(), len(value), value))
                count += 1
            connection.sendall(b"mn\r\n")
            with connection.makefile("rb") as replies:
                reply = replies.readline()
        if reply != b"MN\r\n":
            raise RuntimeError(f"memcached refused one of {count} values: {reply}")

    def fill_up(self, size):
        """Stores values of this size until it throws some out: from then on it takes no new memory,
        as one that has run for a while."""
        evictions = self.evictions()
        batch = max(1, (32 << 20) // size)
        number = 0
        while self.evictions() == evictions:
            self.store((f"filling:{size}:{key}", bytes(size))
                       for key in range(number, number + batch))
            number += batch

    def evictions(self):
        return int(self.stats()["evictions"])


class Server(Daemon):
    """A server on a port of its own."""

    def __init__(self, name, folder, port, command):
        self.port = port
        self.address = f"127.0.0.1:{port}"
        super().__init__(name, command, folder / "output.log")

    def is_ready(self):
        return accepts(("127.0.0.1", self.port))

    def child(self, answers_requests):
        """The process id of the child that answers requests."""
        return wait_for(lambda: next(filter(answers_requests, children(self.pid)), None),
                        f"{self.name}'s worker")

    def complaints(self):
        """What its log says is wrong."""
        raise NotImplementedError


class Nginx(Server):
    def __init__(self, name, folder, *, core, other_core, connections, modules=(), http="",
                 server=""):
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        port = free_port()
        mask = format(1 << core, "b")
        loads = "\n".join(f"load_module {module};" for module in modules)
        temp_paths = "\n".join(f"{path}_temp_path {folder}/{path};" for path in TEMP_PATHS)
        conf = folder / "nginx.conf"
        conf.write_text(f"""
{loads}
worker_processes 1;
worker_cpu_affinity {mask};
worker_rlimit_nofile {4 * connections + 1024};
events {{ worker_connections {3 * connections + 1024}; }}
http {{
    access_log off;
    default_type "text/html; charset=utf-8";
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    {temp_paths}
    {http}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        {server}
    }}
}}
""")
        self.nginx = [nginx(), "-p", folder, "-c", conf, "-e", folder / "error.log", "-g"]
        self.directives = f"daemon off; pid {folder}/nginx.pid;"
        self.folder = folder
        self.alone = False
        super().__init__(name, folder, port,
                         on_core(other_core, [*self.nginx, self.directives]))

    def run_alone(self, *tool):
        """Under a tool, without a master process."""
        self.alone = True
        directives = f"{self.directives} master_process off;"
        self.command = [str(word) for word in (*tool, *self.nginx, directives)]

    @property
    def worker(self):
        if self.alone:
            return self.pid
        return self.child(lambda child: b"worker process" in read(child, "cmdline"))

    def trouble(self, text):
        errors = self.folder / "error.log"
        return super().trouble(text) + (errors.read_text()[-4000:] if errors.exists() else "")

    def complaints(self):
        words = ("[error]", "[crit]", "[alert]", "[emerg]")
        lines = (self.folder / "error.log").read_text(errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in words)]


def backend(folder, sizes, core, connections):
    """Makes any page of these sizes, and counts its requests."""
    locations = "\n".join(
        f"location {pages.prefix(size)} {{ {pages.add_header()} {pages.answer_with(size)} }}"
        for size in sizes)
    locations += "\nlocation = /requests { stub_status; }"
    return Nginx("backend", folder, core=core, other_core=core, connections=connections,
                 server=locations)


class VarnishServer(Server):
    def __init__(self, name, folder, place):
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        port = free_port()
        host, backend_port = place.backend.address.split(":")
        vcl = folder / "default.vcl"
        vcl.write_text(f"""vcl 4.1;
backend default {{ .host = "{host}"; .port = "{backend_port}"; }}
sub vcl_deliver {{
    if (obj.hits > 0) {{ set resp.http.X-Cache-Status = "HIT"; }}
    else {{ set resp.http.X-Cache-Status = "MISS"; }}
}}
""")
        parameters = {
            "thread_pools": 1,
            "thread_pool_min": 100,
            "thread_pool_max": max(1000, 2 * place.connections),
            "timeout_idle": 3600,
        }
        command = ["varnishd", "-F", "-a", f"127.0.0.1:{port}", "-f", vcl, "-n", folder / "work"]
        command += ["-s", f"malloc,{place.megabytes}m"]
        for parameter, value in parameters.items():
            command += ["-p", f"{parameter}={value}"]
        super().__init__(name, folder, port, on_core(place.core, command))

    @property
    def worker(self):
        return self.child(lambda child: read(child, "comm").strip() == b"cache-main")

    def complaints(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if "Error" in line or "Panic" in line]
