# Cache-Control of the response.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: what forbids storing, beside mcache_valid
--- mcache: mcache_valid 1m;
--- steps
> GET /private?h=Cache-Control:private
< 200 MISS
> GET /private-age?h=Cache-Control:private,max-age=60
< 200 MISS
> GET /no-store?h=Cache-Control:no-store
< 200 MISS
> GET /no-cache?h=Cache-Control:no-cache
< 200 MISS
> GET /upper?h=CACHE-CONTROL:Private
< 200 MISS
> GET /second-line?h=Cache-Control:max-age=60&h=Cache-Control:no-store
< 200 MISS
> GET /last?h=Cache-Control:max-age=60,+unknown="a,+b",+no-store
< 200 MISS
> GET /max-age-0?h=Cache-Control:max-age=0
< 200 MISS
> GET /s-maxage-0?h=Cache-Control:max-age=60,s-maxage=0
< 200 MISS
@ not stored http://localhost/private?h=Cache-Control:private
@ not stored http://localhost/private-age?h=Cache-Control:private,max-age=60
@ not stored http://localhost/no-store?h=Cache-Control:no-store
@ not stored http://localhost/no-cache?h=Cache-Control:no-cache
@ not stored http://localhost/upper?h=CACHE-CONTROL:Private
@ not stored http://localhost/second-line?h=Cache-Control:max-age=60&h=Cache-Control:no-store
@ not stored http://localhost/last?h=Cache-Control:max-age=60,+unknown="a,+b",+no-store
@ not stored http://localhost/max-age-0?h=Cache-Control:max-age=0
@ not stored http://localhost/s-maxage-0?h=Cache-Control:max-age=60,s-maxage=0



=== TEST 2: what does not
--- mcache: mcache_valid 1m;
--- steps
> GET /public?h=Cache-Control:public
< 200 MISS
> GET /must-revalidate?h=Cache-Control:must-revalidate
< 200 MISS
> GET /shared?h=Cache-Control:max-age=0,+s-maxage=60
< 200 MISS
> GET /quoted?h=Cache-Control:unknown="private,+no-store"
< 200 MISS
> GET /part-of-a-word?h=Cache-Control:x-no-store,+privately
< 200 MISS
@ stored http://localhost/public?h=Cache-Control:public
@ stored http://localhost/must-revalidate?h=Cache-Control:must-revalidate
@ stored http://localhost/shared?h=Cache-Control:max-age=0,+s-maxage=60
@ stored http://localhost/quoted?h=Cache-Control:unknown="private,+no-store"
@ stored http://localhost/part-of-a-word?h=Cache-Control:x-no-store,+privately



=== TEST 3: the request's Cache-Control and Pragma are not honoured unless asked to
--- mcache: mcache_valid 1m;
--- steps
> GET /t
> Cache-Control: no-store
< 200 MISS
@ stored http://localhost/t
> GET /t
> Cache-Control: no-cache
< 200 HIT
> GET /t
> Pragma: no-cache
< 200 HIT



=== TEST 4: what forbids does so however the rest is spelt
--- mcache: mcache_valid 1m;
--- steps
> GET /semicolon?h=Cache-Control:public;+private
< 200 MISS
> GET /blank?h=Cache-Control:max-age=60+no-store
< 200 MISS
> GET /quotes?h=Cache-Control:"public,no-store"
< 200 MISS
> GET /targeted?h=CDN-Cache-Control:max-age=60,;private&h=Cache-Control:max-age=60
< 200 MISS
> GET /accel?h=X-Accel-Expires:60&h=X-Accel-Expires:0
< 200 MISS
@ not stored http://localhost/semicolon?h=Cache-Control:public;+private
@ not stored http://localhost/blank?h=Cache-Control:max-age=60+no-store
@ not stored http://localhost/quotes?h=Cache-Control:"public,no-store"
@ not stored http://localhost/targeted?h=CDN-Cache-Control:max-age=60,;private&h=Cache-Control:max-age=60
@ not stored http://localhost/accel?h=X-Accel-Expires:60&h=X-Accel-Expires:0
