import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

DATABASE = "portfolio.sqlite3"
SITE = Path(__file__).resolve().parent.parent / "site"
PAGE_PURGE = Path(__file__).resolve().parents[3] / "conf-examples" / "django"


class Site:
    """The data of one Django site (database, images, static files, request log) in a folder of its
    own, and its management commands."""

    prepared = None  # a folder with a filled site to copy from; processes forked later share it

    def __init__(self, folder, memcached_addresses, settings, stores=False, tags=False):
        self.folder = folder
        self.env = dict(
            os.environ,
            DJANGO_SETTINGS_MODULE=settings,
            PYTHONDONTWRITEBYTECODE="1",
            PYTHONPATH=str(PAGE_PURGE),
            SITE_DATA=str(folder),
            SITE_MEMCACHED=",".join(memcached_addresses),
            SITE_STORES="1" if stores else "0",
            SITE_TAGS="1" if tags else "0",
        )

    @classmethod
    def share(cls):
        cls.prepared = cls.prepared or tempfile.TemporaryDirectory(prefix="mcache-site-")
        return Path(cls.prepared.name)

    def prepare(self):
        folder = self.share()
        with open(folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "filled").exists():
                empty = Site(folder / "site", ["127.0.0.1:1"], "portfolio.settings")
                empty.folder.mkdir()
                empty.manage("migrate", "--verbosity=0")
                empty.manage("load_portfolio")
                empty.manage("collectstatic", "--verbosity=0", "--noinput")
                (folder / "filled").touch()
        shutil.copytree(folder / "site", self.folder)
        self.folder.chmod(0o755)

    def restore_database(self):
        """As it was after prepare(). Django opens it anew for each request."""
        copy = shutil.copy(self.share() / "site" / DATABASE, self.folder / "restored")
        os.replace(copy, self.folder / DATABASE)

    def manage(self, *words, stdin=b""):
        """Runs a management command; returns its output in bytes."""
        done = subprocess.run(
            [sys.executable, str(SITE / "manage.py"), *words],
            env=self.env,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(words)}:\n{done.stderr.decode()}")
        return done.stdout

    def requests(self):
        """How often the backend was asked: {"GET /about/": 2, ...}"""
        log = self.folder / "requests.log"
        if not log.exists():
            return Counter()
        return Counter(log.read_bytes().decode("latin-1").split("\n")[:-1])

    # The site's own view of memcached, through Django's cache.

    def cache_get(self, page):
        return self.manage("page", "get", page) or None

    def cache_set(self, page, body):
        self.manage("page", "set", page, stdin=body)

    def cache_delete(self, *pages):
        self.manage("page", "delete", *pages)

    # And through conf-examples/django/page_purge.py.

    def purge(self, *pages):
        self.manage("page", "purge", *pages)

    def purge_tags(self, *tags, soft=False):
        self.manage("page", "purge-tags", *tags, *(["--soft"] if soft else []))

    def wipe(self, beginning, soft=False):
        self.manage("page", "wipe", beginning, *(["--soft"] if soft else []))


class DjangosCache:
    """The site's view of memcached for those who set and delete much: one process that stays, as Django
    takes longer to start than to do it."""

    def __init__(self, site):
        self.process = subprocess.Popen(
            [sys.executable, str(SITE / "manage.py"), "page", "each"],
            env=site.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

    def do(self, *words):
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if answer != "done\n":
            raise RuntimeError(f"{words}: {answer!r}")

    def set(self, page, body):
        self.do("set", page, body.decode())

    def delete(self, page):
        self.do("delete", page)

    def stop(self):
        self.process.communicate()
