# What a client sees is what it would see of proxy_cache.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Parity;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: valid
--- parity
    CACHE_valid 1m;
    CACHE_valid 404 1m;
    CACHE_valid 410 0;
--- steps
> GET /@/t
< 200 MISS
= /@/t 1
@ settled
> GET /@/t
< 200 HIT
= /@/t 1
> GET /@/missing?status=404
< 404 MISS
@ settled
> GET /@/missing
< 404 HIT
= /@/missing 1
> GET /@/gone?status=410
< 410 MISS
@ settled
> GET /@/gone?status=410
< 410 MISS
= /@/gone 2



=== TEST 2: what a response says of itself
--- parity
    CACHE_valid any 1m;
--- steps
> GET /@/private?h=Cache-Control:private
< 200 MISS
> GET /@/no-store?h=Cache-Control:no-store
< 200 MISS
> GET /@/no-cache?h=Cache-Control:no-cache
< 200 MISS
> GET /@/zero?h=Cache-Control:max-age=0
< 200 MISS
> GET /@/accel-0?h=X-Accel-Expires:0
< 200 MISS
> GET /@/past?h=Expires:Sat,+04+Nov+2023+10:00:00+GMT
< 200 MISS
> GET /@/cookie?h=Set-Cookie:a=b
< 200 MISS
< Set-Cookie: a=b
> GET /@/star?h=Vary:*
< 200 MISS
> GET /@/fresh?h=Cache-Control:max-age=60
< 200 MISS
> GET /@/accel?h=X-Accel-Expires:60&h=Cache-Control:no-store
< 200 MISS
@ settled
> GET /@/private
< 200 MISS
= /@/private 2
> GET /@/no-store
< 200 MISS
> GET /@/no-cache
< 200 MISS
> GET /@/zero
< 200 MISS
> GET /@/accel-0
< 200 MISS
> GET /@/past
< 200 MISS
> GET /@/cookie
< 200 MISS
> GET /@/star
< 200 MISS
> GET /@/fresh
< 200 HIT
= /@/fresh 1
> GET /@/accel
< 200 HIT
= /@/accel 1



=== TEST 3: ignore headers
--- parity
    CACHE_valid 1m;
    CACHE_ignore_headers X-Accel-Expires Expires Cache-Control Set-Cookie Vary;
--- steps
> GET /@/t?h=Cache-Control:no-store&h=Set-Cookie:a=b&h=Vary:*&h=X-Accel-Expires:0&h=Expires:0
< 200 MISS
@ settled
> GET /@/t
< 200 HIT
= /@/t 1



=== TEST 4: use_stale
--- parity
    CACHE_use_stale error timeout http_500 http_404;
    proxy_read_timeout 200ms;
--- steps
> GET /@/t?h=X-Accel-Expires:1&h=X-One:1
< 200 MISS
@ status STALE /@/t?status=500
> GET /@/t?status=500
< 200 STALE
< X-One: 1
= /@/t 1
> GET /@/t?to=dead
< 200 STALE
= /@/t 1
> GET /@/t?delay=3000
< 200 STALE
= /@/t 1
> GET /@/t?status=404
< 200 STALE
= /@/t 1
> GET /@/t?status=503
< 503 EXPIRED
> GET /@/t?h=X-Accel-Expires:60
< 200 EXPIRED
@ settled
> GET /@/t?status=500
< 200 HIT
> GET /@/cold?to=dead
< 502 MISS
> GET /@/cold?status=500
< 500 MISS



=== TEST 5: revalidate
--- parity
    CACHE_revalidate on;
--- steps
> GET /@/t?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status REVALIDATED /@/t?etag=a&h=X-Accel-Expires:1
@ status REVALIDATED /@/t?etag=a&h=X-Accel-Expires:60
@ settled
> GET /@/t
< 200 HIT
= /@/t 1
> GET /@/new?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /@/new?etag=b&h=X-Accel-Expires:60
@ settled
> GET /@/new
< 200 HIT
= /@/new 2



=== TEST 6: lock
--- parity
    CACHE_valid 1m;
    CACHE_lock on;
--- steps
@ parallel 5 /@/t?delay=300
~ 4 x \S+ 200 HIT \S+ 1\n1 x \S+ 200 MISS \S+ 1
@ count /@/t
= 1
@ parallel 3 /@/private?delay=50&h=Cache-Control:private&body=x
~ 3 x \S+ 200 MISS x
@ count /@/private
= 3



=== TEST 7: lock_timeout: not stored
--- parity
    CACHE_valid 1m;
    CACHE_lock on;
    CACHE_lock_timeout 200ms;
--- steps
@ parallel 2 /@/t?delay=1500&body=x
~ 2 x \S+ 200 MISS x
@ count /@/t
= 2



=== TEST 8: lock_age
--- parity
    CACHE_valid 1m;
    CACHE_lock on;
    CACHE_lock_timeout 20s;
    CACHE_lock_age 1s;
--- steps
@ parallel 2 /@/t?delay=5000&body=x
~ 2 x \S+ 200 MISS x
@ count /@/t
= 2



=== TEST 9: bypass and no_store
--- parity
    CACHE_valid 1m;
    CACHE_bypass $http_x_bypass;
    CACHE_no_store $http_x_no_store;
--- steps
> GET /@/t
< 200 MISS
@ settled
> GET /@/t
> X-Bypass: 1
< 200 BYPASS
= /@/t 2
@ settled
> GET /@/t
< 200 HIT
= /@/t 2
> GET /@/u
> X-No-Store: 1
< 200 MISS
@ settled
> GET /@/u
> X-No-Store: 0
< 200 MISS
= /@/u 2
@ settled
> GET /@/u
< 200 HIT
= /@/u 2
> GET /@/t
> X-Bypass: 1
> X-No-Store: 1
< 200 BYPASS
= /@/t 3
@ settled
> GET /@/t
< 200 HIT
= /@/t 2



=== TEST 10: methods and convert_head
--- parity
    CACHE_valid 1m;
--- steps
> HEAD /@/t
< 200 MISS
=
@ settled
> GET /@/t
< 200 HIT
= /@/t 1
> HEAD /@/t
< 200 HIT
=



=== TEST 11: convert_head off
--- parity
    CACHE_valid 1m;
    CACHE_convert_head off;
--- steps
> GET /@/t
< 200 MISS
= /@/t 1
@ settled
> GET /@/t
< 200 HIT
= /@/t 1
> HEAD /@/t
< 200 HIT
=



=== TEST 12: POST
--- parity
    CACHE_valid 1m;
    CACHE_methods POST;
--- steps
> POST /@/t\nbody
< 200 MISS
= /@/t 1
@ settled
> POST /@/t\nbody
< 200 HIT
= /@/t 1



=== TEST 13: min_uses
--- parity
    CACHE_valid 1m;
    CACHE_min_uses 2;
--- steps
> GET /@/t
< 200 MISS
@ settled
> GET /@/t
< 200 MISS
= /@/t 2
@ settled
> GET /@/t
< 200 HIT
= /@/t 2



=== TEST 14: background_update
--- parity
    CACHE_use_stale updating;
    CACHE_background_update on;
--- steps
> GET /@/t?h=X-Accel-Expires:1
< 200 MISS
@ status STALE /@/t?h=X-Accel-Expires:60&delay=300
@ status HIT /@/t
> GET /@/t
< 200 HIT
= /@/t 2
@ count /@/t
= 2



=== TEST 15: stale-while-revalidate and stale-if-error of the response
--- parity
    CACHE_background_update on;
--- steps
> GET /@/t?h=Cache-Control:max-age=1,+stale-while-revalidate=60
< 200 MISS
@ status STALE /@/t?h=Cache-Control:max-age=60
@ status HIT /@/t
= HIT
> GET /@/t
< 200 HIT
= /@/t 2
> GET /@/e?h=Cache-Control:max-age=1,+stale-if-error=60
< 200 MISS
@ status STALE /@/e?to=dead
> GET /@/e?to=dead
< 200 STALE
= /@/e 1



=== TEST 16: Vary
--- parity
    CACHE_valid 1m;
--- steps
> GET /@/t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
@ settled
> GET /@/t?h=Vary:X-Kind
> X-Kind: two
< 200 MISS
= /@/t 2
@ settled
> GET /@/t
> X-Kind: two
< 200 HIT
= /@/t 2
> GET /@/t
> X-Kind: one
< 200 HIT
= /@/t 1



=== TEST 17: conditions and ranges of clients
--- parity
    CACHE_valid 1m;
    proxy_force_ranges on;
--- steps
> GET /@/t?etag=a&lm=Sat,+04+Nov+2023+10:00:00+GMT
> If-None-Match: "a"
< 304 MISS
@ settled
> GET /@/t
< 200 HIT
= /@/t 1
> GET /@/t
> If-None-Match: "a"
< 304 HIT
> GET /@/t
> If-None-Match: "b"
< 200 HIT
> GET /@/t
> If-Modified-Since: Sat, 04 Nov 2023 10:00:00 GMT
< 304 HIT
> GET /@/t
> Range: bytes=1-3
< 206 HIT
> GET /@/range
> Range: bytes=0-0
< 206 MISS
== /
@ settled
> GET /@/range
< 200 HIT
= /@/range 1



=== TEST 18: max_range_offset
--- parity
    CACHE_valid 1m;
    proxy_force_ranges on;
    CACHE_max_range_offset 10;
--- steps
> GET /@/near?size=100&range=1
> Range: bytes=5-9
< 206 MISS
@ settled
> GET /@/near
< 200 HIT
< Content-Length: 100
> GET /@/far?size=100&range=1
> Range: bytes=50-59
< 206 MISS
@ settled
> GET /@/far?size=100
< 200 MISS
< Content-Length: 100



=== TEST 19: a response that broke off
--- parity
    CACHE_valid 1m;
    proxy_http_version 1.1;
--- steps
@ curl -s -o /dev/null http://localhost:$TEST_NGINX_SERVER_PORT/@/t?cut=short&size=1000
@ settled
> GET /@/t
< 200 MISS
= /@/t 2



=== TEST 20: error_page and intercepted errors
--- config
    error_page 500 502 /oops;
    location = /oops { internal; return 200 "oops\n"; }
--- parity
    CACHE_use_stale error http_500;
    proxy_intercept_errors on;
--- steps
> GET /@/t?h=X-Accel-Expires:1
< 200 MISS
@ status STALE /@/t?status=500
> GET /@/t?status=500
< 200 STALE
= /@/t 1
> GET /@/t?to=dead
< 200 STALE
= /@/t 1
> GET /@/t?status=502
< 502
= oops
> GET /@/cold?status=500
< 500
= oops
