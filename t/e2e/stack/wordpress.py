import os
import shutil
import subprocess
from pathlib import Path

from stack.backends import PhpFpm
from stack.daemon import Daemon

DEBIANS = Path("/usr/share/wordpress")
OURS = Path(__file__).resolve().parent.parent / "wordpress"
PLUGIN = Path(__file__).resolve().parents[3] / "conf-examples" / "wordpress" / "mcache-purge.php"


def missing():
    """Why there can be no WordPress here; empty where there can."""
    needed = {"wordpress": DEBIANS / "wp-load.php", "mariadb-server-core": "/usr/sbin/mariadbd"}
    gone = [package for package, path in needed.items() if not Path(path).exists()]
    return f"Debian's {' and '.join(gone)} could not be installed" if gone else ""


class Mariadb(Daemon):
    """A database on a socket, without users and without durability."""

    def __init__(self, folder):
        self.data = folder / "mariadb"
        self.data.mkdir()
        self.socket = self.data / "socket"
        as_root = os.geteuid() == 0
        if as_root:
            shutil.chown(self.data, "nobody")
        command = ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.data}"]
        command += [f"--socket={self.socket}", f"--pid-file={self.data}/pid", "--skip-networking"]
        command += ["--skip-grant-tables", "--innodb-flush-log-at-trx-commit=0"]
        command += ["--user=nobody"] if as_root else []
        super().__init__("mariadb", command, folder / "mariadb.log")

    def is_ready(self):
        return self.run("CREATE DATABASE IF NOT EXISTS wordpress")

    def run(self, statement):
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "-e", statement]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class WordPress(PhpFpm):
    """Debian's WordPress with our plugin, in a folder of its own, under PHP-FPM."""

    def __init__(self, folder, site, workers):
        self.database = Mariadb(folder)
        super().__init__(folder, site, workers)

    def more_environment(self):
        return {"WORDPRESS_DATABASE": self.database.socket, "WORDPRESS_ROOT": self.root}

    def copy_site(self):
        skipped = shutil.ignore_patterns("wp-config.php", "wp-content", ".htaccess", "js", "css")
        shutil.copytree(DEBIANS, self.root, ignore=skipped)
        for folder in ("wp-includes", "wp-admin"):
            for part in ("js", "css"):
                (self.root / folder / part).symlink_to(DEBIANS / folder / part)
        shutil.copy(OURS / "wp-config.php", self.root)
        content = self.root / "wp-content"
        shutil.copytree(OURS / "theme", content / "themes" / "plain")
        shutil.copytree(OURS / "mu-plugins", content / "mu-plugins")
        shutil.copy(PLUGIN, content / "mu-plugins")

    def start(self):
        self.database.start()
        command = ["php", "-d", "error_log=/dev/stderr", OURS / "install.php"]
        env = os.environ | {name: str(value) for name, value in self.environment.items()}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode or done.stdout.strip():
            raise RuntimeError(f"WordPress was not installed:\n{done.stdout}{done.stderr}")
        return super().start()

    def stop(self):
        super().stop()
        self.database.stop()
