# One client connection, several requests.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: pipelined hits
--- mcache:
--- init
Test::Mcache::testbed('set?key=http%3A%2F%2Flocalhost%2Fa&value=A');
Test::Mcache::testbed('set?key=http%3A%2F%2Flocalhost%2Fb&value=B');
--- pipelined_requests eval
['GET /a', 'GET /b', 'GET /a', 'GET /b', 'GET /b']
--- response_body eval
['A', 'B', 'A', 'B', 'B']
--- response_headers eval
[('X-Mcache: HIT') x 5]
--- error_code eval
[(200) x 5]



=== TEST 2: hits, misses and requests past the cache in turn
--- mcache: mcache_ignore ^/ignored;
--- init
Test::Mcache::testbed('set?key=http%3A%2F%2Flocalhost%2Fa&value=A');
--- pipelined_requests eval
['GET /a', 'GET /miss', "POST /a\nbody", 'GET /ignored', 'GET /a']
--- response_body eval
['A', "/miss 1\n", "/a 1\n", "/ignored 1\n", 'A']
--- response_headers eval
['X-Mcache: HIT', 'X-Mcache: MISS', 'X-Mcache: BYPASS', 'X-Mcache: BYPASS', 'X-Mcache: HIT']
--- error_code eval
[(200) x 5]
