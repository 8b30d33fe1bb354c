# What becomes of those who wait for another request's fill: they are given what it made, also where memcached went
# away meanwhile, or are let go together.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: memcached dies in mid-lease: the page that the winner made is theirs
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ begin winner /t?gate=g
@ send waiter /t
@ waits
@ memcached kill
@ send another /t
@ open g
@ end winner
= 200 MISS /t 1
@ end waiter
= 200 HIT /t 1
@ end another
~ ^200 (HIT /t 1|DOWN /t 2)$



=== TEST 2: without memcached, the third response that nobody shares lets all go, and nobody queues after it
--- mcache: mcache_key $uri; mcache_lock on; mcache_lock_timeout 30s;
--- steps
@ memcached kill
> GET /other
< 200 DOWN
> GET /t?h=Cache-Control:private
< 200
> GET /t?h=Cache-Control:private
< 200
@ begin first /t?h=Cache-Control:private&gate=g1
@ send a /t?h=Cache-Control:private&gate=g2
@ send b /t?h=Cache-Control:private&gate=g2
@ open g1
@ end first
~ ^200 DOWN /t
@ arrivals g2 2
@ send c /t?h=Cache-Control:private&gate=g2
@ arrivals g2 3
@ open g2
@ end a
~ ^200 DOWN /t
@ end b
~ ^200 DOWN /t
@ end c
~ ^200 DOWN /t



=== TEST 3: without memcached, a fill that fails lets the next one begin
--- mcache
mcache_key $uri;
mcache_valid 200 1m;
mcache_lock on;
mcache_lock_timeout 30s;
--- steps
@ memcached kill
> GET /other
< 200 DOWN
@ begin first /t?status=500&gate=g1
@ send a /t?gate=g2
@ open g1
@ end first
~ ^500 DOWN
@ arrivals g2 1
@ open g2
@ end a
~ ^200 DOWN /t
> GET /t
< 200 DOWN



=== TEST 4: the third error of the backend in a row lets all go together
--- mcache
mcache_key $uri;
mcache_valid 200 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?status=500
< 500
> GET /t?status=500
< 500
@ begin first /t?status=500&gate=g1
@ send a /t?status=500&gate=g2
@ send b /t?status=500&gate=g2
@ waits
@ open g1
@ end first
~ ^500 MISS
@ arrivals g2 2
@ open g2
@ end a
~ ^500 MISS
@ end b
~ ^500 MISS



=== TEST 5: also over a stale page
--- mcache
mcache_key $uri;
mcache_valid 200 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
mcache_use_stale http_500;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?status=500
< 200 STALE
> GET /t?status=500
< 200 STALE
@ begin first /t?status=500&gate=g1
@ send a /t?status=500&gate=g2
@ send b /t?status=500&gate=g2
@ waits
@ open g1
@ end first
= 200 STALE /t 1
@ arrivals g2 2
@ open g2
@ end a
= 200 STALE /t 1
@ end b
= 200 STALE /t 1



=== TEST 6: nobody waits for a page whose body has proved too large
--- mcache
mcache_key $uri;
mcache_valid 200 1m;
mcache_max_size 1000;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?framing=chunked&size=30000
< 200 MISS
@ begin first /t?framing=chunked&size=30000&gate=g1
@ send a /t?framing=chunked&size=30000&gate=g2
@ send b /t?framing=chunked&size=30000&gate=g2
@ arrivals g2 2
@ open g1
@ end first
= 200 MISS (30000 bytes)
@ open g2
@ end a
= 200 MISS (30000 bytes)
@ end b
= 200 MISS (30000 bytes)



=== TEST 7: a page that varies is given to those who ask for the same variant
--- mcache
mcache_key $uri;
mcache_valid 200 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ begin first /t?h=Vary:X-V&gate=g1
@ send a /t?h=Vary:X-V
@ waits
@ open g1
@ end first
= 200 MISS /t 1
@ end a
= 200 HIT /t 1



=== TEST 8: without memcached, who comes while a page is fetched shares the next fetch: this one may be older than a
purge that he knows of
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
--- steps
@ memcached kill
> GET /other
< 200 DOWN
@ begin first /t?gate=g1
@ send a /t?gate=g2
@ send b /t?gate=g2
@ open g1
@ end first
= 200 DOWN /t 1
@ arrivals g2 1
@ open g2
@ end a
~ ^200 (DOWN|HIT) /t 2$
@ end b
~ ^200 (DOWN|HIT) /t 2$
@ count /t
= 2



=== TEST 9: memcached goes away under a page that was purged by tag while it was waited for
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
mcache_tags a;
mcache_purge $arg_purge;
mcache_purge_tags $arg_purge;
allow 127.0.0.1;
deny all;
--- steps
@ begin winner /t?gate=g
> GET /?purge=a
< 204
@ send waiter /t?gate=g2
@ waits
@ memcached kill
@ open g
@ end winner
= 200 MISS /t 1
@ arrivals g2 1
@ open g2
@ end waiter
~ ^200 \w+ /t 2$



=== TEST 10: without memcached, also a page that varies is shared, by those who ask for the same variant
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
--- steps
@ memcached kill
> GET /other
< 200 DOWN
@ begin first /t?h=Vary:X-V&gate=g1
@ send a /t?h=Vary:X-V&gate=g2
@ send b /t?h=Vary:X-V&gate=g2
@ send c /t?h=Vary:X-V&gate=g2
@ open g1
@ end first
= 200 DOWN /t 1
@ arrivals g2 1
@ open g2
@ end a
~ ^200 (DOWN|HIT) /t 2$
@ end b
~ ^200 (DOWN|HIT) /t 2$
@ end c
~ ^200 (DOWN|HIT) /t 2$
@ count /t
= 2



=== TEST 11: without memcached, nobody waits for more than two fills of other variants
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        proxy_pass http://origin;
    }
    location /as/ {
        proxy_set_header X-V $arg_v;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
    }
--- steps
@ memcached kill
> GET /other
< 200 DOWN
@ begin first /as/t?v=0&h=Vary:X-V&gate=g1
@ arrivals g1 1
@ send a /as/t?v=a&h=Vary:X-V&gate=g2
> GET /as/after-a
< 200
@ send b /as/t?v=b&h=Vary:X-V&gate=g3
> GET /as/after-b
< 200
@ send c /as/t?v=c&h=Vary:X-V&gate=g4
@ send d /as/t?v=d&h=Vary:X-V&gate=g4
> GET /as/after-d
< 200
@ open g1
@ end first
= 200 DOWN /t 1
@ arrivals g2 1
@ open g2
@ end a
= 200 DOWN /t 2
@ arrivals g3 1
@ open g3
@ end b
= 200 DOWN /t 3
@ arrivals g4 2
@ open g4
@ end c
~ ^200 DOWN /t [45]$
@ end d
~ ^200 DOWN /t [45]$



=== TEST 12: a raw body of unknown length is given without what else lies in its memory
--- mcache
mcache_key $uri;
mcache_format raw;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ memcached kill
> GET /other
< 200 DOWN
@ begin first /t?gate=g1
@ send second /t?gate=g2&framing=chunked
@ send third /t?gate=g2&framing=chunked
@ open g1
@ end first
= 200 DOWN /t 1
@ arrivals g2 1
@ open g2
@ end second
~ ^200 (DOWN|HIT) /t 2$
@ end third
~ ^200 (DOWN|HIT) /t 2$
