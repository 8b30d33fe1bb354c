# memcached goes and comes back, and is used again without a reload.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: down for a while
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=100ms; }
--- mcache: mcache quick; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ memcached kill
> GET /t
< 200 DOWN
> GET /t
< 200 DOWN
@ memcached start
@ status MISS /t
@ stored http://localhost/t
> GET /t
< 200 HIT
@ log \[warn\].*mcache.*$TEST_NGINX_MEMCACHED
= 1



=== TEST 2: down from the beginning
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=100ms; }
--- mcache: mcache quick; mcache_valid 1m;
--- steps
@ memcached kill
> GET /t
< 200 DOWN
@ memcached start
@ status HIT /t



=== TEST 3: restarted between two requests: no request notices
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
< 200 HIT
@ memcached kill
@ memcached start
> GET /t
< 200 MISS
= /t 2
@ stored http://localhost/t
> GET /t
< 200 HIT
= /t 2



=== TEST 4: flushed
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ memcached flush
> GET /t
< 200 MISS
= /t 2



=== TEST 5: a fill that began before does not overwrite what has the CAS of its stub now
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ memcached kill
@ memcached start
@ begin first /t?gate=g
@ lies /t stub
@ memcached kill
@ memcached start
@ set /t theirs
= set
@ open g
@ end first
= 200 MISS /t 1
@ settled
> GET /t
< 200 HIT
== theirs
