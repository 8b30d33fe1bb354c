# nginx's cache manager and loader have the number of the first worker: they must not take what is its.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a worker alone listens for the end of other workers' fills
--- http_config
    proxy_cache_path $TEST_NGINX_DIRECTORY/cache keys_zone=zone:1m;
--- mcache: mcache_lock on; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ listeners
= worker process
