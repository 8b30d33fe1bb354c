# mcache_store off: only the application writes.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a miss is not stored
--- mcache: mcache_store off; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
= /t 1
@ not stored http://localhost/t
> GET /t
< 200 MISS
= /t 2



=== TEST 2: what the application wrote is served
--- mcache: mcache_store off;
--- steps
@ set http://localhost/t written
> GET /t
< 200 HIT
== written
@ count /t
= 0



=== TEST 3: the client's conditions reach the backend, since nothing is filled
--- mcache: mcache_store off; mcache_valid 1m;
--- steps
> GET /t?echo=If-None-Match
> If-None-Match: "x"
< 200 MISS
= If-None-Match: "x"



=== TEST 4: inherited, and taken back
--- config
    mcache_store off;
    mcache_valid 1m;
    location / {
        mcache pages;
        proxy_pass http://origin;
    }
    location /on {
        mcache pages;
        mcache_store on;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
@ not stored http://localhost/t
> GET /on
< 200 MISS
@ stored http://localhost/on
