# The connection for the parts of large pages fails: that is no fault of the one for everything else.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: no answer to the lookup of a part
--- http_config
    mcache_pool liar { server $TEST_NGINX_LIAR fail_timeout=2s; timeout 300ms; connect_timeout 10s; max_item_size 100k; }
--- mcache
mcache liar;
mcache_key $uri;
mcache_valid 1m;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- no_error_log
its pages come from the backend
[crit]
[alert]
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /large?size=300000
< 200 MISS
@ stored /large
@ status HIT /large
@ lie no-large
> GET /large
< 200 DOWN
< X-Reason: timeout
@ log memcached 127.0.0.1:\d+ of pool "liar" failed with large values: no reply in time
= 1
> GET /t
< 200 HIT
# It is not waited for again.
> GET /large
< 200 DOWN
< X-Reason: down
> GET /t
< 200 HIT
@ lie truth
@ status HIT /large
@ log answers again with large values
= 1
