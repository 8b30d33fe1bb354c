# Bodies around memcached's limit of one megabyte for an item.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: below it, of known and of unknown length
--- mcache: mcache_valid 1m; proxy_http_version 1.1;
--- steps
> GET /a/page/of/some/length/a?size=1000000
< 200 MISS
@ stored http://localhost/a/page/of/some/length/a?size=1000000
> GET /a/page/of/some/length/a?size=1000000
< 200 HIT
< Content-Length: 1000000
~ \A(/a/page/of/some/length/a 1 )+\S*\z
> GET /chunked?size=1000000&framing=chunked
< 200 MISS
@ stored http://localhost/chunked?size=1000000&framing=chunked
> GET /chunked?size=1000000&framing=chunked
< 200 HIT
< Content-Length: 1000000
@ count /chunked
= 1



=== TEST 2: above it a body lies in parts
--- mcache: mcache_max_size 100m; mcache_valid 1m; proxy_http_version 1.1;
--- steps
> GET /t?size=1048576
< 200 MISS
< Content-Length: 1048576
> GET /chunked?size=1200000&framing=chunked
< 200 MISS
@ stored http://localhost/t?size=1048576
@ stored http://localhost/chunked?size=1200000&framing=chunked
@ whole /t?size=1048576
= 200 HIT 1048576 bytes, of fill 1
@ whole /chunked?size=1200000&framing=chunked
= 200 HIT 1200000 bytes, of fill 1



=== TEST 3: an older entry survives a response that is too large
--- mcache
mcache_key $uri;
mcache_bypass $arg_fresh;
mcache_max_size 1m;
mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t?fresh=1&size=1048577
< 200 BYPASS
@ settled
> GET /t
< 200 HIT
= /t 1



=== TEST 4: at the edge: in one item or in parts
--- mcache: mcache_max_size 100m; mcache_valid 1m;
--- steps
> GET /a?size=1048000
< 200 MISS
@ settled
> GET /a?size=1048000
< 200 HIT
< Content-Length: 1048000
> GET /b?size=1048200
< 200 MISS
@ settled
> GET /b?size=1048200
< 200 HIT
< Content-Length: 1048200



=== TEST 5: a large value that the application wrote
--- mcache:
--- steps
@ set sized http://localhost/t 1000000
> GET /t
< 200 HIT
< Content-Length: 1000000
~ \Am{1000}
