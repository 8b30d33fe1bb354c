"""From a configuration of proxy_cache and its kin, or of srcache, to one of mcache: see
scripts/from-proxy-cache. What has a counterpart is replaced where it stands; what has none becomes
a comment and a line in the report."""

import re
from dataclasses import dataclass

from moving_srcache import MovingSrcache
from nginx_conf import Conf, Edits

FAMILIES = ("proxy", "fastcgi", "uwsgi", "scgi")

# Behind "proxy_cache_" and "mcache_" alike.
SAME = {"key", "valid", "methods", "min_uses", "bypass", "convert_head", "lock", "lock_timeout",
        "lock_age", "use_stale", "background_update", "revalidate", "max_range_offset"}
# Said several times on one level they add up.
ADD_UP = {"mcache_valid", "mcache_bypass", "mcache_no_store"}
CACHING_FIELDS = {"x-accel-expires", "expires", "cache-control", "set-cookie", "vary"}
VARIABLES = {"upstream_cache_status": "mcache_status", "upstream_cache_key": "mcache_key",
             "upstream_cache_age": "mcache_age", "srcache_fetch_status": "mcache_status",
             "srcache_store_status": "mcache_reason"}
DEFAULT_INACTIVE = "10m"
LOAD_MODULE = "load_module modules/ngx_http_mcache_module.so;"


@dataclass
class Zone:
    name: str
    inactive: str
    max_size: str = None


class Moving:
    def __init__(self, text, servers):
        self.conf = Conf(text)
        self.edits = Edits(text)
        self.servers = servers
        self.zones = {}
        self.notes = []
        self.on_level = {}  # (block, mcache directive): what it says there, and who said so
        self.missing_zones = set()

    def run(self):
        everything = list(self.conf.root.all())
        for directive in everything:
            family, _, rest = directive.name.partition("_cache_")
            if family in FAMILIES and rest == "path":
                self.read_zone(directive)
        srcache = MovingSrcache(self)
        srcache.run()
        for directive in everything:
            if not srcache.handles(directive):
                self.move(directive)
        if self.edits.changes:
            self.load_module()
        else:
            self.note(self.conf.root, "nothing here is of a cache that could be moved")
        return self.edits.apply()

    def report(self):
        return sorted(set(self.notes))

    # ---- what the parts below use ------------------------------------------------------------

    def note(self, directive, what):
        self.notes.append((self.conf.line_of(directive.start), what))

    def raw_args(self, directive):
        words = directive.words
        return self.renamed(self.conf.text[words[1].start:words[-1].end]) if words[1:] else ""

    def write(self, directive, lines):
        """Lines in the place of a directive; none: its line goes away."""
        if not lines:
            self.edits.remove_line(directive.start, directive.end)
            return
        indent = self.edits.indent_of(directive.start)
        text = ("\n" + indent).join(lines)
        self.edits.replace(directive.start, directive.end, text + self.line_end(directive, lines))

    def write_first(self, block, lines):
        """Lines before what a block begins with."""
        first = block.block[0].start
        same_line = "\n" not in self.conf.text[block.open:first]
        gap = " " if same_line else "\n" + self.edits.indent_of(first)
        self.edits.insert(first, gap.join(lines) + gap)

    def line_end(self, directive, lines):
        """A comment must not take in what follows on the line."""
        rest = self.conf.text[directive.end:].partition("\n")[0].strip()
        ends_the_line = not rest or rest.startswith("#")
        if ends_the_line or not lines[-1].lstrip().startswith("#"):
            return ""
        return "\n" + self.edits.indent_of(directive.start)

    def disable(self, directive, why):
        """It becomes a comment, and a line in the report."""
        first, *rest = self.conf.raw(directive).split("\n")
        self.write(directive, ["# not carried over: " + first] + ["# " + each.strip() for each in rest])
        self.note(directive, f"{directive.name}: {why}")

    def say_once(self, directive, name, value):
        """[`name value;`], or nothing where the level says that already. What contradicts it is
        left out, and reported."""
        line = f"{name} {value};"
        known = self.on_level.setdefault((id(directive.parent), name), [])
        if any(line == each for each, _ in known):
            return []
        other = next((family for _, family in known if family != directive.name.split("_")[0]), None)
        known.append((line, directive.name.split("_")[0]))
        if other or len(known) > 1 and name not in ADD_UP:
            self.note(directive, f"{directive.name}: {name} is said on this level already, for "
                                 f"{other or 'this'}_cache; this one is left out: put both into "
                                 "locations")
            return [f"# not carried over: {self.conf.raw(directive)}"]
        return [line]

    @staticmethod
    def renamed(text):
        return re.sub(r"\$(\{?)(\w+)", lambda found: "$" + found[1] + VARIABLES.get(
            found[2], found[2]), text)

    # ---- proxy_cache and its kin -------------------------------------------------------------

    def read_zone(self, directive):
        given = dict(word.split("=", 1) for word in directive.args[1:] if "=" in word)
        name = given.get("keys_zone", "").split(":")[0]
        if name:
            self.zones[name] = Zone(name, given.get("inactive", DEFAULT_INACTIVE),
                                    given.get("max_size"))

    def move(self, directive):
        family, _, rest = directive.name.partition("_")
        if family in FAMILIES and hasattr(self, f"move_{rest}"):
            getattr(self, f"move_{rest}")(directive)
        elif family in FAMILIES and rest.startswith("cache_"):
            self.move_cache_line(directive, rest.removeprefix("cache_"))
        elif directive.name == "slice" and self.caches():
            self.disable(directive, "mcache stores whole responses, in parts where they are large; "
                                    "see mcache_max_size")
        else:
            self.rename_variables(directive)

    def caches(self):
        """Whether the file has a cache of proxy_cache's kin at all."""
        names = {f"{family}_cache" for family in FAMILIES}
        return bool(self.zones) or any(each.name in names for each in self.conf.root.all())

    def rename_variables(self, directive):
        for word in directive.words:
            raw = self.conf.text[word.start:word.end]
            new = self.renamed(raw)
            if new != raw:
                self.edits.replace(word.start, word.end, new)
            for name in re.findall(r"\$\{?(upstream_cache_\w+|srcache_\w+)", new):
                self.note(directive, f"${name} has no counterpart, and is not set any more")

    def move_cache_path(self, directive):
        zone = next((zone for zone in self.zones.values()
                     if f"keys_zone={zone.name}:" in self.conf.raw(directive)), None)
        if zone is None:
            self.disable(directive, "it has no keys_zone=name:size")
            return
        servers = [f"    server {address};" for address in self.servers]
        if zone.max_size:
            servers[0] += f"    # memcached -m {megabytes(zone.max_size)}"
        self.write(directive, [f"mcache_pool {zone.name} {{", *servers, "}"])
        self.note(directive, f"{directive.name}: nothing is on disk; pool \"{zone.name}\" is "
                             f"memcached on {', '.join(self.servers)}" +
                  (f", which is to be run with -m {megabytes(zone.max_size)}" if zone.max_size
                   else ""))

    def lines_of_zone(self, name):
        """What `proxy_cache name;` becomes."""
        lines = [f"mcache {name};"]
        zone = self.zones.get(name)
        if len(self.zones) > 1 and zone:  # all pools lie in the same memcached
            lines.append(f'mcache_key_prefix "{name}-";')
        if zone and zone.inactive != DEFAULT_INACTIVE:
            lines.append(f"mcache_keep_stale {zone.inactive};")
        return lines

    def move_cache(self, directive):
        name = directive.args[0] if directive.args else ""
        if "$" in name:
            self.disable(directive, "mcache takes no variables; put locations, or prefixes "
                                    "(mcache_key_prefix), in place of zones")
            return
        in_location = directive.parent.name == "location"
        if directive.name == "proxy_cache" and name != "off" and not any(
                each.name == "proxy_cache_key" for each in self.conf.root.all()):
            self.note(directive, "without proxy_cache_key the key was $scheme$proxy_host$request_uri; "
                                 "now it is $scheme://$host$request_uri, and the entry names the "
                                 "backend: each host has its own pages, too")
        if name != "off" and name not in self.zones and name not in self.missing_zones:
            self.missing_zones.add(name)
            self.note(directive, f"{directive.name}: \"mcache_pool {name}\" is to be where "
                                 f"keys_zone={name} was, in another file. Pools that share a "
                                 "memcached need a mcache_key_prefix each")
        if name == "off":
            self.write(directive, self.say_once(directive, "mcache", "off"))
        elif in_location:
            self.write(directive, self.lines_of_zone(name))
            self.switch_off_below(directive.parent)
        else:
            self.put_into_locations(directive, name)

    def put_into_locations(self, directive, name):
        """proxy_cache for a whole server means the locations with proxy_pass; mcache would mean its
        files as well."""
        family = directive.name.split("_")[0]
        passes = f"{family}_pass"
        put = 0
        for location in directive.parent.all():
            if location.name != "location" or not has_pass(location, passes):
                continue
            nearest = next(block.child(directive.name) for block in [location, *location.above()]
                           if block.child(directive.name))
            if nearest is not directive or location.child("mcache"):
                continue
            self.write_first(location, self.lines_of_zone(name))
            self.switch_off_below(location)
            put += 1
        if put:
            self.write(directive, [f"# mcache {name}: in the locations with {passes}"])
        else:
            self.disable(directive, f"no location with {passes} is in this file: put \"mcache {name};"
                                    "\" into each of them")

    def switch_off_below(self, location):
        """Locations within it that do not pass requests on were not cached."""
        for inner in location.block:
            if inner.name != "location" or not inner.block:
                continue
            if not any(has_pass(inner, f"{family}_pass") or inner.child(f"{family}_cache")
                       for family in FAMILIES):
                self.write_first(inner, ["mcache off;"])

    def move_cache_line(self, directive, rest):
        if rest not in SAME:
            self.disable(directive, "it has no counterpart")
            return
        value = self.raw_args(directive)
        if rest == "key":
            value = self.moved_key(directive, value)
        elif rest == "valid" and "206" in directive.args[:-1]:
            codes = dict.fromkeys(code.replace("206", "200") for code in directive.args[:-1])
            value = " ".join([*codes, directive.args[-1]])
            self.note(directive, f"{directive.name}: a 206 is never stored, the whole page is: 200")
        elif rest == "min_uses" and value == "0":
            value = "1"
        elif rest == "methods":
            value = " ".join(directive.args)
        self.write(directive, self.say_once(directive, f"mcache_{rest}", value))

    def moved_key(self, directive, value):
        if "slice_range" in value:
            value = re.sub(r"\$\{?slice_range\}?", "", value)
            self.note(directive, f"{directive.name}: without $slice_range")
        for gone in ("proxy_host", "proxy_port"):
            if re.search(rf"\$\{{?{gone}\b", value):
                value = re.sub(rf"\$(\{{?){gone}\b", r"$\1mcache_backend", value)
                self.note(directive, f"{directive.name}: ${gone} is not known yet when a page is "
                                     "looked up, $mcache_backend is: host and port of proxy_pass")
        return value

    def move_no_cache(self, directive):
        self.write(directive, self.say_once(directive, "mcache_no_store", self.raw_args(directive)))

    def move_ignore_headers(self, directive):
        if not self.caches():
            return
        caching = [word for word in directive.args if word.lower() in CACHING_FIELDS]
        rest = [word for word in directive.args if word not in caching]
        if not caching:
            return
        lines = [f"{directive.name} {' '.join(rest)};"] if rest else []
        lines += self.say_once(directive, "mcache_ignore_headers", " ".join(caching))
        self.write(directive, lines)
        if "set-cookie" in map(str.lower, caching):
            self.note(directive, "Set-Cookie: pages are stored without the cookie; hits do not "
                                 "carry it")

    def move_set_header(self, directive):
        if "$slice_range" in directive.args and self.caches():
            self.disable(directive, "mcache asks for the whole page, and answers ranges itself")
        else:
            self.rename_variables(directive)

    def move_buffering(self, directive):
        if directive.args == ["off"] and self.caches():
            self.note(directive, f"{directive.name} off kept responses out of the cache; with mcache "
                                 "it does not: say \"mcache off;\" where that was meant")

    def move_cache_purge(self, directive):
        args = directive.args
        if "from" in args or len(args) == 2 and args[0] in self.zones or "$" not in "".join(args):
            self.disable(directive, "this is of the module ngx_cache_purge. With mcache the location "
                                    "of the pages takes the purge: \"mcache_purge $is_purge;\", a "
                                    "map of $request_method, and limit_except for who may "
                                    "(conf-examples/purging.md)")
            return
        self.write(directive, self.say_once(directive, "mcache_purge", self.raw_args(directive)))
        self.note(directive, "mcache_purge: who may purge is what allow, limit_except and auth_basic "
                             "of its location say")

    def load_module(self):
        root = self.conf.root
        if not (root.child("http") or root.child("events")):
            self.note(root, f"nginx.conf needs \"{LOAD_MODULE}\" as its first line")
            return
        if any(each.name == "load_module" and "mcache" in each.args[0] for each in root.block):
            return
        enabled = next((each for each in root.block
                        if each.name == "include" and "modules-enabled" in each.args[0]), None)
        if enabled:
            self.note(enabled, "mcache's load_module is to be in modules-enabled, where Debian's "
                               "package puts it")
            return
        last = [each for each in root.block if each.name == "load_module"]
        if last:
            self.edits.insert(last[-1].end, "\n" + LOAD_MODULE)
        else:
            self.edits.insert(root.block[0].start, LOAD_MODULE + "\n\n")


def has_pass(location, name):
    """In it, in an `if` or a limit_except of it; not in a location within it."""
    return any(child.name == name or child.name in ("if", "limit_except") and child.child(name)
               for child in location.block or [])


def megabytes(size):
    """nginx's size as memcached's -m takes it; the size itself where it is none."""
    found = re.fullmatch(r"(\d+)([kKmMgG]?)", size)
    if not found:
        return size
    scale = {"": 1 / 2 ** 20, "k": 1 / 2 ** 10, "m": 1, "g": 2 ** 10}[found[2].lower()]
    return max(int(int(found[1]) * scale), 64)
