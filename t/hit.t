# A response is stored once and served from memcached from then on.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: miss, store, hit
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
= stored
> GET /t
< 200 HIT
< Content-Type: text/plain
< Content-Length: 5
= /t 1
> GET /t
< 200 HIT
= /t 1
@ count /t
= 1



=== TEST 2: each URL is an entry of its own
--- mcache: mcache_valid 1m;
--- steps
> GET /a
< 200 MISS
= /a 1
> GET /b
< 200 MISS
= /b 1
> GET /a?x=1
< 200 MISS
= /a 2
@ stored http://localhost/a
@ stored http://localhost/b
@ stored http://localhost/a?x=1
> GET /a
< 200 HIT
= /a 1
> GET /b
< 200 HIT
= /b 1
> GET /a?x=1
< 200 HIT
= /a 2



=== TEST 3: without mcache nothing is looked up, and $mcache_status is empty
--- config
    location / {
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=Cache-Control:max-age=60
< 200
< ! X-Mcache
= /t 1
@ not stored http://localhost/t?h=Cache-Control:max-age=60
> GET /t?h=Cache-Control:max-age=60
< 200
< ! X-Mcache
= /t 2



=== TEST 4: clients of HTTP/1.0
--- mcache: mcache_valid 1m;
--- steps
> GET /t HTTP/1.0
< 200 MISS
= /t 1
@ stored http://localhost/t
> GET /t HTTP/1.0
< 200 HIT
= /t 1



=== TEST 5: an item that is deleted is fetched again
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
< 200 HIT
= /t 1
@ delete http://localhost/t
= deleted
> GET /t
< 200 MISS
= /t 2
@ stored http://localhost/t
> GET /t
< 200 HIT
= /t 2



=== TEST 6: two servers that build the same key share the entry
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / {
            mcache pages;
            mcache_key http://localhost$request_uri;
            mcache_valid 1m;
            proxy_pass http://origin;
        }
    }
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /other/ {
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/;
    }
--- steps
> GET /other/t
< 200
= /t 1
@ stored http://localhost/t
> GET /t
< 200 HIT
= /t 1
