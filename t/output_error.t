# A filter that fails in the middle of a response ends the connection.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: gunzip of what is no gzip, on a fill
--- mcache
mcache_key $uri;
mcache_valid 1m;
gunzip on;
proxy_http_version 1.1;
--- steps
@ curl -m 5 -o /dev/null http://localhost:$TEST_NGINX_SERVER_PORT/t?gzip=corrupt&noise=400000
~ ^curl: \(18\)



=== TEST 2: as it is without mcache
--- mcache: mcache off; gunzip on; proxy_http_version 1.1;
--- steps
@ curl -m 5 -o /dev/null http://localhost:$TEST_NGINX_SERVER_PORT/t?gzip=corrupt&noise=400000
~ ^curl: \(18\)
