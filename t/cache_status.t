# mcache_cache_status: the Cache-Status response header of RFC 9211.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: off is the default
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
< ! Cache-Status



=== TEST 2: miss, hit, method and bypass
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_cache_status on;
mcache_bypass $http_x_bypass;
mcache_ignore ^/ignored;
--- steps
> GET /t
< 200 MISS
<~ Cache-Status: mcache; fwd=uri-miss; stored; key="/t"; detail=miss
@ stored /t
> GET /t
< 200 HIT
<~ Cache-Status: mcache; hit; ttl=(60|5\d); key="/t"
> HEAD /t
< 200 HIT
<~ Cache-Status: mcache; hit; ttl=(60|5\d); key="/t"
> POST /t\nbody
< 200 BYPASS
<~ Cache-Status: mcache; fwd=method.*
> GET /t
> X-Bypass: 1
< 200 BYPASS
<~ Cache-Status: mcache; fwd=bypass; stored; key="/t".*
> GET /ignored
< 200 BYPASS
<~ Cache-Status: mcache; fwd=bypass.*detail=ignored
> GET /private?h=Cache-Control:private
< 200 MISS
< Cache-Status: mcache; fwd=uri-miss; key="/private"; detail=private
> GET /cookie?h=Set-Cookie:a=b
< 200 MISS
< Cache-Status: mcache; fwd=uri-miss; key="/cookie"; detail=set-cookie



=== TEST 3: stale, revalidated and expired
--- mcache
mcache_key $uri;
mcache_revalidate on;
mcache_use_stale http_500;
mcache_cache_status on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /new?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/new
> GET /t?status=500
< 200 STALE
<~ Cache-Status: mcache; fwd=stale;.*ttl=-?\d+;.*detail=stale
> GET /t?etag=a&h=X-Accel-Expires:60
< 200 REVALIDATED
<~ Cache-Status: mcache; fwd=stale; fwd-status=304; ttl=(60|5\d); stored; key="/t".*
> GET /new?etag=b&h=X-Accel-Expires:60
< 200 EXPIRED
<~ Cache-Status: mcache; fwd=stale; .*stored.*key="/new".*



=== TEST 4: stale without asking
--- mcache
mcache_key $uri;
mcache_use_stale updating;
mcache_background_update on;
mcache_cache_status on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:60
< 200 STALE
<~ Cache-Status: mcache; hit; ttl=-?\d+; key="/t"; detail=stale



=== TEST 5: behind what others said
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_cache_status on;
--- steps
> GET /t?h=Cache-Status:other;+hit;+ttl=5
< 200 MISS
<~ Cache-Status: other; hit; ttl=5\r\n(?:.*\r\n)*?Cache-Status: mcache; fwd=uri-miss; stored.*
@ stored /t
> GET /t
< 200 HIT
<~ Cache-Status: other; hit; ttl=5\r\n(?:.*\r\n)*?Cache-Status: mcache; hit; ttl=\d+; key="/t"



=== TEST 6: keys with what a string must escape
--- mcache: mcache_key '"a\\b" $uri'; mcache_valid 1m; mcache_cache_status on;
--- steps
> GET /t
< 200 MISS
<~ Cache-Status: mcache; fwd=uri-miss; stored; key=".*".*



=== TEST 7: memcached is not there
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_cache_status on;
--- steps
@ memcached kill
> GET /t
< 200 DOWN
<~ Cache-Status: mcache; fwd=miss; key="/t"; detail=down



=== TEST 8: what the client asked for
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_honor_request_cache_control on;
mcache_cache_status on;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
> Cache-Control: no-cache
<~ Cache-Status: mcache; fwd=request;.*
> GET /none
> Cache-Control: only-if-cached
< 504
