# A reply leads to commands while its connection is being read, and their server is found to be gone in that
# moment: a connection is not closed by what its own replies set off.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a server out of use that is to be looked after, whose connect() fails at once
--- http_config
    mcache_pool liar { server $TEST_NGINX_LIAR_SOCKET fail_timeout=1ms; connections 2; timeout 10s; connect_timeout 10s; }
--- mcache
mcache liar;
mcache_key $uri;
mcache_valid 1m;
mcache_min_uses 2;
--- no_error_log
[alert]
--- steps
@ answer then gone /held /broken
~ 1 x /broken: 200 DOWN /broken 1
~ 1 x /held: 200 (MISS|DOWN) /held 1
> GET /t
<~ X-Mcache: (MISS|DOWN)
@ status MISS|HIT /t
