import os
import shutil
import sys
from glob import glob
from http.client import HTTPConnection
from pathlib import Path

from stack.daemon import Daemon
from stack.ports import accepts, free_port
from stack.site import SITE

PHP_SITE = Path(__file__).resolve().parent.parent / "php"


class Gunicorn(Daemon):
    """The Django site under gunicorn, on a TCP port."""

    def __init__(self, folder, site, workers):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "gunicorn", "--chdir", SITE, "--bind", self.address]
        command += ["--workers", workers, "--log-level", "warning", "--graceful-timeout", "3"]
        command += ["portfolio.wsgi"]
        super().__init__("gunicorn", command, folder / "gunicorn.log", site.env)

    def is_ready(self):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/count")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


class Uwsgi(Daemon):
    """The Django site under uWSGI, on a unix socket."""

    def __init__(self, folder, site, workers):
        self.address = str(folder / "uwsgi.sock")
        command = ["uwsgi", "--plugin", "python3", "--master", "--die-on-term", "--need-app"]
        command += ["--socket", self.address, "--chmod-socket=666", "--processes", workers]
        command += ["--chdir", SITE, "--module", "portfolio.wsgi:application"]
        super().__init__("uwsgi", command, folder / "uwsgi.log", site.env)

    def is_ready(self):
        return accepts(self.address) and "spawned uWSGI worker" in self.log.read_text()


class PhpFpm(Daemon):
    """The PHP site under PHP-FPM, on a unix socket."""

    def __init__(self, folder, site, workers):
        self.address = str(folder / "php-fpm.sock")
        self.root = folder / "php"
        self.copy_site()
        site.folder.mkdir()
        request_log = site.folder / "requests.log"
        request_log.touch()
        request_log.chmod(0o666)
        self.environment = {
            "REQUEST_LOG": request_log,
            "SITE_MEMCACHED": site.env["SITE_MEMCACHED"],
            **self.more_environment(),
        }
        as_root = os.geteuid() == 0
        conf = folder / "php-fpm.conf"
        conf.write_text(
            "[global]\n"
            f"error_log = {folder}/php-fpm-error.log\n"
            "[site]\n"
            + ("user = www-data\ngroup = www-data\n" if as_root else "")
            + f"listen = {self.address}\n"
            "listen.mode = 0666\n"
            "pm = static\n"
            f"pm.max_children = {workers}\n"
            + "".join(f"env[{name}] = {value}\n" for name, value in self.environment.items())
        )
        command = [php_fpm(), "--nodaemonize", "--fpm-config", conf]
        super().__init__("php-fpm", command, folder / "php-fpm.log")

    def copy_site(self):
        shutil.copytree(PHP_SITE, self.root)

    def more_environment(self):
        return {}

    def is_ready(self):
        return accepts(self.address)


def php_fpm():
    found = sorted(glob("/usr/sbin/php-fpm*"))
    if not found:
        raise RuntimeError("there is no php-fpm in /usr/sbin (Debian: php-fpm)")
    return found[-1]
