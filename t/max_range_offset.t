# mcache_max_range_offset: a range that begins too far in is the backend's to answer.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: near and far
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_max_range_offset 10;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /near?size=100&range=1
> Range: bytes=9-12
< 206 MISS
< Content-Range: bytes 9-12/100
@ stored /near
> GET /near
< 200 HIT
< Content-Length: 100
> GET /far?size=100&range=1
> Range: bytes=10-12
< 206 MISS
< X-Reason: range-offset
< Content-Range: bytes 10-12/100
@ not stored /far
> GET /suffix?size=100
> Range: bytes=-5
<~ X-Mcache: MISS
@ not stored /suffix
> GET /near
> Range: bytes=50-59
< 206 HIT
< Content-Range: bytes 50-59/100



=== TEST 2: 0
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_max_range_offset 0;
--- steps
> GET /t?size=100&range=1
> Range: bytes=0-1
< 206 MISS
@ not stored /t
> GET /t?size=100
< 200 MISS
@ stored /t
> GET /t
> Range: bytes=0-1
< 206 HIT



=== TEST 3: any offset is the default
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?size=100000&range=1
> Range: bytes=99999-
< 206 MISS
< Content-Range: bytes 99999-99999/100000
@ stored /t
> GET /t
< 200 HIT
< Content-Length: 100000
