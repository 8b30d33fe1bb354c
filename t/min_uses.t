# mcache_min_uses: a page is stored from the Nth request on.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: the third request
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_min_uses 3;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /t
< 200 MISS
< X-Reason: min-uses
> GET /t
< 200 MISS
< X-Reason: min-uses
@ not stored /t
> GET /other
< 200 MISS
< X-Reason: min-uses
> GET /t
< 200 MISS
< X-Reason: miss
= /t 3
@ stored /t
> GET /t
< 200 HIT
= /t 3



=== TEST 2: one is the default
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored /t



=== TEST 3: a page that the application wrote is a hit at once
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_min_uses 3;
--- steps
@ set /t hello
> GET /t
< 200 HIT
== hello



=== TEST 4: a page that has expired is replaced at once
--- mcache: mcache_key $uri; mcache_min_uses 2;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:60
< 200 EXPIRED
= /t 3
@ settled
> GET /t
< 200 HIT
= /t 3



=== TEST 5: with mcache_lock
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_min_uses 2;
mcache_lock on;
--- steps
> GET /t
< 200 MISS
@ parallel 5 /t?delay=300
~ 4 x \S+ 200 HIT /t 2\n1 x \S+ 200 MISS /t 2



=== TEST 6: memcached is not there
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_min_uses 2;
--- steps
@ memcached kill
> GET /t
< 200 DOWN
= /t 1
