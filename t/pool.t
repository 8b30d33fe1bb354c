# A pool of several servers.

use lib 't/lib';
use Test::Mcache memcached => ['tcp', 'tcp', 'tcp'];
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: each key has one server, and all servers have keys
--- http_config
    mcache_pool three {
        server $TEST_NGINX_MEMCACHED;
        server $TEST_NGINX_MEMCACHED_2;
        server $TEST_NGINX_MEMCACHED_3;
    }
--- mcache: mcache three; mcache_key $uri; mcache_valid 1m;
--- steps eval
CORE::join('', map { "> GET /page/$_\n< 200 MISS\n" } 1 .. 40)
    . CORE::join('', map { "\@ stored /page/$_\n" } 1 .. 40)
    . CORE::join('', map { "> GET /page/$_\n< 200 HIT\n= /page/$_ 1\n" } 1 .. 40)
    . "\@ holders /page/ 40\n~ \\A1: [1-9]\\d*, 2: [1-9]\\d*, 3: [1-9]\\d*\\n\\z\n"



=== TEST 2: one of them down: its keys come from the backend, the others' from the cache
--- http_config
    mcache_pool three {
        server $TEST_NGINX_MEMCACHED fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_2 fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_3 fail_timeout=100ms;
    }
--- mcache: mcache three; mcache_key $uri; mcache_valid 1m;
--- steps eval
CORE::join('', map { "> GET /page/$_\n< 200 MISS\n" } 1 .. 20)
    . CORE::join('', map { "\@ stored /page/$_\n" } 1 .. 20)
    . "\@ memcached kill 2\n\@ statuses /page/ 20\n~ \\ADOWN as on 2, HIT as on 1, HIT as on 3\\n\\z\n"
