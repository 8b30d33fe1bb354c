# mcache_format raw: items that are the body alone, for any client to read.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: the item is the body, with flags 0 and the time to live
--- mcache: mcache_format raw; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
@ item http://localhost/t
< X-Flags: 0
<~ X-TTL: (60|59|5\d)
= /t 1
> GET /t
< 200 HIT
= /t 1
@ count /t
= 1



=== TEST 2: served with the location's default type and no header of the origin's
--- mcache: mcache_format raw; mcache_valid 1m; default_type text/html;
--- steps
> GET /t?h=Content-Type:application/json&h=X-Origin:1
< 200 MISS
< Content-Type: application/json
< X-Origin: 1
@ stored http://localhost/t?h=Content-Type:application/json&h=X-Origin:1
> GET /t?h=Content-Type:application/json&h=X-Origin:1
< 200 HIT
< Content-Type: text/html
< Content-Length: 5
< ! X-Origin
= /t 1



=== TEST 3: the type that memcached_pass would give it, by the URI's suffix where there is one
--- mcache
mcache_format raw;
mcache_valid 1m;
types { text/css css; }
default_type text/html;
--- steps
@ set http://localhost/a.css body{}
@ set http://localhost/a written
> GET /a.css
< 200 HIT
< Content-Type: text/css
== body{}
> GET /a
< 200 HIT
< Content-Type: text/html



=== TEST 4: what cannot be told by a body alone is not stored
--- mcache: mcache_format raw; mcache_valid any 1m;
--- steps
> GET /missing?status=404
< 404 MISS
> GET /moved?status=301&h=Location:http://elsewhere/
< 301 MISS
> GET /gzip?gzip=1
< 200 MISS
@ not stored http://localhost/missing?status=404
@ not stored http://localhost/moved?status=301&h=Location:http://elsewhere/
@ not stored http://localhost/gzip?gzip=1



=== TEST 5: the entry of a location with mcache_format entry is served with all that it says
--- config
    mcache_key $uri;
    mcache_valid 1m;
    location / {
        mcache pages;
        proxy_pass http://origin;
    }
    location /raw/ {
        mcache pages;
        mcache_format raw;
        mcache_key /t;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=X-Origin:1
< 200 MISS
@ stored /t
> GET /raw/t
< 200 HIT
< X-Origin: 1
= /t 1



=== TEST 6: an empty item is no page
--- mcache: mcache_format raw; mcache_valid 1m;
--- steps
> GET /t?size=0
< 200 MISS
=
> GET /t?size=0
< 200 MISS
=
@ count /t
= 2



=== TEST 7: the application's own write during a fill stays, and of two fills the first to store wins
--- mcache: mcache_key $uri; mcache_format raw; mcache_valid 1m;
--- steps
@ begin r /t?gate=g
@ set /t written
@ open g
@ end r
= 200 MISS /t 1
@ settled
> GET /t
< 200 HIT
== written
@ begin r1 /u?gate=g1
@ begin r2 /u?gate=g2
@ open g2
@ end r2
= 200 MISS /u 2
@ lies /u body
@ open g1
@ end r1
= 200 MISS /u 1
@ settled
> GET /u
< 200 HIT
= /u 2



=== TEST 8: mcache_bypass replaces what it found, and nothing else
--- mcache
mcache_key $uri;
mcache_format raw;
mcache_valid 1m;
mcache_bypass $arg_new;
--- steps
@ set /t written
> GET /t?new=1
< 200 BYPASS
= /t 1
@ settled
> GET /t
< 200 HIT
= /t 1
@ begin r /t?new=1&gate=g
@ delete /t
= deleted
@ open g
@ end r
= 200 BYPASS /t 2
@ not stored /t
@ set /u old
@ begin r /u?new=1&gate=h
@ set /u written
@ open h
@ end r
= 200 BYPASS /u 1
@ settled
> GET /u
< 200 HIT
== written



=== TEST 9: an empty item, and one that is too large to be read, are replaced
--- http_config
    mcache_pool small { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; max_item_size 4k; }
--- mcache
mcache small;
mcache_key $uri;
mcache_format raw;
mcache_valid 1m;
--- steps
@ set /t
> GET /t
< 200 MISS
@ settled
> GET /t
< 200 HIT
= /t 1
@ set sized /u 5000
> GET /u
< 200 MISS
@ settled
> GET /u
< 200 HIT
= /u 1
