# memcached over a unix socket.

use lib 't/lib';
use Test::Mcache memcached => ['unix'];
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: miss, store, hit
--- mcache: mcache_valid 1m; add_header X-Mcache $mcache_status; add_header X-Server $mcache_server;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
> GET /t
< 200 HIT
< X-Server: $TEST_NGINX_MEMCACHED
= /t 1
> GET /large?size=500000
< 200 MISS
@ stored http://localhost/large?size=500000
> GET /large?size=500000
< 200 HIT
< Content-Length: 500000



=== TEST 2: gone and back
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=100ms; }
--- mcache: mcache quick; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ memcached kill
> GET /t
< 200 DOWN
@ memcached start
@ status HIT /t
