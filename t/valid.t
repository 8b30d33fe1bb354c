# How long a response is fresh: mcache_valid and what the response says.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: without mcache_valid only a response that brings its freshness is stored
--- mcache:
--- steps
> GET /plain
< 200 MISS
> GET /max-age?h=Cache-Control:max-age=60
< 200 MISS
> GET /s-maxage?h=Cache-Control:s-maxage=60
< 200 MISS
> GET /expires?h=Expires:Fri,+01+Jan+2100+00:00:00+GMT
< 200 MISS
> GET /accel?h=X-Accel-Expires:60
< 200 MISS
> GET /accel-at?h=X-Accel-Expires:@4102444800
< 200 MISS
@ not stored http://localhost/plain
@ stored http://localhost/max-age?h=Cache-Control:max-age=60
@ stored http://localhost/s-maxage?h=Cache-Control:s-maxage=60
@ stored http://localhost/expires?h=Expires:Fri,+01+Jan+2100+00:00:00+GMT
@ stored http://localhost/accel?h=X-Accel-Expires:60
@ stored http://localhost/accel-at?h=X-Accel-Expires:@4102444800



=== TEST 2: a time alone is for 200, 301 and 302
--- mcache: mcache_valid 1m;
--- steps
> GET /200
< 200 MISS
> GET /301?status=301&h=Location:/x
< 301 MISS
> GET /302?status=302&h=Location:/x
< 302 MISS
> GET /303?status=303&h=Location:/x
< 303 MISS
> GET /404?status=404
< 404 MISS
> GET /500?status=500
< 500 MISS
@ stored http://localhost/200
@ stored http://localhost/301?status=301&h=Location:/x
@ stored http://localhost/302?status=302&h=Location:/x
@ not stored http://localhost/303?status=303&h=Location:/x
@ not stored http://localhost/404?status=404
@ not stored http://localhost/500?status=500



=== TEST 3: codes, and any
--- config
    location /codes/ {
        mcache pages;
        mcache_valid 404 410 1m;
        proxy_pass http://origin;
    }
    location /any/ {
        mcache pages;
        mcache_valid any 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /codes/404?status=404
< 404 MISS
> GET /codes/410?status=410
< 410 MISS
> GET /codes/200
< 200 MISS
> GET /any/500?status=500
< 500 MISS
@ stored http://localhost/codes/404?status=404
@ stored http://localhost/codes/410?status=410
@ not stored http://localhost/codes/200
@ stored http://localhost/any/500?status=500
> GET /any/500?status=500
< 500 HIT
= /any/500 1



=== TEST 4: the first line that matches decides; a time of 0 means not stored
--- mcache: mcache_valid 404 0; mcache_valid 200 0s; mcache_valid any 1m;
--- steps
> GET /200
< 200 MISS
> GET /404?status=404
< 404 MISS
> GET /403?status=403
< 403 MISS
@ not stored http://localhost/200
@ not stored http://localhost/404?status=404
@ stored http://localhost/403?status=403



=== TEST 5: what the response says goes before mcache_valid
--- mcache: mcache_valid 1m; add_header X-TTL $mcache_ttl; add_header X-Mcache $mcache_status;
--- steps
> GET /longer?h=Cache-Control:max-age=3600
< 200 MISS
> GET /zero?h=Cache-Control:max-age=0
< 200 MISS
> GET /past?h=Expires:Thu,+01+Jan+1970+00:00:01+GMT
< 200 MISS
> GET /accel-zero?h=X-Accel-Expires:0
< 200 MISS
@ stored http://localhost/longer?h=Cache-Control:max-age=3600
@ not stored http://localhost/zero?h=Cache-Control:max-age=0
@ not stored http://localhost/past?h=Expires:Thu,+01+Jan+1970+00:00:01+GMT
@ not stored http://localhost/accel-zero?h=X-Accel-Expires:0
> GET /longer?h=Cache-Control:max-age=3600
< 200 HIT
<~ X-TTL: (3600|35\d\d)



=== TEST 6: precedence: X-Accel-Expires, s-maxage, max-age, Expires
--- mcache: add_header X-TTL $mcache_ttl; add_header X-Mcache $mcache_status;
--- steps
> GET /accel?h=X-Accel-Expires:100&h=Cache-Control:max-age=200
< 200 MISS
> GET /accel-no-store?h=Cache-Control:no-store&h=X-Accel-Expires:100
< 200 MISS
> GET /accel-forbids?h=Cache-Control:max-age=200&h=X-Accel-Expires:0
< 200 MISS
> GET /shared?h=Cache-Control:max-age=200,s-maxage=100
< 200 MISS
> GET /expires?h=Expires:Thu,+01+Jan+1970+00:00:01+GMT&h=Cache-Control:max-age=100
< 200 MISS
@ stored http://localhost/accel?h=X-Accel-Expires:100&h=Cache-Control:max-age=200
@ stored http://localhost/accel-no-store?h=Cache-Control:no-store&h=X-Accel-Expires:100
@ not stored http://localhost/accel-forbids?h=Cache-Control:max-age=200&h=X-Accel-Expires:0
@ stored http://localhost/shared?h=Cache-Control:max-age=200,s-maxage=100
@ stored http://localhost/expires?h=Expires:Thu,+01+Jan+1970+00:00:01+GMT&h=Cache-Control:max-age=100
> GET /accel?h=X-Accel-Expires:100&h=Cache-Control:max-age=200
< 200 HIT
<~ X-TTL: (100|9\d)
> GET /accel-no-store?h=Cache-Control:no-store&h=X-Accel-Expires:100
< 200 HIT
<~ X-TTL: (100|9\d)
> GET /shared?h=Cache-Control:max-age=200,s-maxage=100
< 200 HIT
<~ X-TTL: (100|9\d)
> GET /expires?h=Expires:Thu,+01+Jan+1970+00:00:01+GMT&h=Cache-Control:max-age=100
< 200 HIT
<~ X-TTL: (100|9\d)



=== TEST 7: what is no longer fresh is fetched again
--- mcache: mcache_valid 1s;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
@ status MISS|EXPIRED /t
> GET /t
~ ^/t [2-9]



=== TEST 8: a time to live beyond memcached's thirty days
--- mcache: mcache_valid 365d; add_header X-TTL $mcache_ttl; add_header X-Mcache $mcache_status;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ item http://localhost/t
<~ X-TTL: (-1|3153[56]\d{3})
> GET /t
< 200 HIT
<~ X-TTL: 3153[56]\d{3}
