# HTTP/2 clients.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: miss, hit, 304, 206, HEAD
--- config
    listen $TEST_NGINX_HTTP2_PORT http2;
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
@ curl -i --http2-prior-knowledge -H Host:localhost http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?etag=one
~ \AHTTP/2 200 .*^x-mcache: MISS$.*\n\n/t 1\n\z
@ stored http://localhost/t?etag=one
@ curl -i --http2-prior-knowledge -H Host:localhost http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?etag=one
~ \AHTTP/2 200 .*^x-mcache: HIT$.*\n\n/t 1\n\z
~ ^content-length: 5$
@ curl -i --http2-prior-knowledge -H Host:localhost -H 'If-None-Match: "one"' http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?etag=one
~ \AHTTP/2 304 .*^x-mcache: HIT$.*\n\n\z
@ curl -i --http2-prior-knowledge -H Host:localhost -r 1-1 http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?etag=one
~ \AHTTP/2 206 .*^x-mcache: HIT$.*\n\nt\z
@ curl -I --http2-prior-knowledge -H Host:localhost http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?etag=one
~ \AHTTP/2 200 .*^x-mcache: HIT$.*\n\n\z
> GET /t?etag=one
< 200 HIT
= /t 1



=== TEST 2: several streams of one connection
--- config
    listen $TEST_NGINX_HTTP2_PORT http2;
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
@ stored http://localhost/a
@ stored http://localhost/b
@ nghttp -H :authority:localhost http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/a http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/b http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/c http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/a?x=1
~ /a 1$
~ /b 1$
~ /c 1$
~ /a 2$
@ count /b
= 1



=== TEST 3: a large hit within the flow control of HTTP/2
--- config
    listen $TEST_NGINX_HTTP2_PORT http2;
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t?size=900000
< 200 MISS
@ stored http://localhost/t?size=900000
@ curl -o /dev/null -w %{http_code}\ %{size_download} --http2-prior-knowledge -H Host:localhost http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?size=900000
== 200 900000
