# memcached that has no room answers SERVER_ERROR to what would be stored: it stays in use.

use lib 't/lib';
# No page of memory changes its class later: what is full stays so.
use Test::Mcache memcached_options => ['-M', '-m', '2', '-o', 'slab_automove=0'];
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: mcache_lock
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_lock on;
--- steps
> GET /in
< 200 MISS
@ stored /in
@ memcached fill
> GET /t
< 200 MISS
= /t 1
> GET /t
< 200 MISS
= /t 2
> GET /in
< 200 HIT
= /in 1
--- no_error_log
[error]



=== TEST 2: the log is not flooded
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ memcached fill
@ parallel 100 /a?body=a /b?body=b
~ \A(\d+ x /a\?body=a: 200 MISS a\n)+(\d+ x /b\?body=b: 200 MISS b\n)+\z
@ log did not store
~ \A[1-6]?\d\n\z



=== TEST 3: mcache_lock and mcache_min_uses with bodies alone
--- mcache
mcache_key $uri;
mcache_format raw;
mcache_valid 1m;
mcache_lock on;
mcache_min_uses 2;
--- steps
> GET /in
< 200 MISS
> GET /in
< 200 MISS
@ stored /in
@ memcached fill
> GET /t
< 200 MISS
= /t 1
> GET /t
< 200 MISS
= /t 2
> GET /in
< 200 HIT
= /in 2
--- no_error_log
[error]



=== TEST 4: mcache_min_uses
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_min_uses 2;
--- steps
> GET /in
< 200 MISS
> GET /in
< 200 MISS
@ stored /in
@ memcached fill
> GET /t
< 200 MISS
= /t 1
> GET /t
< 200 MISS
= /t 2
> GET /in
< 200 HIT
= /in 2
--- no_error_log
[error]
