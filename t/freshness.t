# How long a page is fresh, and who says so: X-Accel-Expires, Cache-Control, Expires, mcache_valid.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: each of them
--- mcache: mcache_key $uri; add_header X-Mcache $mcache_status; add_header X-TTL $mcache_ttl;
--- steps
> GET /s-maxage?h=Cache-Control:s-maxage=100
< 200 MISS
> GET /max-age?h=Cache-Control:max-age=200
< 200 MISS
> GET /accel?h=X-Accel-Expires:300
< 200 MISS
> GET /expires?h=Expires:Fri,+04+Nov+2044+10:00:00+GMT
< 200 MISS
@ stored /s-maxage
@ stored /max-age
@ stored /accel
@ stored /expires
> GET /s-maxage
< 200 HIT
<~ X-TTL: (100|9\d)
> GET /max-age
< 200 HIT
<~ X-TTL: (200|19\d)
> GET /accel
< 200 HIT
<~ X-TTL: (300|29\d)
< ! X-Accel-Expires
> GET /expires
< 200 HIT
<~ X-TTL: \d{9}



=== TEST 2: precedence
--- mcache
mcache_key $uri;
mcache_valid 50;
add_header X-Mcache $mcache_status;
add_header X-TTL $mcache_ttl;
--- steps
> GET /accel?h=X-Accel-Expires:100&h=Cache-Control:s-maxage=200,+max-age=300&h=Expires:Fri,+04+Nov+2044+10:00:00+GMT
< 200 MISS
> GET /s?h=Cache-Control:max-age=300,+s-maxage=200&h=Expires:Fri,+04+Nov+2044+10:00:00+GMT
< 200 MISS
> GET /m?h=Cache-Control:max-age=300&h=Expires:Fri,+04+Nov+2044+10:00:00+GMT
< 200 MISS
> GET /lines?h=Expires:Fri,+04+Nov+2044+10:00:00+GMT&h=Cache-Control:foo&h=Cache-Control:max-age=300
< 200 MISS
> GET /valid
< 200 MISS
> GET /max-age-over-expires?h=Cache-Control:max-age=300&h=Expires:0
< 200 MISS
> GET /accel-over-no-cache?h=X-Accel-Expires:100&h=Cache-Control:no-cache,+private
< 200 MISS
@ settled
> GET /accel
< 200 HIT
<~ X-TTL: (100|9\d)
> GET /s
< 200 HIT
<~ X-TTL: (200|19\d)
> GET /m
< 200 HIT
<~ X-TTL: (300|29\d)
> GET /lines
< 200 HIT
<~ X-TTL: (300|29\d)
> GET /valid
< 200 HIT
<~ X-TTL: (50|4\d)
> GET /max-age-over-expires
< 200 HIT
<~ X-TTL: (300|29\d)
> GET /accel-over-no-cache
< 200 HIT
<~ X-TTL: (100|9\d)



=== TEST 3: mcache_valid does not lengthen what the response says
--- mcache: mcache_key $uri; mcache_valid any 1h;
--- steps
> GET /zero?h=Cache-Control:max-age=0
< 200 MISS
> GET /s-zero?h=Cache-Control:max-age=60,+s-maxage=0
< 200 MISS
> GET /past?h=Expires:Sat,+04+Nov+2023+10:00:00+GMT
< 200 MISS
> GET /accel-0?h=X-Accel-Expires:0
< 200 MISS
@ not stored /zero
@ not stored /s-zero
@ not stored /past
@ not stored /accel-0



=== TEST 4: Expires that is no date has passed
--- mcache: mcache_key $uri; mcache_valid any 1h;
--- steps
> GET /a?h=Expires:0
< 200 MISS
> GET /b?h=Expires:-1
< 200 MISS
> GET /c?h=Expires:never
< 200 MISS
> GET /d?h=Expires:2044-11-04T10:00:00Z
< 200 MISS
> GET /e?h=Expires:Fri,+04+Nov+2044+10:00:00+CET
< 200 MISS
> GET /f?h=Expires:3600
< 200 MISS
@ not stored /a
@ not stored /b
@ not stored /c
@ not stored /d
@ not stored /e
@ not stored /f



=== TEST 5: the three formats of a date
--- mcache: mcache_key $uri;
--- steps
> GET /imf?h=Expires:Fri,+04+Nov+2044+10:00:00+GMT
< 200 MISS
> GET /rfc850?h=Expires:Friday,+04-Nov-44+10:00:00+GMT
< 200 MISS
> GET /asctime?h=Expires:Fri+Nov++4+10:00:00+2044
< 200 MISS
@ stored /imf
@ stored /rfc850
@ stored /asctime



=== TEST 6: saturation
--- mcache: mcache_key $uri;
--- steps
> GET /a?h=Cache-Control:max-age=2147483648
< 200 MISS
> GET /b?h=Cache-Control:max-age=9223372036854775808
< 200 MISS
> GET /c?h=Cache-Control:s-maxage=99999999999999999999999999999999
< 200 MISS
> GET /d?h=X-Accel-Expires:99999999999
< 200 MISS
@ stored /a
@ stored /b
@ stored /c
@ stored /d
> GET /a
< 200 HIT
> GET /b
< 200 HIT
> GET /c
< 200 HIT



=== TEST 7: X-Accel-Expires: an absolute time, and what is none
--- mcache: mcache_key $uri;
--- steps
> GET /future?h=X-Accel-Expires:@2362384800
< 200 MISS
> GET /past?h=X-Accel-Expires:@1000000000
< 200 MISS
> GET /word?h=X-Accel-Expires:never&h=Cache-Control:max-age=60
< 200 MISS
> GET /negative?h=X-Accel-Expires:-5&h=Cache-Control:max-age=60
< 200 MISS
@ stored /future
@ not stored /past
@ stored /word
@ stored /negative



=== TEST 8: nothing is said, and there is no mcache_valid
--- mcache: mcache_key $uri; add_header X-Mcache $mcache_status; add_header X-Reason $mcache_reason;
--- steps
> GET /t
< 200 MISS
< X-Reason: no-freshness
@ not stored /t



=== TEST 9: freshness ends
--- mcache: mcache_key $uri;
--- steps
> GET /accel?h=X-Accel-Expires:1
< 200 MISS
> GET /max-age?h=Cache-Control:max-age=1
< 200 MISS
@ status EXPIRED /expiry/accel
@ status EXPIRED /expiry/max-age
> GET /accel?h=X-Accel-Expires:60
< 200 EXPIRED
= /accel 2
> GET /max-age?h=X-Accel-Expires:60
< 200 EXPIRED
= /max-age 2



=== TEST 10: mcache_ignore_headers
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_ignore_headers X-Accel-Expires Cache-Control Expires;
add_header X-Mcache $mcache_status;
add_header X-TTL $mcache_ttl;
--- steps
> GET /t?h=X-Accel-Expires:0&h=Cache-Control:no-store,+private&h=Expires:0
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
<~ X-TTL: [56]\d



=== TEST 11: any status with freshness of its own
--- mcache: mcache_key $uri;
--- steps
> GET /500?status=500&h=Cache-Control:max-age=60
< 500 MISS
> GET /418?status=418&h=Cache-Control:max-age=60
< 418 MISS
> GET /302?status=302&h=Cache-Control:max-age=60&h=Location:/x
< 302 MISS
> GET /404?status=404
< 404 MISS
@ stored /500
@ stored /418
@ stored /302
@ not stored /404
> GET /500
< 500 HIT
> GET /418
< 418 HIT
> GET /302
< 302 HIT
<~ Location: \S*/x
