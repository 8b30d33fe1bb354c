# mcache_honor_request_cache_control: what a client may ask of freshness.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: off is the default
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
> Cache-Control: no-store
< 200 MISS
@ stored /t
> GET /t
> Cache-Control: no-cache
< 200 HIT
> GET /t
> Pragma: no-cache
< 200 HIT
> GET /t
> Cache-Control: max-age=0
< 200 HIT
> GET /t
> Cache-Control: min-fresh=1000
< 200 HIT
> GET /none
> Cache-Control: only-if-cached
< 200 MISS



=== TEST 2: no-cache, max-age=0 and Pragma: the origin is asked, and its answer stored
--- mcache
mcache_key $uri;
mcache_honor_request_cache_control on;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /t?h=Cache-Control:max-age=600
< 200 MISS
@ stored /t
> GET /t?h=Cache-Control:max-age=600
> Cache-Control: no-cache
< 200 EXPIRED
< X-Reason: request-header
= /t 2
@ settled
> GET /t
< 200 HIT
= /t 2
> GET /t?h=Cache-Control:max-age=600
> Cache-Control: max-age=0
< 200 EXPIRED
= /t 3
@ settled
> GET /t?h=Cache-Control:max-age=600
> Pragma: no-cache
< 200 EXPIRED
= /t 4
@ settled
> GET /t
> Pragma: no-cache
> Cache-Control: max-age=600
< 200 HIT
= /t 4



=== TEST 3: no-cache with mcache_revalidate: validated
--- mcache: mcache_key $uri; mcache_revalidate on; mcache_honor_request_cache_control on;
--- steps
> GET /t?etag=a&h=Cache-Control:max-age=600
< 200 MISS
@ stored /t
> GET /t?etag=a&h=Cache-Control:max-age=600
> Cache-Control: no-cache
< 200 REVALIDATED
= /t 1



=== TEST 4: max-age and min-fresh
--- mcache: mcache_key $uri; mcache_honor_request_cache_control on;
--- steps
> GET /t?h=Age:100&h=Cache-Control:max-age=600
< 200 MISS
@ stored /t
> GET /t
> Cache-Control: max-age=200
< 200 HIT
> GET /t
> Cache-Control: min-fresh=400
< 200 HIT
> GET /t?h=Age:100&h=Cache-Control:max-age=600
> Cache-Control: max-age=50
< 200 EXPIRED
= /t 2
@ settled
> GET /t?h=Age:100&h=Cache-Control:max-age=600
> Cache-Control: min-fresh=550
< 200 EXPIRED
= /t 3



=== TEST 5: max-stale
--- mcache: mcache_key $uri; mcache_honor_request_cache_control on;
--- steps
> GET /t?h=Cache-Control:max-age=1
< 200 MISS
> GET /must?etag=a&h=Cache-Control:max-age=1,+must-revalidate
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/must
> GET /t
> Cache-Control: max-stale=600
< 200 STALE
= /t 1
> GET /t
> Cache-Control: max-stale
< 200 STALE
= /t 1
> GET /must?etag=b
> Cache-Control: max-stale=600
< 200 EXPIRED
= /must 2
> GET /t
< 200 EXPIRED
= /t 2



=== TEST 6: no-store
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_honor_request_cache_control on;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /t
> Cache-Control: no-store
< 200 MISS
< X-Reason: request-header
@ not stored /t
> GET /t
< 200 MISS
@ stored /t



=== TEST 7: only-if-cached
--- config
    location = /updating {
        mcache pages;
        mcache_key /t;
        mcache_honor_request_cache_control on;
        mcache_use_stale updating;
        proxy_pass http://origin/t;
    }
--- mcache
mcache_key $uri;
mcache_honor_request_cache_control on;
add_header X-Mcache $mcache_status always;
add_header X-Reason $mcache_reason always;
--- steps
> GET /t
> Cache-Control: only-if-cached
< 504
< X-Reason: only-if-cached
@ count /t
= 0
> GET /t?h=Cache-Control:max-age=1
< 200 MISS
@ stored /t
> GET /fresh?h=Cache-Control:max-age=60
< 200 MISS
@ stored /fresh
> GET /fresh
> Cache-Control: only-if-cached
< 200 HIT
@ status EXPIRED /expiry/t
> GET /t
> Cache-Control: only-if-cached
< 504
> GET /t
> Cache-Control: only-if-cached, max-stale
< 200 STALE
> GET /updating
> Cache-Control: only-if-cached
< 200 STALE
@ count /t
= 1



=== TEST 8: several lines, quotes and unknown directives
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_honor_request_cache_control on;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
> Cache-Control: foo="no-cache", bar
< 200 HIT
> GET /t
> Cache-Control: foo
> Cache-Control: NO-CACHE
< 200 EXPIRED
