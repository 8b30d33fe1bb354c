"""srcache_fetch and srcache_store with a location of memc_pass: the part of moving.py for them."""

import re

IGNORED = {"srcache_buffer", "srcache_header_buffer_size", "srcache_default_expire",
           "srcache_ignore_content_encoding", "srcache_store_statuses"}
NO_COUNTERPART = {
    "srcache_max_expire": "there is no upper bound; let the backend say a shorter max-age",
    "srcache_store_private": "mcache does not store private pages; \"mcache_ignore_headers "
                             "Cache-Control\" would, for everybody",
    "srcache_store_no_store": "mcache does not store what says no-store; \"mcache_ignore_headers "
                              "Cache-Control\" would",
    "srcache_store_no_cache": "mcache does not store what says no-cache, but with mcache_revalidate "
                              "what can be asked for again",
    "srcache_store_hide_header": "use proxy_hide_header or the like: what it hides is not sent",
    "srcache_store_pass_header": "all fields of a response are stored but those of its connection "
                                 "and Set-Cookie",
    "srcache_store_ranges": "mcache stores whole responses, and answers ranges itself",
}
DEFAULT_STATUSES = "200 301 302 307 308"
DEFAULT_EXPIRE = "60s"
POOL_TIMES = {"memc_connect_timeout": "connect_timeout", "memc_read_timeout": "timeout"}
SERVER_PARAMETERS = ("weight=", "max_fails=", "fail_timeout=")


class MovingSrcache:
    def __init__(self, moving):
        self.moving = moving
        self.conf = moving.conf
        self.everything = list(self.conf.root.all())
        self.gone = []  # blocks that are replaced as a whole
        self.pools = {}  # memc_pass's target: name of the pool

    def handles(self, directive):
        return directive.name.startswith("srcache_") or any(
            block.start <= directive.start < block.end for block in self.gone)

    def run(self):
        for directive in self.everything:
            if directive.name == "srcache_fetch":
                self.move_fetch(directive)
            elif directive.name == "srcache_store":
                self.move_store(directive)
            elif directive.name.startswith("srcache_"):
                self.move_line(directive)

    # ---- the location that talks to memcached ---------------------------------------------------

    def memc_location(self, directive, uri):
        """Of the directive's own server: another one may have a location of the same name."""
        for block in directive.above():
            for location in block.all():
                if location.name == "location" and location.args[-1:] == [uri] and \
                        location.child("memc_pass"):
                    return location
            if block.name == "server":
                break
        return None

    def setting(self, location, variable):
        """What `set $variable value` or a relative of it says there."""
        for child in reversed(location.block):
            if child.name.startswith("set") and len(child.args) == 2 and child.args[0] == variable:
                return child.args[1]
        return None

    def resolve(self, text, arguments):
        """A text of the memc location, in the words of the location that asks it."""
        given = dict(each.split("=", 1) for each in arguments.split("&") if "=" in each)
        text = re.sub(r"\$\{?(query_string|args)\b\}?", lambda _: arguments, text)
        return re.sub(r"\$\{?arg_(\w+)\}?", lambda found: given.get(found[1], ""), text)

    # ---- srcache_fetch, srcache_store -----------------------------------------------------------

    def call(self, directive):
        """(location, arguments) of `srcache_fetch GET /memc $key`."""
        _, uri, *arguments = [*directive.args, ""]
        uri, _, query = uri.partition("?")
        return self.memc_location(directive, uri), query or arguments[0]

    def move_fetch(self, directive):
        moving = self.moving
        location, arguments = self.call(directive)
        key = location and self.setting(location, "$memc_key")
        if not key:
            moving.disable(directive, "no location of this name with memc_pass and \"set $memc_key\" "
                                      "is in this file")
            return
        pool = self.pool_of(location)
        if pool is None:
            moving.disable(directive, "its memc_pass names no server that is in this file")
            return
        store = directive.parent.child("srcache_store")
        lines = moving.say_once(directive, "mcache", pool)
        lines += moving.say_once(directive, "mcache_key", quoted(self.resolve(key, arguments)))
        if store is None:
            lines.append("mcache_store off;")
        else:
            lines.append(f"mcache_valid {self.statuses(directive)} {self.expires(location, store)};")
        moving.write(directive, lines)
        self.remove(location)
        moving.note(directive, "srcache_fetch: memcached still holds what srcache stored under these "
                               "keys, head and body in one, which would be sent as a page: flush_all "
                               "when the new configuration is loaded, or a mcache_key_prefix")

    def nearest(self, directive, name):
        for block in directive.above():
            if block.child(name):
                return block.child(name)
        return None

    def statuses(self, directive):
        said = self.nearest(directive, "srcache_store_statuses")
        return " ".join(said.args) if said else DEFAULT_STATUSES

    def expires(self, location, store):
        exptime = self.setting(location, "$memc_exptime")
        exptime = self.resolve(exptime, self.call(store)[1]) if exptime else ""
        if re.fullmatch(r"[1-9]\d*", exptime):
            self.moving.note(store, f"srcache_store: {exptime} s hold where the response does not "
                                    "say how long; its Cache-Control and Expires come first")
            return exptime + "s"
        said = self.nearest(store, "srcache_default_expire")
        return said.args[0] if said else DEFAULT_EXPIRE

    def move_store(self, directive):
        fetch = directive.parent.child("srcache_fetch")
        if fetch is None:
            self.moving.disable(directive, "without srcache_fetch on the same level it stores what "
                                           "nobody looks up")
            return
        if self.call(fetch)[1] and self.setting(self.call(fetch)[0] or self.conf.root, "$memc_key"):
            self.moving.write(directive, [])
        else:
            self.moving.disable(directive, "as its srcache_fetch")

    def move_line(self, directive):
        moving, name, value = self.moving, directive.name, self.moving.raw_args(directive)
        if name in IGNORED:
            moving.write(directive, [])
        elif name in NO_COUNTERPART:
            if value == "off":
                moving.write(directive, [])
            else:
                moving.disable(directive, NO_COUNTERPART[name])
        elif name == "srcache_fetch_skip":
            moving.write(directive, moving.say_once(directive, "mcache_bypass", value))
        elif name == "srcache_store_skip":
            moving.write(directive, moving.say_once(directive, "mcache_no_store", value))
        elif name == "srcache_store_max_size":
            moving.write(directive, moving.say_once(directive, "mcache_max_size", value)
                         if value != "0" else [])
        elif name == "srcache_request_cache_control":
            moving.write(directive, moving.say_once(
                directive, "mcache_honor_request_cache_control", value))
        elif name == "srcache_response_cache_control":
            moving.write(directive, moving.say_once(
                directive, "mcache_ignore_headers", "Cache-Control Expires")
                if value == "off" else [])
        elif name == "srcache_methods":
            known = [word for word in directive.args if word in ("GET", "HEAD", "POST")]
            if known != directive.args:
                moving.note(directive, f"{name}: mcache looks up GET, HEAD and POST at most")
            moving.write(directive, moving.say_once(directive, "mcache_methods", " ".join(known))
                         if known else [])
        else:
            moving.disable(directive, "it has no counterpart")

    # ---- the pool -------------------------------------------------------------------------------

    def pool_of(self, location):
        """The name of the pool for its memc_pass, which is made where there is none yet."""
        target = location.child("memc_pass").args[0]
        if target not in self.pools:
            self.pools[target] = self.make_pool(location, target)
        return self.pools[target]

    def make_pool(self, location, target):
        times = [f"{POOL_TIMES[child.name]} {child.args[0]};" for child in location.block
                 if child.name in POOL_TIMES]
        if target.startswith("$"):
            return self.make_pool_of_list(location, target, times)
        upstream = self.upstream(target)
        if upstream is None:
            before = [block for block in location.above() if block.name == "server"]
            number = len([pool for pool in self.pools.values() if re.fullmatch(r"memc\d*", pool or "")])
            name = f"memc{number + 1}" if number else "memc"
            self.insert_pool((before or [location])[-1], name, [f"server {target};", *times])
            return name
        name = upstream.args[0]
        lines = self.servers(upstream) + times
        if self.used_elsewhere(name):
            self.insert_pool(upstream, name, lines)
        else:
            self.replace_by_pool(upstream, name, times)
        return name

    def make_pool_of_list(self, location, variable, times):
        """`set_hashed_upstream $backend name $key` over an `upstream_list name one two;`."""
        hashed = next((child for child in location.block if child.name == "set_hashed_upstream" and
                       child.args[0] == variable), None)
        listed = hashed and next((each for each in self.everything if each.name == "upstream_list"
                                  and each.args[0] == hashed.args[1]), None)
        members = [self.upstream(name) for name in listed.args[1:]] if listed else []
        if not members or None in members:
            return None
        servers = [line for each in members for line in self.servers(each)]
        name = listed.args[0]
        edits = self.moving.edits
        edits.replace(listed.start, listed.end, self.pool(listed, name, servers + times))
        self.gone.append(listed)
        for each in members:
            if not self.used_elsewhere(each.args[0]):
                self.remove(each)
        return name

    def upstream(self, name):
        return next((each for each in self.everything
                     if each.name == "upstream" and each.args == [name]), None)

    def used_elsewhere(self, name):
        return any(each.name.endswith("_pass") and each.name != "memc_pass" and
                   re.search(rf"(^|//){re.escape(name)}($|[/:])", each.args[0])
                   for each in self.everything if each.args)

    def servers(self, upstream):
        return [self.server_line(child) for child in upstream.block if child.name == "server"]

    def server_line(self, server):
        address, *parameters = server.args
        kept = [word for word in parameters if word.startswith(SERVER_PARAMETERS)]
        if kept != parameters:
            self.moving.note(server, "server of mcache_pool takes weight=, max_fails= and "
                                     "fail_timeout= only")
        return " ".join(["server", address, *kept]) + ";"

    def pool(self, at, name, lines):
        """The block, to stand where `at` does."""
        indent = self.moving.edits.indent_of(at.start)
        return f"\n{indent}".join(
            [f"mcache_pool {name} {{", *("    " + each for each in lines), "}"])

    def insert_pool(self, before, name, lines):
        gap = "\n\n" + self.moving.edits.indent_of(before.start)
        self.moving.edits.insert(before.start, self.pool(before, name, lines) + gap)

    def replace_by_pool(self, upstream, name, times):
        edits = self.moving.edits
        edits.replace(upstream.words[0].start, upstream.words[0].end, "mcache_pool")
        for child in upstream.block:
            if child.name == "server":
                edits.replace(child.start, child.end, self.server_line(child))
            else:
                edits.remove_line(child.start, child.end)
        last = [child for child in upstream.block if child.name == "server"][-1]
        if times:
            gap = "\n" + edits.indent_of(last.start)
            edits.insert(last.end, gap + gap.join(times))
        self.gone.append(upstream)

    def remove(self, block):
        if block not in self.gone:
            self.moving.edits.remove_line(block.start, block.end)
            self.gone.append(block)


def quoted(text):
    plain = re.fullmatch(r"[^\s;{}\"'#\\]+", text)
    return text if plain else '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
