# Content handlers other than proxy_pass.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: fastcgi_pass
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_pass 127.0.0.1:$TEST_NGINX_FASTCGI_PORT;
    }
--- steps
> GET /t?h=X-One:1
< 200 MISS
= /t 1
@ stored http://localhost/t?h=X-One:1
> GET /t?h=X-One:1
< 200 HIT
< X-One: 1
< Content-Type: text/plain
= /t 1
> GET /large?size=100000
< 200 MISS
@ stored http://localhost/large?size=100000
> GET /large?size=100000
< 200 HIT
< Content-Length: 100000
~ \A(/large 1 )+/\z
> GET /unknown-length?framing=close
< 200 MISS
@ stored http://localhost/unknown-length?framing=close
> GET /unknown-length?framing=close
< 200 HIT
= /unknown-length 1



=== TEST 2: scgi_pass
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        scgi_param REQUEST_METHOD $request_method;
        scgi_param REQUEST_URI $request_uri;
        scgi_pass 127.0.0.1:$TEST_NGINX_SCGI_PORT;
    }
--- steps
> GET /t?h=X-One:1
< 200 MISS
= /t 1
@ stored http://localhost/t?h=X-One:1
> GET /t?h=X-One:1
< 200 HIT
< X-One: 1
= /t 1



=== TEST 3: uwsgi_pass
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        uwsgi_param REQUEST_METHOD $request_method;
        uwsgi_param REQUEST_URI $request_uri;
        uwsgi_pass 127.0.0.1:$TEST_NGINX_UWSGI_PORT;
    }
--- steps
> GET /t?h=X-One:1
< 200 MISS
= /t 1
@ stored http://localhost/t?h=X-One:1
> GET /t?h=X-One:1
< 200 HIT
< X-One: 1
= /t 1



=== TEST 4: grpc_pass
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_HTTP2_PORT http2;
        location / {
            proxy_pass http://127.0.0.1:$TEST_NGINX_ORIGIN_PORT;
        }
    }
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        grpc_pass grpc://127.0.0.1:$TEST_NGINX_HTTP2_PORT;
    }
--- steps
> GET /t?h=X-One:1
< 200 MISS
= /t 1
@ stored http://localhost/t?h=X-One:1
> GET /t?h=X-One:1
< 200 HIT
< X-One: 1
= /t 1



=== TEST 5: memcached_pass
--- config
    location / {
        mcache pages;
        mcache_key cached:$uri;
        mcache_valid 1m;
        set $memcached_key $uri;
        memcached_pass $TEST_NGINX_MEMCACHED;
        default_type text/html;
    }
--- steps
@ set /t from memcached
> GET /t
< 200 MISS
== from memcached
@ stored cached:/t
> GET /t
< 200 HIT
< Content-Type: text/html
== from memcached



=== TEST 6: proxy_pass with buffering off
--- mcache: mcache_valid 1m; proxy_buffering off; proxy_http_version 1.1;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
> GET /t
< 200 HIT
= /t 1
> GET /large?size=50000&pause=20
< 200 MISS
@ stored http://localhost/large?size=50000&pause=20
> GET /large?size=50000&pause=20
< 200 HIT
< Content-Length: 50000



=== TEST 7: proxy_pass with keep-alive to the backend
--- http_config
    upstream kept {
        server 127.0.0.1:$TEST_NGINX_ORIGIN_PORT;
        keepalive 4;
    }
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_pass http://kept;
    }
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
> GET /c?framing=chunked
< 200 MISS
@ stored http://localhost/a
@ stored http://localhost/b
@ stored http://localhost/c?framing=chunked
> GET /a
< 200 HIT
= /a 1
> GET /b
< 200 HIT
= /b 1
> GET /c?framing=chunked
< 200 HIT
= /c 1



=== TEST 8: beside proxy_cache
--- http_config
    proxy_cache_path cache keys_zone=disk:1m;
--- mcache: mcache_valid 1m; proxy_cache disk; proxy_cache_valid 1m;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
> GET /t
< 200 HIT
= /t 1
@ delete http://localhost/t
> GET /t
< 200 MISS
= /t 1
@ count /t
= 1



=== TEST 9: autoindex, stub_status and other handlers
--- config
    location /list/ {
        mcache pages;
        mcache_valid 1m;
        alias html/;
        autoindex on;
        index none;
    }
    location = /empty {
        mcache pages;
        mcache_valid 1m;
        empty_gif;
    }
--- steps
> GET /list/
< 200 MISS
@ stored http://localhost/list/
> GET /list/
< 200 HIT
~ Index of /list/
> GET /empty
< 200 MISS
@ stored http://localhost/empty
> GET /empty
< 200 HIT
< Content-Type: image/gif
< Content-Length: 43
