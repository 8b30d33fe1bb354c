# A purge, or the application's own write, against a fill: at each moment, of a cold and of a stale
# page, and with a request between the two. Nobody who asks later sees the page as it was before.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: without mcache_lock
--- mcache: mcache_key $uri;
--- steps
@ race
~ \A(24 of 24|36 of 36) cells$



=== TEST 2: mcache_lock
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ race
~ \A(24 of 24|36 of 36) cells$



=== TEST 3: a stale page that is served at once and refreshed behind
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
mcache_use_stale updating;
mcache_background_update on;
--- steps
@ race
~ \A(24 of 24|36 of 36) cells$



=== TEST 4: revalidated with a 304
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=x&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin r /t?etag=x&h=X-Accel-Expires:60&gate=g
@ delete /t
= deleted
@ open g
@ end r
~ ^200 REVALIDATED /t 1$
@ not stored /t
> GET /t
< 200 MISS
= /t 3



=== TEST 5: mcache_bypass, which stores over what is there
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_bypass $arg_new;
--- steps
> GET /t
< 200 MISS
@ stored /t
@ begin r /t?new=1&gate=g
@ delete /t
= deleted
@ open g
@ end r
~ ^200 BYPASS /t 2$
@ not stored /t
> GET /t
< 200 MISS
= /t 3
@ settled
> GET /t?new=1
< 200 BYPASS
= /t 4
@ settled
> GET /t
< 200 HIT
= /t 4



=== TEST 6: who asks after a purge is not answered with a value that is still being read
--- http_config
    mcache_pool liar { server $TEST_NGINX_LIAR; timeout 30s; }
--- mcache: mcache liar; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?size=10000
< 200 MISS
@ lies /t page
@ lie halved
@ send r /t
@ halved
@ send j /other
@ delete /t
= deleted
@ send n /t
@ lie truth
@ end r
= 200 HIT (10000 bytes)
@ end n
= 200 MISS /t 2
