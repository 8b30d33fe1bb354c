# A memcached of old: the classic text protocol, and no meta command. See also the suites of the main
# behaviours, t/classic_*.t.

use lib 't/lib';
use Test::Mcache server => 'classic';
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: pages are stored and served, the log says how, and nothing is sent that the server does not know
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=X-Origin:1
< 200 MISS
= /t 1
@ stored /t
> GET /t
< 200 HIT
< X-Origin: 1
= /t 1
@ delete /t
= deleted
> GET /t
< 200 MISS
= /t 2
@ log \[notice\].*mcache: memcached \S+ says version "1\.4\.39": classic text protocol
= 1
@ unknown classic
= none



=== TEST 2: the raw format, and what the application wrote
--- mcache
mcache_key $uri;
mcache_format raw;
mcache_valid 1m;
add_header X-Mcache $mcache_status;
add_header X-TTL "[$mcache_ttl]";
--- steps
> GET /t
< 200 MISS
@ stored /t
@ item /t
< X-Flags: 0
<~ X-TTL: (60|59|5\d)
= /t 1
> GET /t
< 200 HIT
< X-TTL: []
= /t 1
@ set /w written
> GET /w
< 200 HIT
== written



=== TEST 3: large values
--- http_config
    mcache_pool large { server $TEST_NGINX_MEMCACHED; max_item_size 1m; timeout 10s; }
--- mcache: mcache large; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?size=1000000
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
~ \A(?:/t 1 ){1}
> GET /u?size=1100000
< 200 MISS
@ not stored /u
@ in flight 5 /t
~ \A5 x /t: 200 HIT \(1000000 bytes\)\n



=== TEST 4: memcached is restarted
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
@ memcached kill
@ memcached start
> GET /t
< 200 MISS
= /t 2
@ stored /t
> GET /t
< 200 HIT



=== TEST 5: memcached goes away and comes back
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=50ms; }
--- mcache: mcache quick; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ memcached kill
> GET /t
< 200 DOWN
@ memcached start
@ status MISS|HIT /t



=== TEST 6: a stub says itself how long it stands; the empty item of another is no page
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /raw {
        mcache pages;
        mcache_key /t;
        mcache_format raw;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        proxy_pass http://origin;
    }
--- steps
@ begin r /t?gate=g
@ lies /t stub
@ send w /raw
@ waits
@ open g
@ end r
= 200 MISS /t 1
@ end w
= 200 HIT /t 1
@ set flagged /e 0
> GET /e
< 200 MISS
@ lies /e page
@ set flagged /f 21248
> GET /f
< 200 MISS
@ lies /f page



=== TEST 7: a stub that is given back is gone for the application, too
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g&status=500&body=x
@ lies /t stub
@ open g
@ end r
= 500 MISS x
@ lies /t nothing



=== TEST 8: what is given back is one's own: another's stub and a written page stay
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g&status=500&body=x
@ delete /t
= deleted
@ begin s /t?gate=s
@ lies /t stub
@ open g
@ end r
= 500 MISS x
@ settled
@ lies /t stub
@ open s
@ end s
= 200 MISS /t 2
@ lies /t page
@ begin r /u?gate=h&status=500&body=x
@ set /u written
@ open h
@ end r
= 500 MISS x
@ settled
@ lies /u body



=== TEST 9: stale while it is refreshed, once
--- mcache: mcache_key $uri; mcache_use_stale updating error; mcache_background_update on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin r /t?gate=g&h=X-Accel-Expires:60
> GET /t
< 200 UPDATING
= /t 1
@ open g
@ end r
= 200 STALE /t 1
@ settled
> GET /t
< 200 HIT
@ count /t
~ \A\d+\Z
@ unknown classic
= none



=== TEST 10: the lock of a stale page whose filler takes too long is not the filler's to give back
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin r /t?gate=g&status=500&body=x
@ delete /t%00lock
= deleted
@ begin s /t?gate=s&h=X-Accel-Expires:60
@ open g
@ end r
= 500 EXPIRED x
@ settled
@ lies /t%00lock stub
@ open s
@ end s
~ ^200 EXPIRED
