# mcache_max_size: larger responses are not stored.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: of known and of unknown length
--- mcache: mcache_max_size 1k; mcache_valid 1m; proxy_http_version 1.1;
--- steps
> GET /small?size=1000
< 200 MISS
> GET /large?size=1025
< 200 MISS
< Content-Length: 1025
> GET /small-chunked?size=1000&framing=chunked
< 200 MISS
> GET /large-chunked?size=1025&framing=chunked
< 200 MISS
> GET /large-close?size=1025&framing=close
< 200 MISS
@ stored http://localhost/small?size=1000
@ stored http://localhost/small-chunked?size=1000&framing=chunked
@ not stored http://localhost/large?size=1025
@ not stored http://localhost/large-chunked?size=1025&framing=chunked
@ not stored http://localhost/large-close?size=1025&framing=close



=== TEST 2: the client gets all of a response that is too large
--- mcache: mcache_max_size 1k; mcache_valid 1m; proxy_http_version 1.1;
--- steps
> GET /t?size=20000&framing=chunked
< 200 MISS
~ \A(/t 1 ){4000}\z
