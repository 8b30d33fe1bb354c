# If-Range: a weak validator never matches, on a hit and on a fill.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: weak and strong
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /weak?h=ETag:W/"a"
> Range: bytes=0-1
> If-Range: W/"a"
< 200 MISS
= /weak 1
@ stored /weak
> GET /weak
> Range: bytes=0-1
> If-Range: W/"a"
< 200 HIT
= /weak 1
> GET /strong?h=ETag:"a"
< 200 MISS
@ stored /strong
> GET /strong
> Range: bytes=0-1
> If-Range: "a"
< 206 HIT
== /s
> GET /strong
> Range: bytes=0-1
> If-Range: W/"a"
< 200 HIT
= /strong 1
