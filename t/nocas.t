# memcached -C gives no CAS: what its promises are built on elsewhere is looked at instead.

use lib 't/lib';
use Test::Mcache memcached_options => ['-C'];
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

# Without CAS, flush_all takes what is stored in the same second, too: each test first waits until a page stays.
run_tests();

__DATA__

=== TEST 1: pages are stored and served; the log and the status page say what is lacking
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_local 8m;
        proxy_pass http://origin;
    }
    location = /status {
        mcache_status json;
    }
--- steps
@ status HIT /first
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
= /t 1
> GET /t
< 200 HIT
@ log \[warn\].*mcache: memcached \S+ of pool "pages" gives no CAS: 
= 1
> GET /status
~ "lacks":\["cas"\]



=== TEST 2: a purge during a fill, and the application's own write
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ status HIT /first
@ begin r /t?gate=g
@ delete /t
= deleted
@ open g
@ end r
= 200 MISS /t 1
@ settled
> GET /t
< 200 MISS
= /t 2
@ begin r /w?gate=g2
@ set /w written
@ open g2
@ end r
= 200 MISS /w 1
@ settled
> GET /w
< 200 HIT
== written



=== TEST 3: the same during the refresh of a stale page
--- mcache: mcache_key $uri;
--- steps
@ status HIT /first?h=X-Accel-Expires:60
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin r /t?gate=g&h=X-Accel-Expires:60
@ delete /t
= deleted
@ open g
@ end r
= 200 EXPIRED /t 2
@ settled
> GET /t
< 200 MISS
= /t 3
> GET /w?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/w
@ begin r /w?gate=g2&h=X-Accel-Expires:60
@ set /w written
@ open g2
@ end r
= 200 EXPIRED /w 2
@ settled
> GET /w
< 200 HIT
== written



=== TEST 4: a page that is fetched anew after the purge is not replaced by the old fill
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_local 8m;
--- steps
@ status HIT /first
@ begin old /t?gate=g
@ delete /t
= deleted
> GET /t
< 200 MISS
= /t 2
@ stored /t
@ open g
@ end old
= 200 MISS /t 1
@ settled
> GET /t
< 200 HIT
= /t 2
# Rewritten with the same size: nothing of it is kept in the worker.
@ set /t one
> GET /t
== one
@ set /t two
> GET /t
== two
