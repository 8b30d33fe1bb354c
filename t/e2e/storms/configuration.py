"""Configurations of nginx at random: what a seed says, each of them one that nginx takes.

What the checker has to know of a location stays the same from its first configuration to its last. All else
is drawn anew for each reload.
"""

import random
from dataclasses import dataclass

STALE = ("error", "timeout", "invalid_header", "updating", "http_500", "http_503", "http_404")
# Of what a page is made, whoever is asked for it: see origin.py.
KINDS = ("plain", "vary", "large", "largevary", "private", "flaky", "slow", "stream", "ssi", "accel", "empty")
PAGES = 3  # of each kind in each location
FEW_REQUESTS = 7  # of a connection

TOP = """
load_module modules/ngx_http_mcache_module.so;
worker_processes %(workers)s;
worker_rlimit_nofile 8192;
worker_shutdown_timeout 60s;
error_log /var/log/nginx/error.log info;
events { worker_connections 2048; }
http {
    access_log off;
    keepalive_timeout 10s;
    keepalive_requests %(keepalive_requests)s;
    http2_max_concurrent_streams 64;
    send_timeout 10s;  # nginx takes it where a response breaks off that SSI has taken in
    default_type text/html;
    map $request_method $is_purge { PURGE 1; default 0; }
    limit_conn_zone $binary_remote_addr zone=clients:1m;
    proxy_cache_path %(folder)s/cache keys_zone=files:1m inactive=10m;
    proxy_connect_timeout 2s;
    proxy_read_timeout 2s;
    upstream origin {
        server 127.0.0.1:%(origin)s max_fails=0;%(upstream)s
    }
%(pools)s
    server {
        listen 8080;
        listen %(http2)s http2;
        add_header X-Cache "$mcache_status $mcache_reason $pid" always;
%(server)s
        location = /auth { internal; proxy_pass http://origin; %(bare)s }
        location = /mirror { internal; proxy_pass http://origin; %(bare)s }
        location = /sorry { internal; return 200 "sorry\\n"; }
        location = /before { return 200 "before\\n"; }
        location = /after { return 200 "after\\n"; }
        location = /status { mcache_status json; }
        location = /stub { stub_status; }
%(locations)s
    }
}
"""


@dataclass(frozen=True)
class Location:
    """name     its pages are /NAME/KIND/NUMBER
    raw, soft   as the directives say; a raw page that is being filled may outlive a purge
    ignored     fields of the response that say nothing here
    forgets     something below mcache may bring old pages: nothing is said of purges
    shape       how a request gets to it
    guarded     it may answer 503 by itself
    ssi         whether tags in pages are followed
    adds        what stands before and behind the body"""

    name: str
    raw: bool
    soft: bool
    ignored: tuple
    forgets: bool
    shape: str
    guarded: bool
    patient: bool
    ssi: bool
    adds: tuple
    key: str
    methods: str
    intercepts: bool

    @property
    def reads_on(self):
        """Whether nginx itself reads a response to its end for nobody."""
        return self.forgets or self.patient

    @property
    def takes_gzip(self):
        """Of the origin's."""
        return "Vary" not in self.ignored and not self.adds[0]

    @property
    def pages(self):
        return [f"/{self.name}/{kind}/{number}" for kind in KINDS for number in range(PAGES)]


def draw_location(chance, number, copies):
    """copies: pages lie on several servers, which raw ones cannot."""
    def perhaps(share):
        return chance.random() < share

    raw = perhaps(0.1) and not copies
    shape = chance.choices(("plain", "if", "named", "front", "slice"), (60, 10, 10, 10, 10))[0]
    return Location(
        name=f"l{number}",
        raw=raw,
        soft=perhaps(0.3),
        ignored=tuple(field for field in ("Set-Cookie", "Vary") if perhaps(0.1)),
        forgets=perhaps(0.1),
        shape=shape,
        guarded=perhaps(0.1),
        patient=perhaps(0.2),
        # nginx itself, also with proxy_cache or no cache, does not end a page in slices whose first one includes
        # another: "http finalize non-active request".
        ssi=perhaps(0.4) and shape != "slice",
        adds=("before\n", "after\n") if perhaps(0.1) and shape != "slice" else ("", ""),
        key=chance.choice(("$uri", "$request_uri", "$scheme://$host$request_uri", "")) if shape != "slice"
        else "$uri$slice_range",
        methods="GET HEAD POST" if perhaps(0.1) else "",
        intercepts=perhaps(0.1),
    )


class Configuration:
    """One round's. pool: what all locations say, or `off`."""

    def __init__(self, seed, pool="pages"):
        chance = random.Random(f"{seed}/configuration")
        self.seed = seed
        self.pool = pool
        self.workers = chance.choice((1, 1, 2))
        self.memcacheds = chance.choice((1, 1, 1, 2, 3))
        copies = self.draw_copies(chance)
        self.locations = [draw_location(chance, number, copies) for number in range(chance.randint(3, 6))]
        self.old = chance.random() < 0.15  # memcached says that it is of a version without meta commands
        self.pool_lines = [*copies, *self.draw_pool(chance)]
        self.asks_first = set()  # names of locations that have had an auth_request

    def draw_copies(self, chance):
        ways = {1: ([],), 2: ([], ["replicas 2;"], ["on_failure next;"]),
                3: ([], ["replicas 2;"], ["on_failure next;"], ["replicas 2;", "on_failure next;"])}
        return chance.choice(ways[self.memcacheds])

    def draw_pool(self, chance):
        return [
            f"timeout {chance.choice((300, 600, 1000))}ms;",
            f"connect_timeout {chance.choice((500, 1000))}ms;",
            f"max_item_size {chance.choice(('8k', '16k', '16k', '64k', '1m'))};",
            f"connections {chance.choice((1, 1, 2, 4))};",
            f"large_buffers {chance.choice(('256k', '1m', '64m', '64m'))};",
            f"store_buffers {chance.choice(('256k', '64m', '64m'))};",
            f"queue {chance.choice((64, 32768, 32768))};",
        ]

    def location(self, name):
        return next(each for each in self.locations if each.name == name)

    def render(self, generation, sockets, origin, http2, folder):
        """The text, `generation` reloads after the first."""
        chance = random.Random(f"{self.seed}/configuration/{generation}")
        servers = [f"server unix:{path} fail_timeout=300ms max_fails={chance.choice((1, 1, 2))};" for path in sockets]
        pool = "\n        ".join([*servers, *self.pool_lines])
        return TOP % {
            "workers": self.workers,
            "bare": 'proxy_pass_request_body off; proxy_set_header Content-Length "";',
            "keepalive_requests": chance.choice((FEW_REQUESTS, 1000, 1000)),
            "folder": folder,
            "origin": origin,
            "upstream": chance.choice(("", " keepalive 4;")),
            "pools": f"    mcache_pool pages {{\n        {pool}\n    }}",
            "http2": f"127.0.0.1:{http2}",
            "server": "\n".join(f"        {line}" for line in some_of(chance, SERVER_LINES)),
            "locations": "\n".join(self.render_location(chance, each) for each in self.locations),
        }

    def render_location(self, chance, location):
        lines = lines_of(chance, location, self.pool)
        body = "\n".join(f"            {line}" for line in lines)
        name = location.name
        if "auth_request /auth;" in lines:
            self.asks_first.add(name)
        if location.shape == "named":
            return (f"        location /{name}/ {{ try_files /none$uri @{name}; }}\n"
                    f"        location @{name} {{\n{body}\n        }}")
        if location.shape == "front":
            return (f"        location /{name}/ {{ error_page 418 = @{name}; return 418; }}\n"
                    f"        location @{name} {{\n{body}\n        }}")
        return f"        location /{name}/ {{\n{body}\n        }}"


# Each with how often it stands there.
SERVER_LINES = (
    (0.3, ("gzip on; gzip_types *; gzip_min_length 100;", "gzip on; gzip_types *; gzip_vary on;")),
    (0.2, ("gunzip on;",)),
    (0.2, ("postpone_output 0;", "postpone_output 8000;")),
    (0.2, ("sendfile on; tcp_nopush on;",)),
    (0.2, ("output_buffers 1 4k;",)),
    (0.2, ("mcache_cache_status on;",)),
    (0.2, ("lingering_close off;", "lingering_close always; lingering_time 1s; lingering_timeout 500ms;")),
    (0.1, ("max_ranges 1;",)),
    (0.2, ("reset_timedout_connection on;",)),
    (0.2, ("if_modified_since before;",)),
)

LOCATION_LINES = (
    (0.65, ("mcache_lock on;",)),
    (0.5, ("mcache_lock_timeout 300ms;", "mcache_lock_timeout 1s;", "mcache_lock_timeout 3s;")),
    (0.4, ("mcache_lock_age 1s;", "mcache_lock_age 2s;")),
    (0.1, ("mcache_lock_waiters 2;",)),
    (0.6, ("mcache_background_update on;",)),
    (0.4, ("mcache_revalidate on;",)),
    (0.6, ("mcache_keep_stale 1m;", "mcache_keep_stale 2s;", "mcache_keep_stale 0;")),
    (0.2, ("mcache_min_uses 2;", "mcache_min_uses 3;")),
    (0.3, ("mcache_local 1m;",)),
    (0.2, ("mcache_max_size 100k;", "mcache_max_size 5k;")),
    (0.2, ("mcache_convert_head off;",)),
    (0.3, ("mcache_early_refresh 50%;", "mcache_early_refresh 90%;")),
    (0.2, ("mcache_honor_request_cache_control on;",)),
    (0.2, ("mcache_max_range_offset 10k;",)),
    (0.2, ("mcache_bypass $http_x_bypass;",)),
    (0.2, ("mcache_no_store $http_x_no_store;",)),
    (0.2, ("mcache_heuristic 10%;",)),
    (0.2, ("mcache_invalidate on;",)),
    (0.2, ("proxy_buffering off;",)),
    (0.2, ("proxy_max_temp_file_size 0;",)),
    (0.2, ("proxy_buffer_size 4k; proxy_buffers 2 4k; proxy_busy_buffers_size 4k;",)),
    (0.15, ("auth_request /auth;",)),
    (0.15, ("sub_filter '@@never@@' 'x'; sub_filter_types *;",)),
    (0.1, ("expires 1h;",)),
    (0.1, ("charset utf-8;",)),
    (0.1, ("chunked_transfer_encoding off;",)),
    (0.1, ("etag off;",)),
)


# Without buffering nginx forgets to go on when the header alone is slowed down.
PACED = "limit_rate 300k; limit_rate_after 4k;"


def some_of(chance, table):
    return [chance.choice(texts) for share, texts in table if chance.random() < share]


def lines_of(chance, location, pool):
    lines = [f"mcache {pool};", f'mcache_key_prefix "{location.name}-";', "mcache_purge $is_purge;",
             "proxy_pass http://origin;"]
    if location.ssi:
        lines.append("ssi on; ssi_types *;")
    elif not location.adds[0] and location.shape != "slice":
        # With SSI, what is added or pieces nginx holds the page back for ever.
        lines += some_of(chance, ((0.2, ("mirror /mirror;",)), (0.2, (PACED,))))
    if location.shape == "slice":
        lines += ["slice 16k;", "proxy_set_header Range $slice_range;"]
    else:
        lines += chance.choice((["mcache_valid 200 1s;"], ["mcache_valid 200 404 301 1m;"], []))
    lines += some_of(chance, LOCATION_LINES)
    stale = [word for word in STALE if chance.random() < 0.5]
    if chance.random() < 0.7:
        stale = [*(word for word in stale if word != "updating"), "updating"]
    if stale and chance.random() < 0.85:
        lines.append(f"mcache_use_stale {' '.join(stale)};")
    keepalive = chance.random() < 0.5
    lines.append(f"proxy_http_version {'1.1' if keepalive else '1.0'};")
    lines.append('proxy_set_header Connection "";' if keepalive else "")
    if location.key:
        lines.append(f"mcache_key {location.key};")
    if location.methods:
        lines.append(f"mcache_methods {location.methods};")
    if location.raw:
        lines.append("mcache_format raw;")
    else:
        lines += ["mcache_tags $upstream_http_cache_tag;", "mcache_purge_tags $http_x_purge_tags;"]
    if location.patient:
        lines.append("proxy_ignore_client_abort on;")
    if location.soft:
        lines.append("mcache_purge_soft on;")
    if location.ignored:
        lines.append(f"mcache_ignore_headers {' '.join(location.ignored)};")
    if location.forgets:
        lines.append(chance.choice((
            "proxy_cache files; proxy_cache_valid 1s; proxy_cache_use_stale updating; "
            "proxy_cache_background_update on; proxy_cache_lock on;",
            "proxy_store off;")))
    if location.guarded:
        lines.append(f"limit_conn clients {chance.choice((2, 10))};")
    if location.adds[0]:
        lines.append("add_before_body /before; add_after_body /after; addition_types *;")
    if location.intercepts:
        lines.append("proxy_intercept_errors on; error_page 500 502 503 504 /sorry;")
    if location.shape == "if":
        lines.append("if ($http_x_kind = b) { add_header X-If 1; }")
    return [line for line in lines if line]
