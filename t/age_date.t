# Age and Date of pages from the cache.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a hit says how old it is, a miss does not
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
< ! Age
@ stored http://localhost/t
> GET /t
< 200 HIT
<~ Age: [0-9]



=== TEST 2: Age grows
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_keep_stale 1m;
        proxy_pass http://origin;
    }
    location /stale {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale http_500;
        proxy_pass http://origin;
    }
--- steps
> GET /stale?h=X-Accel-Expires:1
< 200 MISS
@ status STALE /stale?status=500
> GET /stale?status=500
< 200 STALE
<~ Age: [1-9][0-9]*



=== TEST 3: the origin's Age is where it begins, and is given once
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=Age:100&h=Cache-Control:max-age=3600
< 200 MISS
< Age: 100
@ stored /t
> GET /t
< 200 HIT
<~ Age: 1(0[0-9]|10)



=== TEST 4: Age on input reduces freshness
--- mcache
mcache_key $uri;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
add_header X-TTL $mcache_ttl;
--- steps
> GET /used-up?h=Age:60&h=Cache-Control:max-age=60
< 200 MISS
< X-Reason: already-stale
@ not stored /used-up
> GET /half?h=Age:1800&h=Cache-Control:max-age=3600
< 200 MISS
@ stored /half
> GET /half
< 200 HIT
<~ X-TTL: 1(800|79[0-9])
> GET /invalid?h=Age:old&h=Cache-Control:max-age=3600
< 200 MISS
@ stored /invalid
> GET /huge?h=Age:99999999999999999999&h=Cache-Control:max-age=3600
< 200 MISS
@ not stored /huge
> GET /accel?h=Age:100&h=X-Accel-Expires:60
< 200 MISS
@ stored /accel



=== TEST 5: Date is the origin's, on the first answer nginx's
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=Date:Sat,+04+Nov+2023+10:00:00+GMT&h=X-Accel-Expires:60
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
< Date: Sat, 04 Nov 2023 10:00:00 GMT
<~ Age: [0-9]{8,}
> GET /none?h=X-Accel-Expires:60
< 200 MISS
@ stored /none
> GET /none
< 200 HIT
<~ Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT



=== TEST 6: proxy_pass_header Date
--- mcache: mcache_key $uri; proxy_pass_header Date;
--- steps
> GET /t?h=Date:Sat,+04+Nov+2023+10:00:00+GMT&h=X-Accel-Expires:60
< 200 MISS
< Date: Sat, 04 Nov 2023 10:00:00 GMT
@ stored /t
> GET /t
< 200 HIT
< Date: Sat, 04 Nov 2023 10:00:00 GMT



=== TEST 7: a Date in the past reduces freshness, one in the future does not add to it
--- mcache: mcache_key $uri; add_header X-Mcache $mcache_status; add_header X-TTL $mcache_ttl;
--- steps
> GET /past?h=Date:Sat,+04+Nov+2023+10:00:00+GMT&h=Cache-Control:max-age=3600
< 200 MISS
@ not stored /past
> GET /future?h=Date:Fri,+04+Nov+2044+10:00:00+GMT&h=Cache-Control:max-age=3600
< 200 MISS
@ stored /future
> GET /future
< 200 HIT
<~ X-TTL: 3(600|59\d)
<~ Age: [0-9]



=== TEST 8: a page that the application wrote has no age
--- mcache: mcache_key $uri;
--- steps
@ set /t hello
> GET /t
< 200 HIT
< ! Age
== hello



=== TEST 9: HEAD, 304 and 206
--- mcache: mcache_key $uri;
--- steps
> GET /t?etag=a&h=Age:100&h=Cache-Control:max-age=3600
< 200 MISS
@ stored /t
> HEAD /t
< 200 HIT
<~ Age: 1\d\d
> GET /t
> If-None-Match: "a"
< 304 HIT
<~ Age: 1\d\d
> GET /t
> Range: bytes=0-0
< 206 HIT
<~ Age: 1\d\d
