# mcache_methods, and requests that change something.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: POST and the like go to the backend, are not stored, and leave the entry alone
--- mcache: mcache_valid 1m;
--- steps
> POST /t\nbody
< 200 BYPASS
= /t 1
@ not stored http://localhost/t
> GET /t
< 200 MISS
= /t 2
@ stored http://localhost/t
> POST /t\nbody
< 200 BYPASS
= /t 3
> PUT /t\nbody
< 200 BYPASS
= /t 4
> DELETE /t
< 200 BYPASS
= /t 5
> PATCH /t\nbody
< 200 BYPASS
= /t 6
> OPTIONS /t
< 200 BYPASS
= /t 7
> FROBNICATE /t
< 200 BYPASS
= /t 8
> GET /t
< 200 HIT
= /t 2



=== TEST 2: mcache_methods adds POST
--- mcache: mcache_methods POST; mcache_key $request_method$uri; mcache_valid 1m;
--- steps
> POST /t\nbody
< 200 MISS
= /t 1
@ stored POST/t
> POST /t\nbody
< 200 HIT
= /t 1
> GET /t
< 200 MISS
= /t 2
@ stored GET/t
> PUT /t\nbody
< 200 BYPASS
= /t 3



=== TEST 3: GET and HEAD are always in the list
--- mcache: mcache_methods HEAD; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
< 200 HIT



=== TEST 4: a GET with a body is not answered from the cache
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t\nbody
< 200 BYPASS
= /t 2
> GET /t
< 200 HIT
= /t 1
