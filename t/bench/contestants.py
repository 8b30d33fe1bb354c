"""Who is measured: one server each, with the same pages behind the same paths.

An nginx contestant says what its configuration is: modules, what stands in the http block, and the
location of the pages of one size."""

import pages
from servers import DEBIAN_MODULES, Nginx, VarnishServer


class Contestant:
    name = ""
    what = ""  # one line for the report
    modules = ()
    patterns = ("hot", "random")
    one_page = False  # answers every path with the page of key 0
    asks_memcached = False

    def __init__(self, place):
        self.place = place
        self.folder = place.folder / self.name

    def server(self, sizes):
        """The server, to be started, for pages of these sizes."""
        locations = "".join(f"location {pages.prefix(size)} {{ {self.location(size)} }}\n"
                            + self.beside(size) for size in sizes)
        return Nginx(self.name, self.folder, core=self.place.core,
                     other_core=self.place.other_core, connections=self.place.connections,
                     modules=self.modules, http=self.http(sizes), server=locations)

    def http(self, sizes):
        return ""

    def location(self, size_kb):
        raise NotImplementedError

    def beside(self, size_kb):
        """Further locations."""
        return ""

    def prepare(self, load):
        """Puts the pages where no request would put them."""

    def upstreams(self):
        """Idle connections enough for every request that may be under way."""
        return f"""
            upstream memcached {{ server {self.place.memcached.address}; keepalive 8192; }}
            upstream backend {{ server {self.place.backend.address}; keepalive 8192; }}"""

    # The same way to the backend for all, with buffers that hold a whole page.
    proxy = """
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffer_size 16k;
            proxy_buffers 36 16k;
            proxy_busy_buffers_size 64k;"""


class Mcache(Contestant):
    name = "mcache"
    what = "mcache_format entry, as it comes"
    asks_memcached = True
    patterns = ("hot", "random", "miss", "mix")

    @property
    def modules(self):
        return [self.place.module]

    def http(self, sizes):
        return self.upstreams() + f"""
            mcache_pool pages {{ server {self.place.memcached.address}; }}"""

    def location(self, size_kb):
        return f"mcache pages; add_header X-Cache-Status $mcache_status; {self.proxy}"


class McacheLocal(Mcache):
    name = "mcache_local"
    what = "the same with mcache_local, which holds all that fits into 256 MB"
    patterns = ("hot", "random")

    def location(self, size_kb):
        return f"mcache_local 256m; {super().location(size_kb)}"


class Return(Contestant):
    name = "return"
    what = "return 200, the ceiling"
    one_page = True

    def http(self, sizes):
        return pages.constants(sizes)

    def location(self, size_kb):
        return pages.add_header() + pages.answer_with_one_page(size_kb)


class File(Contestant):
    name = "file"
    what = "static file, sendfile on"

    def location(self, size_kb):
        names = [name for name in pages.FIELDS if name not in pages.FILE_FIELDS]
        return f"root {self.folder}/files; {pages.add_header(names)}"

    def prepare(self, load):
        folder = self.folder / "files" / pages.prefix(load.size_kb).strip("/")
        folder.mkdir(parents=True, exist_ok=True)
        for key in range(load.entries):
            path = folder / pages.path(load.size_kb, key).rpartition("/")[2]
            if not path.exists():
                path.write_bytes(pages.body(load.size_kb, key))


class MemcachedPass(Contestant):
    name = "memcached_pass"
    what = "memcached_pass, keepalive, a buffer for the whole page"
    asks_memcached = True

    def http(self, sizes):
        return self.upstreams()

    def location(self, size_kb):
        return f"""{pages.add_header()}
            set $memcached_key "p:$uri"; memcached_pass memcached;
            memcached_buffer_size {size_kb + 2}k;"""

    def prepare(self, load):
        keys = range(load.entries)
        self.place.memcached.store((f"p:{pages.path(load.size_kb, key)}",
                                    pages.body(load.size_kb, key)) for key in keys)


class Srcache(Contestant):
    name = "srcache"
    what = "srcache and memc, keepalive, buffers for the whole page"
    asks_memcached = True
    modules = [f"{DEBIAN_MODULES}/{module}.so" for module in (
        "ndk_http_module", "ngx_http_memc_module", "ngx_http_srcache_filter_module")]
    patterns = ("hot", "random", "miss", "mix")

    def http(self, sizes):
        return self.upstreams()

    def location(self, size_kb):
        return f"""
            set $cache_key "s:$uri";
            srcache_fetch GET /memc-{size_kb}k $cache_key;
            srcache_store PUT /memc-{size_kb}k $cache_key;
            srcache_store_max_size 1m; srcache_header_buffer_size 4k;
            add_header X-Cache-Status $srcache_fetch_status;
            {self.proxy}"""

    def beside(self, size_kb):
        return f"""
            location = /memc-{size_kb}k {{
                internal;
                set $memc_key $query_string; set $memc_exptime 86400;
                memc_buffer_size {size_kb + 3}k; memc_pass memcached;
            }}"""


class ProxyCache(Contestant):
    name = "proxy_cache"
    what = "proxy_cache, sendfile on"
    patterns = ("hot", "random", "miss", "mix")

    def http(self, sizes):
        return self.upstreams() + f"""
            proxy_cache_path {self.folder}/cache levels=1:2 keys_zone=pages:256m max_size=4g
                inactive=1d use_temp_path=off;"""

    def location(self, size_kb):
        return f"""proxy_cache pages; add_header X-Cache-Status $upstream_cache_status;
            {self.proxy}"""


class ProxyPass(Contestant):
    name = "proxy_pass"
    what = "proxy_pass, keepalive, nothing stored"
    patterns = ("miss",)

    def http(self, sizes):
        return self.upstreams()

    def location(self, size_kb):
        return self.proxy


class Varnish(Contestant):
    name = "varnish"
    what = "Varnish, in memory"
    patterns = ("hot", "random", "miss", "mix")

    def server(self, sizes):
        return VarnishServer(self.name, self.folder, self.place)


ALL = [Mcache, McacheLocal, Return, File, MemcachedPass, Srcache, ProxyCache, ProxyPass, Varnish]
