# A page that was marked stale (md with I): served once more, by leave of whoever marked it, while one request
# refreshes it.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: everybody gets it at once, one request refreshes it
--- mcache: mcache_key $uri; mcache_valid 10m;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored /t
> GET /t
< 200 HIT
@ mark stale /t
= stale
@ begin refresh /t?gate=g
> GET /t
< 200 UPDATING
= /t 1
> GET /t
< 200 UPDATING
= /t 1
@ open g
@ end refresh
= 200 STALE /t 1
@ holds /t /t 2
> GET /t
< 200 HIT
= /t 2
@ count /t
= 2



=== TEST 2: a page that must be revalidated is not served stale
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=Cache-Control:max-age=600,must-revalidate
< 200 MISS
@ stored /t
@ mark stale /t
= stale
> GET /t?h=Cache-Control:max-age=600
< 200 EXPIRED
= /t 2
@ holds /t /t 2



=== TEST 3: a URL with variants: each is served once more, and all are fetched anew
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=X-Accel-Expires:600&h=Vary:X-V
< 200 MISS
= /t 1
@ lies /t index
> GET /t?h=X-Accel-Expires:600&h=Vary:X-V
> X-V: b
< 200 MISS
= /t 2
@ settled
> GET /t
> X-V: b
< 200 HIT
= /t 2
@ mark stale /t
= stale
@ begin refresh /t?h=X-Accel-Expires:600&h=Vary:X-V&gate=g
> GET /t
< 200 UPDATING
= /t 1
@ open g
@ end refresh
= 200 STALE /t 1
@ status HIT /t
> GET /t
< 200 HIT
= /t 3
> GET /t?h=X-Accel-Expires:600&h=Vary:X-V
> X-V: b
< 200 MISS
= /t 4
