# mcache_early_refresh: in the last part of a page's lifetime one request fetches it anew, and all are served the
# fresh one meanwhile.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: due at once
--- mcache: mcache_key $uri; mcache_valid 10m; mcache_early_refresh 100%;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored /t
@ begin refresher /t?gate=g
> GET /t
< 200 HIT
= /t 1
> GET /t
< 200 HIT
= /t 1
@ count /t
= 2
@ open g
@ end refresher
= 200 HIT /t 1
@ holds /t /t 2



=== TEST 2: not due yet
--- mcache: mcache_key $uri; mcache_valid 10m; mcache_early_refresh 10%;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
> GET /t
< 200 HIT
@ count /t
= 1



=== TEST 3: what failed to be refreshed is served as long as it is fresh
--- mcache: mcache_key $uri; mcache_valid 200 10m; mcache_early_refresh 100%;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t?status=500
< 200 HIT
= /t 1
> GET /t?status=500
< 200 HIT
= /t 1



=== TEST 4: off, and where nothing is stored
--- config
    mcache_early_refresh 100%;
    location /off {
        mcache pages;
        mcache_key $uri;
        mcache_valid 10m;
        mcache_early_refresh off;
        proxy_pass http://origin;
    }
    location /read {
        mcache pages;
        mcache_key /off;
        mcache_store off;
        proxy_pass http://origin;
    }
--- steps
> GET /off
< 200 MISS
@ stored /off
> GET /off
< 200 HIT
> GET /read
< 200 HIT
> GET /read
< 200 HIT
@ count /read
= 0
