# Streams of HTTP/2 that are reset as soon as they are opened.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: streams of HTTP/2 that are reset at once cost the origin no more than they ask for
--- config
    listen $TEST_NGINX_HTTP2_PORT http2;
    location = /status { mcache_status; }
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_lock on;
        proxy_pass http://origin;
    }
--- timeout: 120
--- steps
> GET /hit
< 200 MISS
@ stored /hit
@ rapid reset $TEST_NGINX_HTTP2_PORT 500 /hit
= few
@ count /hit
= 1
@ rapid reset $TEST_NGINX_HTTP2_PORT 200 /none?delay=20&h=Cache-Control:no-store
= few
> GET /hit
< 200 HIT
= /hit 1
> GET /after
< 200 MISS
@ stored /after
--- no_error_log
[alert]



=== TEST 2: of a page that is cold, stale or in parts the origin is asked once
--- http_config
    mcache_pool small { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; max_item_size 16k; }
--- config
    listen $TEST_NGINX_HTTP2_PORT http2;
    location = /status { mcache_status; }
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 5m;
        mcache_lock on;
        mcache_lock_timeout 60s;
        mcache_use_stale updating;
        mcache_background_update on;
        proxy_pass http://origin;
    }
    location /parts {
        mcache small;
        mcache_key $uri;
        mcache_valid 5m;
        proxy_http_version 1.1;
        proxy_pass http://origin;
    }
--- timeout: 120
--- steps
> GET /stale?h=X-Accel-Expires:1
< 200 MISS
@ whole /parts?size=900000
= 200 MISS 900000 bytes, of fill 1
@ stored /parts
@ whole /parts?size=900000
= 200 HIT 900000 bytes, of fill 1
@ rapid reset $TEST_NGINX_HTTP2_PORT 500 /parts?size=900000
= few
@ count /parts
= 1
@ rapid reset $TEST_NGINX_HTTP2_PORT 500 /cold?delay=20
= few
@ count /cold
~ \A[01]$
@ status EXPIRED /expiry/stale
@ rapid reset $TEST_NGINX_HTTP2_PORT 500 /stale?delay=20
= few
@ whole /parts?size=900000
= 200 HIT 900000 bytes, of fill 1
@ whole /cold?size=10
~ \A200 (MISS|HIT)
@ status HIT /stale
@ count /stale
= 2
--- no_error_log
[alert]
[error]
