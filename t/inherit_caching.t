# Defaults of the caching directives and their inheritance: what a nearer block says replaces what
# one further out says.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: flags from http, taken back and replaced
--- http_config
    mcache_convert_head off;
    mcache_honor_request_cache_control on;
    mcache_invalidate on;
    mcache_cache_status on;
    mcache_targeted_cache_control X-Cache-Control;
    mcache_heuristic 50%;
--- config
    mcache pages;
    mcache_key $uri;
    location / {
        add_header X-Mcache $mcache_status always;
        add_header X-TTL $mcache_ttl always;
        proxy_pass http://origin;
    }
    location /back {
        mcache_convert_head on;
        mcache_honor_request_cache_control off;
        mcache_invalidate off;
        mcache_cache_status off;
        mcache_targeted_cache_control off;
        mcache_heuristic off;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=X-Cache-Control:max-age=60&h=Cache-Control:no-store
< 200 MISS
<~ Cache-Status: .+
@ stored /t
> GET /t
> Cache-Control: no-cache
<~ X-Mcache: (MISS|EXPIRED)
> GET /back?h=X-Cache-Control:no-store&h=Cache-Control:max-age=60
< 200 MISS
< ! Cache-Status
@ stored /back
> GET /back
> Cache-Control: no-cache
< 200 HIT
> POST /back\nbody
< 200 BYPASS
> GET /back
< 200 HIT
> POST /t\nbody
< 200 BYPASS
@ gone /t
> HEAD /head?h=Cache-Control:max-age=60
< 200 MISS
@ not stored /head
> HEAD /back/head?h=Cache-Control:max-age=60
< 200 MISS
@ stored /back/head
> GET /lm?h=Last-Modified:Mon,+01+Jan+2024+00:00:00+GMT
< 200 MISS
@ stored /lm
> GET /back/lm?h=Last-Modified:Mon,+01+Jan+2024+00:00:00+GMT
< 200 MISS
@ not stored /back/lm



=== TEST 2: revalidate, use_stale and keep_stale
--- http_config
    mcache_revalidate on;
    mcache_use_stale http_500;
--- config
    mcache pages;
    mcache_key $uri;
    location / {
        proxy_pass http://origin;
    }
    location /back {
        mcache_revalidate off;
        mcache_use_stale http_503;
        proxy_pass http://origin;
    }
    location /none {
        mcache_keep_stale 0;
        proxy_pass http://origin;
    }
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /back?etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /none?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/back
> GET /t?status=500
< 200 STALE
> GET /back?status=500
< 500 EXPIRED
> GET /back?status=503
< 200 STALE
> GET /t?etag=a&h=X-Accel-Expires:60
< 200 REVALIDATED
> GET /back?etag=a&h=X-Accel-Expires:60
< 200 EXPIRED
@ gone /none
> GET /none?status=500
< 500 MISS



=== TEST 3: lock, min_uses and max_range_offset
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_min_uses 2;
mcache_max_range_offset 0;
location /back {
    mcache_lock off;
    mcache_min_uses 1;
    mcache_max_range_offset 100;
    proxy_pass http://origin;
}
location /same {
    proxy_pass http://origin;
}
--- steps
> GET /same
< 200 MISS
@ not stored /same
> GET /same
< 200 MISS
@ stored /same
> GET /back
< 200 MISS
@ stored /back
> GET /back/range?size=10
> Range: bytes=2-3
< 206 MISS
@ stored /back/range
@ parallel 3 /back/lock?delay=300&body=x
~ 3 x \S+ 200 MISS x
> GET /same/lock
< 200 MISS
@ parallel 3 /same/lock?delay=300
~ 2 x \S+ 200 HIT /same/lock 2\n1 x \S+ 200 MISS /same/lock 2
