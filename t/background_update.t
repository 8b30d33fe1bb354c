# mcache_background_update and stale-while-revalidate: a stale page is served at once and refreshed behind it.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: STALE, UPDATING meanwhile, HIT when it is there
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ curl -s -o /dev/null -w "%{http_code} %header{x-mcache} %{size_download}\n" http://localhost:$TEST_NGINX_SERVER_PORT/t?h=X-Accel-Expires:60&delay=1500
= 200 STALE 5
> GET /t
< 200 UPDATING
= /t 1
> GET /t
< 200 UPDATING
= /t 1
@ status HIT /t
> GET /t
< 200 HIT
= /t 2
@ count /t
= 2



=== TEST 2: many at once: one request to the backend
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ parallel 20 /t?h=X-Accel-Expires:60&delay=1500
~ \A1 x \S+ 200 STALE /t 1\n19 x \S+ 200 UPDATING /t 1\n\z
@ status HIT /t
@ count /t
= 2



=== TEST 3: updating without background_update: one waits, the others do not
--- mcache: mcache_key $uri; mcache_use_stale updating;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ parallel 10 /t?h=X-Accel-Expires:60&delay=1000
~ \A1 x \S+ 200 EXPIRED /t 2\n9 x \S+ 200 UPDATING /t 1\n\z
@ count /t
= 2



=== TEST 4: background_update alone does not allow stale pages
--- mcache: mcache_key $uri; mcache_background_update on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:60
< 200 EXPIRED
= /t 2



=== TEST 5: stale-while-revalidate of the response
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=Cache-Control:max-age=1,+stale-while-revalidate=60
< 200 MISS
@ status STALE /expiry/t
@ curl -s -o /dev/null -w "%{http_code} %header{x-mcache} %{size_download}\n" http://localhost:$TEST_NGINX_SERVER_PORT/t?h=Cache-Control:max-age=60&delay=1500
= 200 STALE 5
> GET /t
< 200 UPDATING
= /t 1
@ status HIT /t
> GET /t
< 200 HIT
= /t 2
@ count /t
= 2



=== TEST 6: stale-while-revalidate ends
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=Cache-Control:max-age=1,+stale-while-revalidate=1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=Cache-Control:max-age=60
< 200 EXPIRED
= /t 2



=== TEST 7: refreshed with a 304
--- mcache
mcache_key $uri;
mcache_revalidate on;
mcache_use_stale updating;
mcache_background_update on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1&h=X-Version:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=a&h=X-Accel-Expires:60&h=X-Version:2
< 200 STALE
< X-Version: 1
= /t 1
@ status HIT /t
> GET /t
< 200 HIT
< X-Version: 2
= /t 1
@ count /t
= 2



=== TEST 8: a refresh that fails leaves the page, and the next request tries again
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale updating error http_500;
        mcache_background_update on;
        proxy_pass http://$arg_to;
    }
--- steps
> GET /t?to=origin&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?to=dead
< 200 STALE
= /t 1
@ status STALE /t?to=origin&status=500
@ status STALE /t?to=origin&h=X-Accel-Expires:60
@ status HIT /t?to=origin
> GET /t?to=origin
< 200 HIT
= /t 3



=== TEST 9: HEAD, conditions and ranges are answered while it is refreshed
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
--- steps
> GET /head?h=X-Accel-Expires:1&etag=a
< 200 MISS
> GET /range?h=X-Accel-Expires:1&etag=a
< 200 MISS
> GET /cond?h=X-Accel-Expires:1&etag=a
< 200 MISS
@ status EXPIRED /expiry/head
@ status EXPIRED /expiry/range
@ status EXPIRED /expiry/cond
> HEAD /head?h=X-Accel-Expires:60
< 200 STALE
< Content-Length: 8
=
> GET /range?h=X-Accel-Expires:60
> Range: bytes=0-2
< 206 STALE
== /ra
> GET /cond?h=X-Accel-Expires:60
> If-None-Match: "a"
< 304 STALE
=
@ status HIT /head
@ status HIT /range
@ status HIT /cond
> GET /head
< 200 HIT
= /head 2
> GET /range
< 200 HIT
= /range 2
> GET /cond
< 200 HIT
= /cond 2



=== TEST 10: variants are refreshed one by one
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
--- steps
> GET /t?h=Vary:X-Kind&h=X-Accel-Expires:1&echo=X-Kind
> X-Kind: one
< 200 MISS
@ settled
> GET /t?h=Vary:X-Kind&h=X-Accel-Expires:1&echo=X-Kind
< 200 MISS
@ settled
@ status EXPIRED /expiry/t
> GET /t?h=Vary:X-Kind&h=X-Accel-Expires:60&echo=X-Kind
< 200 STALE
= X-Kind: -
@ status HIT /t
> GET /t?h=Vary:X-Kind&h=X-Accel-Expires:60&echo=X-Kind
> X-Kind: one
<~ X-Mcache: (STALE|UPDATING)
= X-Kind: one



=== TEST 11: a client that leaves does not end the refresh
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ abort /t?h=X-Accel-Expires:60&delay=300
= left after 200
@ status HIT /t
> GET /t
< 200 HIT
= /t 2



=== TEST 12: keep-alive: the next request on the connection is answered
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ curl -s http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t?h=X-Accel-Expires:60&delay=500 http://127.0.0.1:$TEST_NGINX_SERVER_PORT/other
= /t 1
= /other 1
@ status HIT /t
@ count /t
= 2



=== TEST 13: a page of POST is refreshed with the body
--- mcache
mcache_key $uri;
mcache_methods POST;
mcache_use_stale updating;
mcache_background_update on;
--- steps
> POST /t?h=X-Accel-Expires:1\nbody
< 200 MISS
@ status EXPIRED /expiry/t
> POST /t?h=X-Accel-Expires:60\nbody
< 200 STALE
@ status HIT /expiry/t
@ count /t
= 2
