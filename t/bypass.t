# mcache_bypass: not answered from the cache, but stored.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: as proxy_cache_bypass
--- mcache: mcache_key $uri; mcache_bypass $arg_fresh $http_x_fresh; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored /t
> GET /t?fresh=1
< 200 BYPASS
= /t 2
@ holds /t /t 2
> GET /t
< 200 HIT
= /t 2
> GET /t
> X-Fresh: yes
< 200 BYPASS
= /t 3
@ holds /t /t 3
> GET /t
< 200 HIT
= /t 3



=== TEST 2: empty values and "0" do not bypass
--- mcache: mcache_key $uri; mcache_bypass $arg_fresh; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t?fresh=0
< 200 HIT
> GET /t?fresh=
< 200 HIT



=== TEST 3: with mcache_no_store neither looked up nor stored
--- mcache
mcache_key $uri;
mcache_bypass $arg_private;
mcache_no_store $arg_private;
mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t?private=1
< 200 BYPASS
= /t 2
> GET /other?private=1
< 200 BYPASS
@ not stored /other
> GET /t
< 200 HIT
= /t 1
