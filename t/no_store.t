# mcache_no_store: answered from the cache, but not stored.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: as proxy_no_cache
--- mcache: mcache_key $uri; mcache_no_store $arg_nostore $upstream_http_x_private; mcache_valid 1m;
--- steps
> GET /t?nostore=1
< 200 MISS
= /t 1
@ not stored /t
> GET /t?nostore=0
< 200 MISS
= /t 2
@ stored /t
> GET /t?nostore=1
< 200 HIT
= /t 2



=== TEST 2: it is asked when the response is there, so that a header of the response can decide
--- mcache: mcache_no_store $upstream_http_x_private; mcache_valid 1m;
--- steps
> GET /private?h=X-Private:1
< 200 MISS
> GET /public?h=X-Private:0
< 200 MISS
@ not stored http://localhost/private?h=X-Private:1
@ stored http://localhost/public?h=X-Private:0
