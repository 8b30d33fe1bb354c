# mcache_use_stale in front of FastCGI, uwsgi, SCGI and gRPC backends that are down.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: fastcgi_pass
--- http_config
    upstream up { server 127.0.0.1:$TEST_NGINX_FASTCGI_PORT; }
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error timeout http_500;
        fastcgi_read_timeout 100ms;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_pass $arg_to;
    }
--- steps
> GET /t?to=up&h=X-Accel-Expires:1
< 200 MISS
> GET /cold?to=dead
< 502 MISS
@ status EXPIRED /expiry/t
> GET /t?to=dead
< 200 STALE
= /t 1
> GET /t?to=up&delay=3000
< 200 STALE
= /t 1
> GET /t?to=up&status=500
< 200 STALE
= /t 1
> GET /t?to=up&status=503
< 503 EXPIRED



=== TEST 2: uwsgi_pass
--- http_config
    upstream up { server 127.0.0.1:$TEST_NGINX_UWSGI_PORT; }
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error timeout http_500;
        uwsgi_read_timeout 100ms;
        uwsgi_param REQUEST_METHOD $request_method;
        uwsgi_param REQUEST_URI $request_uri;
        uwsgi_pass $arg_to;
    }
--- steps
> GET /t?to=up&h=X-Accel-Expires:1
< 200 MISS
> GET /cold?to=dead
< 502 MISS
@ status EXPIRED /expiry/t
> GET /t?to=dead
< 200 STALE
= /t 1
> GET /t?to=up&delay=3000
< 200 STALE
= /t 1
> GET /t?to=up&status=500
< 200 STALE
= /t 1
> GET /t?to=up&status=503
< 503 EXPIRED



=== TEST 3: scgi_pass
--- http_config
    upstream up { server 127.0.0.1:$TEST_NGINX_SCGI_PORT; }
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error timeout http_500;
        scgi_read_timeout 100ms;
        scgi_param REQUEST_METHOD $request_method;
        scgi_param REQUEST_URI $request_uri;
        scgi_pass $arg_to;
    }
--- steps
> GET /t?to=up&h=X-Accel-Expires:1
< 200 MISS
> GET /cold?to=dead
< 502 MISS
@ status EXPIRED /expiry/t
> GET /t?to=dead
< 200 STALE
= /t 1
> GET /t?to=up&delay=3000
< 200 STALE
= /t 1
> GET /t?to=up&status=500
< 200 STALE
= /t 1
> GET /t?to=up&status=503
< 503 EXPIRED



=== TEST 4: grpc_pass
--- http_config
    upstream up { server 127.0.0.1:$TEST_NGINX_HTTP2_PORT; }
    upstream dead { server 127.0.0.1:1; }
    server {
        listen 127.0.0.1:$TEST_NGINX_HTTP2_PORT http2;
        location / {
            proxy_pass_header X-Accel-Expires;
            proxy_pass http://127.0.0.1:$TEST_NGINX_ORIGIN_PORT;
        }
    }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error timeout http_500;
        grpc_read_timeout 100ms;
        grpc_pass $arg_to;
    }
--- steps
> GET /t?to=up&h=Cache-Control:max-age=1
< 200 MISS
> GET /cold?to=dead
< 502 MISS
@ status EXPIRED /expiry/t
> GET /t?to=dead
< 200 STALE
= /t 1
> GET /t?to=up&delay=3000
< 200 STALE
= /t 1
> GET /t?to=up&status=500
< 200 STALE
= /t 1
> GET /t?to=up&status=503
< 503 EXPIRED



=== TEST 5: proxy_pass without buffering
--- http_config
    upstream up { server 127.0.0.1:$TEST_NGINX_ORIGIN_PORT; }
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error timeout http_500;
        proxy_buffering off;
        proxy_read_timeout 100ms;
        proxy_pass http://$arg_to;
    }
--- steps
> GET /t?to=up&h=X-Accel-Expires:1&size=200000
< 200 MISS
> GET /cold?to=dead
< 502 MISS
@ status EXPIRED /expiry/t
> GET /t?to=dead
< 200 STALE
< Content-Length: 200000
> GET /t?to=up&delay=3000
< 200 STALE
< Content-Length: 200000
> GET /t?to=up&status=500&size=300000
< 200 STALE
< Content-Length: 200000
~ \A(/t 1 )+
