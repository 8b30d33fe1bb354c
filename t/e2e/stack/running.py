import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from stack.backends import Gunicorn, PhpFpm, Uwsgi
from stack.browser import Browser
from stack.keys import key_of
from stack.memcached import Memcached
from stack.nginx import Nginx
from stack.ports import free_port
from stack.site import Site
from stack.waiting import wait_for

PROJECT = Path(__file__).resolve().parents[3]


def default_module():
    build = os.environ.get("MCACHE_BUILD") or PROJECT / "build"
    return Path(os.environ.get("MCACHE_MODULE") or Path(build) / "ngx_http_mcache_module.so")


class Stack:
    """memcached, a backend and nginx with one of conf-examples, on free ports, in one temporary
    folder. With `with`: everything runs, and afterwards nothing is left.

    example    file name in conf-examples
    edit       [(text, new text)] for the example, beyond the addresses
    backend    Gunicorn, Uwsgi or PhpFpm
    settings   the Django site's settings module
    stores     whether Django writes its pages to memcached itself
    tags       whether it purges by tag, with conf-examples/django/page_purge.py
    servers    how many memcacheds
    server_parameters  what follows their addresses in mcache_pool
    """

    def __init__(self, example="django.conf", *, edit=(), backend=Gunicorn, workers=3,
                 settings="portfolio.settings", stores=False, tags=False, servers=1,
                 server_parameters="", port=None, module=None):
        self.module = Path(module or default_module()).resolve()
        if not self.module.exists():
            raise RuntimeError(f"there is no {self.module}: build the module first")
        self.folder = Path(tempfile.mkdtemp(prefix="mcache-"))
        self.folder.chmod(0o755)  # nginx's workers and PHP run as somebody else where we are root
        self.memcacheds = [Memcached(self.folder) for _ in range(servers)]
        addresses = [memcached.address for memcached in self.memcacheds]
        self.site = Site(self.folder / "site", addresses, settings, stores, tags)
        self.wants = example, edit, backend, workers, server_parameters, port or free_port()
        self.backend = None
        self.nginx = None

    @property
    def memcached(self):
        return self.memcacheds[0]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.nginx.port}"

    def start(self):
        try:
            self.start_all()
        except BaseException:
            self.stop()
            raise
        return self

    def start_all(self):
        example, edit, backend, workers, parameters, port = self.wants
        for memcached in self.memcacheds:
            memcached.start()
        if not issubclass(backend, PhpFpm):
            self.site.prepare()
        self.backend = backend(self.folder, self.site, workers)
        self.backend.start()

        servers = [f"server {each.address} {parameters};" for each in self.memcacheds]
        replace = {
            "server 127.0.0.1:11211;": "\n        ".join(servers),
            "/srv/site/": f"{self.site.folder}/",
        }
        if backend is Gunicorn:
            replace["127.0.0.1:8000"] = self.backend.address
        elif backend is Uwsgi:
            replace["/run/uwsgi/app/site/socket"] = self.backend.address
        else:
            replace["/run/php/php8.2-fpm.sock"] = self.backend.address
            replace["/var/www/site"] = replace["/usr/share/wordpress"] = self.backend.root
        self.nginx = Nginx(self.folder, self.module, example, port, replace, edit)
        self.nginx.start()

    def stop(self):
        for daemon in [self.nginx, self.backend, *self.memcacheds]:
            if daemon is not None:
                daemon.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *failure):
        self.stop()

    def browser(self):
        """A visitor with a cookie jar of its own."""
        return Browser(self.nginx.port)

    def get(self, path, headers=None):
        """GET by a visitor who was never here before."""
        return self.browser().get(path, headers)

    def keys(self):
        return set().union(*(memcached.keys() for memcached in self.memcacheds))

    def stored(self, key):
        """The value (flags, bytes) under this key; None also where it is empty."""
        for memcached in self.memcacheds:
            value = memcached.read(key)
            if value and value[1]:
                return value
        return None

    def warm(self, page, key=None):
        """Asks for a page that is not in memcached, and returns the answer when it is there. nginx
        does not let the client wait for that."""
        answer = self.get(page)
        key = key or key_of(page)
        wait_for(lambda: self.stored(key), f"{page} to be stored as {key}")
        return answer

    def forget_all(self):
        for memcached in self.memcacheds:
            memcached.flush()


def stop_on_signals():
    """SIGTERM and SIGHUP leave like Ctrl-C, by an exception, so that `with Stack()` cleans up."""

    def leave(number, frame):
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
