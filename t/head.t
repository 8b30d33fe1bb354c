# HEAD.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: answered from the entry of a GET
--- mcache: mcache_valid 1m;
--- steps
> GET /t?h=X-Origin:1
< 200 MISS
= /t 1
@ stored http://localhost/t?h=X-Origin:1
> HEAD /t?h=X-Origin:1
< 200 HIT
< Content-Length: 5
< X-Origin: 1
=
@ count /t
= 1



=== TEST 2: a miss is filled with a GET
--- mcache: mcache_valid 1m;
--- steps
> HEAD /t
< 200 MISS
=
@ stored http://localhost/t
> GET /t
< 200 HIT
< Content-Length: 5
= /t 1
> HEAD /t
< 200 HIT
=
@ count /t
= 1



=== TEST 3: a miss that is not stored has no body either, of known or unknown length
--- mcache: mcache_valid 1m; proxy_http_version 1.1;
--- steps
> HEAD /t?h=Cache-Control:private&size=100000
< 200 MISS
=
> HEAD /t?h=Cache-Control:private&size=100000&framing=chunked
< 200 MISS
=
> GET /other
< 200 MISS
= /other 1



=== TEST 4: an entry of unknown length
--- mcache: mcache_valid 1m; proxy_http_version 1.1;
--- steps
> HEAD /t?framing=chunked
< 200 MISS
=
@ stored http://localhost/t?framing=chunked
> GET /t?framing=chunked
< 200 HIT
= /t 1



=== TEST 5: what the application wrote
--- mcache:
--- steps
@ set http://localhost/t written
> HEAD /t
< 200 HIT
< Content-Length: 7
=



=== TEST 6: one connection serves HEAD and GET in turn
--- mcache: mcache_valid 1m;
--- steps
@ set http://localhost/t written
@ curl -I http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t -H Host:localhost --next -s http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t -H Host:localhost
~ X-Mcache: HIT\n.*\n\nwritten\z
