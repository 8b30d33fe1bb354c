# mcache_targeted_cache_control: fields meant for this cache take precedence over Cache-Control.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: CDN-Cache-Control is the default
--- mcache
mcache_key $uri;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
add_header X-TTL $mcache_ttl;
--- steps
> GET /more?h=CDN-Cache-Control:max-age=100&h=Cache-Control:no-store
< 200 MISS
< CDN-Cache-Control: max-age=100
< Cache-Control: no-store
@ stored /more
> GET /more
< 200 HIT
< CDN-Cache-Control: max-age=100
< Cache-Control: no-store
<~ X-TTL: (100|9\d)
> GET /less?h=CDN-Cache-Control:no-store&h=Cache-Control:max-age=100
< 200 MISS
< X-Reason: no-store
@ not stored /less
> GET /silent?h=CDN-Cache-Control:public&h=Cache-Control:max-age=100&h=Expires:Fri,+04+Nov+2044+10:00:00+GMT
< 200 MISS
< X-Reason: no-freshness
@ not stored /silent
> GET /accel?h=X-Accel-Expires:50&h=CDN-Cache-Control:max-age=100
< 200 MISS
@ stored /accel
> GET /accel
< 200 HIT
<~ X-TTL: [45]\d



=== TEST 2: one that is no structured field is not there
--- mcache: mcache_key $uri;
--- steps
> GET /a?h=CDN-Cache-Control:max-age=100,+%26%26&h=Cache-Control:no-store
< 200 MISS
> GET /b?h=CDN-Cache-Control:MAX-AGE=100&h=Cache-Control:no-store
< 200 MISS
> GET /c?h=CDN-Cache-Control:max-age=100,&h=Cache-Control:no-store
< 200 MISS
> GET /d?h=CDN-Cache-Control:max-age=0,+=&h=Cache-Control:max-age=100
< 200 MISS
> GET /e?h=CDN-Cache-Control:&h=Cache-Control:max-age=100
< 200 MISS
@ not stored /a
@ not stored /b
@ not stored /c
@ stored /d
@ stored /e



=== TEST 3: names of one's own, the most specific first
--- mcache: mcache_key $uri; mcache_targeted_cache_control Mcache-Cache-Control CDN-Cache-Control;
--- steps
> GET /first?h=Mcache-Cache-Control:max-age=100&h=CDN-Cache-Control:no-store&h=Cache-Control:no-store
< 200 MISS
> GET /second?h=CDN-Cache-Control:max-age=100&h=Cache-Control:no-store
< 200 MISS
> GET /refused?h=mcache-cache-control:no-store&h=CDN-Cache-Control:max-age=100
< 200 MISS
> GET /invalid-first?h=Mcache-Cache-Control:=&h=CDN-Cache-Control:max-age=100&h=Cache-Control:no-store
< 200 MISS
@ stored /first
@ stored /second
@ not stored /refused
@ stored /invalid-first



=== TEST 4: named ones replace the default
--- mcache: mcache_key $uri; mcache_targeted_cache_control Mcache-Cache-Control;
--- steps
> GET /t?h=CDN-Cache-Control:max-age=100
< 200 MISS
@ not stored /t



=== TEST 5: off
--- mcache: mcache_key $uri; mcache_targeted_cache_control off;
--- steps
> GET /a?h=CDN-Cache-Control:max-age=100
< 200 MISS
> GET /b?h=CDN-Cache-Control:no-store&h=Cache-Control:max-age=100
< 200 MISS
@ not stored /a
@ stored /b
