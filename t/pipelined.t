# Requests of all kinds behind each other on one connection, before the first is answered: hits, fills,
# purges, what is past the cache, bodies that nobody reads. The kinds are in t/lib/testbed/mixtures.py.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: answered in their order, each by what it asked for
--- http_config
    mcache_pool small { server $TEST_NGINX_MEMCACHED; timeout 60s; connect_timeout 60s; max_item_size 64k; }
--- config
    mcache small;
    mcache_key $uri;
    mcache_valid any 5m;
    mcache_max_size 1m;
    mcache_ignore ^/ignored;
    mcache_lock on;
    mcache_lock_timeout 60s;
    proxy_http_version 1.1;
    proxy_read_timeout 300s;
    keepalive_requests 10000;
    location / {
        mcache_purge $is_purge;
        proxy_pass http://origin;
    }
    location /posted/ {
        mcache_methods POST;
        proxy_pass http://origin;
    }
    location = /refused { mcache off; return 405; }
--- timeout: 300
--- steps
@ mixture 40 1
~ ^4\d{3} requests, right$
--- no_error_log
[alert]
[error]
