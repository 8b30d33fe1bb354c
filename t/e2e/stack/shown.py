"""One configuration from the documentation, running: a memcached, a backend that a test writes as a
function, and nginx."""

import shutil
import tempfile
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stack.browser import Browser
from stack.memcached import Memcached
from stack.nginx import Nginx
from stack.ports import free_port
from stack.running import default_module
from stack.waiting import wait_for


class Backend:
    """answer(path, headers) gives (status, headers, body), or a body alone."""

    def __init__(self, answer):
        self.asked = Counter()  # by path
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                backend.asked[self.path] += 1
                said = answer(self.path, self.headers)
                status, headers, body = said if isinstance(said, tuple) else (200, {}, said)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_POST = do_GET

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Shown:
    """text: a whole configuration. answers: a backend for each address in it, {"127.0.0.1:8000":
    answer}. servers: how many memcacheds; they take the place of `server 127.0.0.1:11211;`."""

    def __init__(self, text, answers, servers=1, replace=None):
        self.folder = Path(tempfile.mkdtemp(prefix="mcache-"))
        self.folder.chmod(0o755)
        self.memcacheds = [Memcached(self.folder) for _ in range(servers)]
        self.backends = {address: Backend(answer) for address, answer in answers.items()}
        lines = "\n".join(f"server {each.address};" for each in self.memcacheds)
        wanted = {"server 127.0.0.1:11211;": lines}
        wanted |= {address: backend.address for address, backend in self.backends.items()}
        text = text.replace("listen 127.0.0.1:8080", "listen 8080")
        if "error_log" not in text:
            text = "error_log /var/log/nginx/error.log notice;\n" + text
        conf = self.folder / "shown.conf"
        conf.write_text(text)
        self.nginx = Nginx(self.folder, Path(default_module()).resolve(), conf, free_port(),
                           wanted | (replace or {}))

    @property
    def memcached(self):
        return self.memcacheds[0]

    @property
    def backend(self):
        return next(iter(self.backends.values()))

    def __enter__(self):
        try:
            for daemon in [*self.memcacheds, self.nginx]:
                daemon.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *failure):
        for daemon in [self.nginx, *self.memcacheds]:
            daemon.stop()
        for backend in self.backends.values():
            backend.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, method, path, host="localhost", **headers):
        fields = {"Host": host} | {name.replace("_", "-"): text for name, text in headers.items()}
        return Browser(self.nginx.port).request(method, path, headers=fields)

    def get(self, path, host="localhost", **headers):
        return self.request("GET", path, host, **headers)

    def stored(self, key):
        """Its value, once it is there."""
        def value():
            found = [each.read(key) for each in self.memcacheds]
            return next((each for each in found if each and each[1]), None)
        return wait_for(value, f"{key} in memcached")
