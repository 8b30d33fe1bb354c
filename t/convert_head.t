# mcache_convert_head: a HEAD that is a miss fills with a GET, or does not.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: on is the default
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> HEAD /t
< 200 MISS
< Content-Length: 5
=
@ stored /t
> GET /t
< 200 HIT
= /t 1
> HEAD /large?size=200000
< 200 MISS
< Content-Length: 200000
=
@ stored /large
> GET /large
< 200 HIT
< Content-Length: 200000



=== TEST 2: off: the backend is asked HEAD, and nothing is stored
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_convert_head off;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> HEAD /t
< 200 MISS
< X-Reason: method
< Content-Length: 5
=
@ not stored /t
> GET /t
< 200 MISS
= /t 2
@ stored /t
> HEAD /t
< 200 HIT
< Content-Length: 5
=
@ count /t
= 2



=== TEST 3: where the response may not be stored the client gets no body, either
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> HEAD /t?h=Cache-Control:no-store
< 200 MISS
=
@ not stored /t
> HEAD /error?status=500
< 500 MISS
=
@ curl -s -I http://localhost:$TEST_NGINX_SERVER_PORT/a http://localhost:$TEST_NGINX_SERVER_PORT/b?h=Cache-Control:private http://localhost:$TEST_NGINX_SERVER_PORT/c -w "%{http_code} %{size_download}\n" -o /dev/null -o /dev/null -o /dev/null
= 200 0
= 200 0
= 200 0



=== TEST 4: HEAD of an expired page
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> HEAD /t?h=X-Accel-Expires:60
< 200 EXPIRED
=
@ settled
> GET /t
< 200 HIT
= /t 2
