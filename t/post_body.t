# A POST that mcache looks at: its body may come later than its header.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: the body is sent when nginx asks for it
--- mcache
mcache_key $request_method:$uri;
mcache_methods GET HEAD POST;
mcache_valid 1m;
client_body_timeout 3s;
--- steps
@ curl -m 5 --expect100-timeout 4 -H Expect:100-continue --data-binary abc http://localhost:$TEST_NGINX_SERVER_PORT/t?echo=Content-Length
= Content-Length: 3
@ curl -m 5 --expect100-timeout 4 -H Expect:100-continue -H Transfer-Encoding:chunked --data-binary abc http://localhost:$TEST_NGINX_SERVER_PORT/u?echo=Content-Length
= Content-Length: 3
