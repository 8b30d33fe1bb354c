# Streams of HTTP/2 that are reset as soon as they are opened.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: streams of HTTP/2 that are reset at once cost the origin no more than they ask for
--- config
    listen $TEST_NGINX_HTTP2_PORT http2;
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
@ rapid reset $TEST_NGINX_HTTP2_PORT 500 /none?delay=20&h=Cache-Control:no-store
= few
> GET /hit
< 200 HIT
= /hit 1
> GET /after
< 200 MISS
@ stored /after
--- no_error_log
[alert]
