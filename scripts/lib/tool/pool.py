"""The pool that the tool talks to, and what its locations say of keys: from nginx's configuration or
from options."""

import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nginx_conf import Malformed, read_with_includes
from tool import Refused

DEFAULT_KEY = "$scheme://$host$request_uri"
DEFAULT_KEY_OF_RAW = "$scheme+$mcache_backend://$host$request_uri"
PURGES = ("mcache_purge", "mcache_tags", "mcache_purge_tags")


@dataclass
class Server:
    host: str = ""
    port: int = 0
    path: str = ""  # of a unix socket
    weight: int = 1

    @property
    def name(self):
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass
class Site:
    """What one location says of keys, or the options."""

    prefix: str = ""
    key: str = DEFAULT_KEY
    names: list = field(default_factory=list)  # server_name
    ignore: list = field(default_factory=list)  # mcache_ignore
    values: dict = field(default_factory=dict)  # of `set`
    backend: str = ""  # host and port of proxy_pass or its kin, variables and all


@dataclass
class Pool:
    name: str
    servers: list
    distribution: str = "ketama_weighted"
    hash: str = "default"
    auth: str = None  # user:password
    tls: dict = None
    sites: list = field(default_factory=list)
    maps: dict = field(default_factory=dict)  # {"$site": (source, [(pattern, value)])}
    checks_log: bool = None  # whether lookups heed the purge log; None: not known
    replicas: int = 1
    on_failure: str = "miss"

    @property
    def keeps_copies(self):
        return self.replicas > 1 or self.on_failure == "next"

    @property
    def candidates(self):
        """On how many servers a page may lie."""
        return self.replicas + (self.on_failure == "next")


def server_of(text, weight=1):
    """An address as nginx writes it."""
    if text.startswith("unix:"):
        return Server(path=text.removeprefix("unix:"), weight=weight)
    found = re.fullmatch(r"(\[[^\]]+\]|[^:]+)(?::(\d+))?", text)
    if not found:
        raise Refused(f"{text} is not an address like 127.0.0.1:11211 or unix:/run/memcached.sock")
    return Server(host=found[1].strip("[]"), port=int(found[2] or 11211), weight=weight)


def servers_of(text, weight=1, resolve=False):
    """A name is as many servers as it has addresses, of IPv4 where it has those: then, and with
    `resolve`, they are placed by their addresses, else by the name."""
    server = server_of(text, weight)
    if server.path or ":" in server.host or re.fullmatch(r"[\d.]+", server.host):
        return [server]
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused(f"{server.host}: {error.strerror}") from None
    hosts = {family: list(dict.fromkeys(entry[4][0] for entry in found if entry[0] == family))
             for family in (socket.AF_INET, socket.AF_INET6)}
    hosts = hosts[socket.AF_INET] or hosts[socket.AF_INET6]
    if len(hosts) == 1 and not resolve:
        return [server]
    return [Server(host=host, port=server.port, weight=weight) for host in hosts]


def from_options(options):
    servers = []
    for each in options.server:
        address, _, weight = each.partition(",weight=")
        servers += servers_of(address, int(weight or 1))
    pool = Pool("options", servers, sites=[Site()])
    apply_options(pool, options)
    return pool


def apply_options(pool, options):
    if options.distribution:
        pool.distribution = options.distribution
    if options.hash:
        pool.hash = options.hash
    if options.auth_file:
        pool.auth = first_line(options.auth_file)
    for site in pool.sites:
        site.prefix = site.prefix if options.prefix is None else options.prefix
        site.key = options.key or site.key


def first_line(path):
    try:
        return Path(path).read_text().split("\n")[0].strip()
    except OSError as error:
        raise Refused(f"auth_file {path}: {error.strerror}") from None


# ---- nginx's configuration ----------------------------------------------------------------------


def from_config(path, name, options):
    try:
        root = read_with_includes(path)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    except Malformed as error:
        raise Refused(f"{path}:{error.line}: {error}") from None
    blocks = {each.args[0]: each for each in root.all() if each.name == "mcache_pool" and each.args}
    if not blocks:
        raise Refused(f"{path} has no mcache_pool: say --config, or --server and --prefix")
    if name is None and len(blocks) > 1:
        raise Refused(f"{path} has several pools, say which: --pool {' | '.join(blocks)}")
    name = name or next(iter(blocks))
    if name not in blocks:
        raise Refused(f"{path} has no mcache_pool {name}, but {', '.join(blocks)}")
    pool = read_pool(name, blocks[name], Path(path).resolve().parent)
    pool.maps = {each.args[1]: (each.args[0], [(line.name, line.args[0]) for line in each.block
                                               if line.args])
                 for each in root.all() if each.name == "map" and len(each.args) == 2}
    read_sites(pool, root)
    apply_options(pool, options)
    return pool


def read_pool(name, block, base):
    pool = Pool(name, [])
    values = {}
    for line in block.block:
        if line.name == "server" and line.args:
            weight = next((word[7:] for word in line.args if word.startswith("weight=")), "1")
            resolve = "resolve" in line.args
            pool.servers += servers_of(line.args[0], int(weight), resolve)
            pool.checks_log = pool.checks_log or resolve
        elif line.args:
            values[line.name] = line.args[0]
    if not pool.servers:
        raise Refused(f"mcache_pool {name} has no server")
    pool.replicas = int(values.get("replicas", "1"))
    pool.on_failure = values.get("on_failure", "miss")
    if pool.keeps_copies:  # the purge log is how these keep purges
        pool.checks_log = True
    pool.distribution = values.get("distribution", pool.distribution)
    pool.hash = values.get("hash", pool.hash)
    if "auth_file" in values:
        pool.auth = first_line(base / values["auth_file"])
    if values.get("tls") == "on":
        pool.tls = {key: value if key in ("tls_name", "tls_verify") else str(base / value)
                    for key, value in values.items() if key.startswith("tls_")}
    return pool


def said(location, name):
    """A directive as it is inherited."""
    for block in (location, *location.above()):
        found = [each for each in block.block if each.name == name]
        if found:
            return found
    return []


def last_word(location, name, default):
    found = said(location, name)
    return found[-1].args[0] if found and found[-1].args else default


def backend_of(location):
    """$mcache_backend: src/base/authority.h."""
    passed = next((each.args[0] for each in location.block
                   if each.name.endswith("_pass") and each.args), "")
    found = re.match(r"(?:[^/?]*://)?(unix:[^:]*|[^/?]*)", passed)
    return found[1]


def read_sites(pool, root):
    """A Site for each location of the pool, or for the server or http block that says mcache."""
    places = [each for each in root.all() if each.name in ("http", "server", "location")
              and each.block is not None and last_word(each, "mcache", "off") == pool.name]
    pool.checks_log = bool(pool.checks_log)
    backends = {backend_of(each) for each in places if not said(each, "mcache_key")} - {""}
    several = len(backends) > 1 or any("$" in each for each in backends)
    for place in places:
        if place.name != "location" and any(each.name == "location" for each in place.all()):
            continue
        backend = backend_of(place)
        raw = several and backend and last_word(place, "mcache_format", "entry") == "raw"
        site = Site(last_word(place, "mcache_key_prefix", ""),
                    last_word(place, "mcache_key", DEFAULT_KEY_OF_RAW if raw else DEFAULT_KEY),
                    backend=backend)
        server = next((each for each in (place, *place.above()) if each.name == "server"), None)
        if server:
            site.names = [name for each in server.block if each.name == "server_name"
                          for name in each.args]
        site.ignore = [word for each in said(place, "mcache_ignore") for word in each.args]
        site.values = {each.args[0]: each.args[1] for block in reversed([place, *place.above()])
                       for each in block.block if each.name == "set" and len(each.args) == 2}
        pool.sites.append(site)
        purges = any(said(place, name) for name in PURGES) or \
            last_word(place, "mcache_purge_log", "off") == "on"
        pool.checks_log = pool.checks_log or purges
    if not pool.sites:
        raise Refused(f"no location of the configuration uses the pool {pool.name}")


# ---- keys of a URL ------------------------------------------------------------------------------


class Url:
    def __init__(self, text):
        if text.startswith("/"):
            text = "http://localhost" + text
        parts = urlsplit(text if "://" in text else "http://" + text)
        self.scheme, self.host = parts.scheme, (parts.hostname or "")
        self.args = parts.query
        self.path = parts.path or "/"
        self.request_uri = self.path + ("?" + self.args if "?" in text else "")

    def variables(self):
        path = unquote(self.path, errors="surrogateescape")
        return {"scheme": self.scheme, "host": self.host, "http_host": self.host,
                "server_name": self.host, "request_uri": self.request_uri, "uri": path,
                "document_uri": path, "args": self.args, "query_string": self.args,
                "is_args": "?" if self.args else "", "request_method": "GET",
                "https": "on" if self.scheme == "https" else ""}


class Evaluation:
    """Variables of nginx for one URL. `unknown` are those that only nginx itself could tell: taken
    as empty."""

    def __init__(self, pool, site, url):
        self.maps = pool.maps
        self.set = site.values
        self.backend = site.backend
        self.known = url.variables()
        self.args = dict(word.partition("=")[::2] for word in url.args.split("&"))
        self.unknown = set()

    def text(self, template, depth=0):
        return re.sub(r"\$(?:\{(\w+)\}|(\w+))",
                      lambda found: self.variable(found[1] or found[2], depth), template)

    def variable(self, name, depth):
        if name in self.known:
            return self.known[name]
        if depth < 8 and "$" + name in self.maps:
            source, lines = self.maps["$" + name]
            return self.text(mapped(self.text(source, depth + 1), lines), depth + 1)
        if depth < 8 and "$" + name in self.set:
            return self.text(self.set["$" + name], depth + 1)
        if depth < 8 and name == "mcache_backend":
            return self.text(self.backend, depth + 1)
        if name.startswith("arg_"):
            return self.args.get(name[4:], "")
        self.unknown.add(name)
        return ""


def mapped(value, lines):
    """As nginx's map: an exact text before a regex, default last."""
    default = ""
    for pattern, result in lines:
        if pattern == "default":
            default = result
        elif pattern.removeprefix("\\").lower() == value.lower() and pattern[:1] != "~":
            return result
    for pattern, result in lines:
        flags = re.IGNORECASE if pattern.startswith("~*") else 0
        if pattern.startswith("~") and re.search(pattern.lstrip("~*"), value, flags):
            return result
    return default


def serves(site, host):
    return any(name == host or name.startswith(("*.", ".")) and host.endswith(name.lstrip("*."))
               for name in site.names)


def sites_of(pool, url):
    """The locations that could serve a URL: those of its host's server, else all."""
    return [site for site in pool.sites if serves(site, url.host)] or pool.sites


def ignored_by(site, url):
    """The pattern of mcache_ignore that matches, or None. PCRE2 and Python's differ in little."""
    words = iter(site.ignore)
    for word in words:
        flags = re.IGNORECASE if word.startswith("~*") else 0
        pattern = word.removeprefix("~*").removeprefix("~") or next(words, "")
        try:
            if any(re.search(pattern, part, flags)
                   for part in (url.request_uri, url.request_uri.partition("?")[0])):
                return pattern
        except re.error:
            pass
    return None
