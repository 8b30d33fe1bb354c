"""Pieces of nginx configuration as documentation shows them: made whole, and read by `nginx -t`."""

import re
import subprocess
import tempfile
from pathlib import Path

from stack.nginx import TEMP_PATHS, nginx
from stack.running import default_module

IN_HTTP = {"server {", "upstream", "map", "geo", "split_clients", "log_format", "mcache_pool",
           "proxy_cache_path", "fastcgi_cache_path", "uwsgi_cache_path", "scgi_cache_path",
           "limit_req_zone", "server_names_hash_bucket_size"}
IN_SERVER = {"location", "listen", "server_name"}
IN_MAIN = {"load_module", "events", "http", "user", "worker_processes"}


def level(text, pool_lines=()):
    """Where a snippet belongs: main, http, server, location or pool."""
    outer = outermost(text)
    words = {re.match(r"\S*", line)[0].rstrip(";") for line in outer}
    if words & IN_MAIN:
        return "main"
    if words & IN_HTTP or any(re.match(r"server\s*\{", line) for line in outer):
        return "http"
    if words & IN_SERVER:
        return "server"
    if words <= set(pool_lines):
        return "pool"
    return "location"


def outermost(text):
    """The lines, without comments, that stand in no block of the text."""
    depth, lines = 0, []
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if line and depth == 0:
            lines.append(line)
        depth += len(re.findall(r"\{(?:\s|$)", line)) - len(re.findall(r"(?:^|\s)\}", line))
    return lines


def whole(text, where):
    """A configuration that holds the snippet. What it only names, a pool or a map's variable, is
    there as well."""
    if where == "main":
        return text
    http = ""
    if where == "pool":
        text, where = "mcache_pool tried {\nserver 127.0.0.254;\n" + text + "\n}", "http"
    if where == "location":
        # Which pool, and who makes the page, need not be shown each time.
        before = "" if re.search(r"^\s*mcache \w+;", text, re.M) else "mcache pages;\n"
        after = "" if re.search(r"_pass |return|root", text) else "\nproxy_pass http://127.0.0.1:8000;"
        text, where = "location / {\n" + before + text + after + "\n}", "server"
    if where == "server":
        text = "server {\nlisten 127.0.0.1:8080;\n" + text + "\n}"
    for pool in sorted(set(re.findall(r"\bmcache (?!off)(\w+);", text))):
        if not re.search(rf"mcache_pool\s+{pool}\b", text):
            http += f"mcache_pool {pool} {{ server 127.0.0.1:11211; }}\n"
    return f"load_module modules/ngx_http_mcache_module.so;\nevents {{}}\nhttp {{\n{http}{text}\n}}\n"


def check(text, files=None):
    """What `nginx -t` says of a whole configuration: (whether it will do, its messages). `files`:
    {path in the text: content}."""
    with tempfile.TemporaryDirectory(prefix="mcache-") as folder:
        prefix = Path(folder)
        (prefix / "modules").mkdir()
        (prefix / "modules/ngx_http_mcache_module.so").symlink_to(Path(default_module()).resolve())
        for number, (path, content) in enumerate((files or {}).items()):
            private = prefix / f"file-{number}"
            private.write_text(content)
            private.chmod(0o600)
            text = text.replace(path, str(private))
        # Nothing is to be written outside the folder.
        text = text.replace("/var/log/nginx/", f"{prefix}/")
        text = re.sub(r"^http\s*\{", "http {\n" + "".join(
            f"{name}_temp_path {prefix}/{name};\n" for name in TEMP_PATHS) + "access_log off;\n",
            text, flags=re.M)
        (prefix / "nginx.conf").write_text(text)
        done = subprocess.run(
            [nginx(), "-t", "-q", "-p", prefix, "-c", prefix / "nginx.conf", "-e", "stderr",
             "-g", f"pid {prefix}/nginx.pid;"],
            capture_output=True, text=True, timeout=60)
        return done.returncode == 0, done.stderr
