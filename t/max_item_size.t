# max_item_size: larger items where memcached was told to take them.

use lib 't/lib';
use Test::Mcache memcached_options => ['-I', '8m'];
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: 4 MB
--- http_config
    mcache_pool large { server $TEST_NGINX_MEMCACHED; max_item_size 8m; timeout 10s; }
--- mcache: mcache large; mcache_max_size 100m; mcache_valid 1m;
--- steps
> GET /t?size=4000000
< 200 MISS
@ stored http://localhost/t?size=4000000
> GET /t?size=4000000
< 200 HIT
< Content-Length: 4000000



=== TEST 2: the pool's limit holds, whatever memcached takes: what is larger lies in parts
--- http_config
    mcache_pool small { server $TEST_NGINX_MEMCACHED; timeout 10s; max_item_size 100k; }
--- mcache: mcache small; mcache_max_size 100m; mcache_valid 1m;
--- steps
> GET /fits?size=90000
< 200 MISS
> GET /t?size=110000
< 200 MISS
@ stored http://localhost/t?size=110000
@ stored http://localhost/fits?size=90000
@ parts 2
@ whole /t?size=110000
= 200 HIT 110000 bytes, of fill 1



=== TEST 3: a value larger than the limit that somebody else stored is not served, and nothing breaks
--- http_config
    mcache_pool small { server $TEST_NGINX_MEMCACHED; max_item_size 100k; timeout 10s; }
--- mcache: mcache small; mcache_valid 1m;
--- steps
@ set sized http://localhost/t 5000000
> GET /t
<~ X-Mcache: (HIT|MISS)
> GET /other
< 200 MISS
@ stored http://localhost/other
> GET /other
< 200 HIT
