# Reload.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: what is stored is served by the new workers, and the old ones leave
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
< 200 HIT
@ reload
= reloaded
@ quit worker
= one worker
> GET /t
< 200 HIT
= /t 1
> GET /new
< 200 MISS
@ stored http://localhost/new



=== TEST 2: requests that wait for memcached during a reload are answered
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ in flight reload 20 /t /none?body=none
~ \A20 x /none\?body=none: 200 MISS none\n20 x /t: 200 HIT /t 1\n\z
@ quit worker
= one worker
@ stored http://localhost/none?body=none
> GET /none?body=none
< 200 HIT



=== TEST 3: several reloads in a row
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ reload
@ quit worker
@ reload
@ quit worker
@ reload
@ quit worker
= one worker
> GET /t
< 200 HIT
= /t 1



=== TEST 4: while memcached is down
--- mcache: mcache_valid 1m;
--- steps
@ memcached kill
> GET /t
< 200 DOWN
@ reload
@ quit worker
> GET /t
< 200 DOWN
@ memcached start
