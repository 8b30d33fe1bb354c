# mcache_heuristic: freshness guessed from Last-Modified.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: off is the default
--- mcache: mcache_key $uri;
--- steps
> GET /t?h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 200 MISS
@ not stored /t



=== TEST 2: a part of the time since the last change, a day at most
--- mcache
mcache_key $uri;
mcache_heuristic 10%;
add_header X-Mcache $mcache_status;
add_header X-TTL $mcache_ttl;
--- steps
> GET /capped?h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 200 MISS
> GET /exact?h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT&h=Date:Sat,+04+Nov+2023+20:00:00+GMT
< 200 MISS
> GET /future?h=Last-Modified:Fri,+04+Nov+2044+10:00:00+GMT
< 200 MISS
> GET /invalid?h=Last-Modified:lately
< 200 MISS
> GET /none
< 200 MISS
@ stored /capped
@ not stored /future
@ not stored /invalid
@ not stored /none
> GET /capped
< 200 HIT
<~ X-TTL: 86(400|39\d)



=== TEST 3: max=
--- mcache
mcache_key $uri;
mcache_heuristic 10% max=1m;
add_header X-Mcache $mcache_status;
add_header X-TTL $mcache_ttl;
--- steps
> GET /t?h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
<~ X-TTL: (60|5\d)



=== TEST 4: what is said explicitly goes first
--- mcache
mcache_key $uri;
mcache_heuristic 10%;
mcache_valid 404 10s;
add_header X-Mcache $mcache_status always;
add_header X-TTL $mcache_ttl always;
--- steps
> GET /max-age?h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT&h=Cache-Control:max-age=100
< 200 MISS
> GET /zero?h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT&h=Cache-Control:max-age=0
< 200 MISS
> GET /expires?h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT&h=Expires:0
< 200 MISS
> GET /no-store?h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT&h=Cache-Control:no-store
< 200 MISS
> GET /valid?status=404&h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 404 MISS
@ stored /max-age
@ stored /valid
@ not stored /zero
@ not stored /expires
@ not stored /no-store
> GET /max-age
< 200 HIT
<~ X-TTL: (100|9\d)
> GET /valid
< 404 HIT
<~ X-TTL: (10|\d)



=== TEST 5: only statuses that permit it
--- mcache: mcache_key $uri; mcache_heuristic 10%;
--- steps
> GET /404?status=404&h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 404 MISS
> GET /301?status=301&h=Location:/x&h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 301 MISS
> GET /302?status=302&h=Location:/x&h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 302 MISS
> GET /500?status=500&h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 500 MISS
> GET /public?status=500&h=Cache-Control:public&h=Last-Modified:Sat,+04+Nov+2023+10:00:00+GMT
< 500 MISS
@ stored /404
@ stored /301
@ not stored /302
@ not stored /500
@ stored /public
