# A proxy that knows get, set, add and delete, and answers anything else with ERROR: pages and the lock
# work, what needs a CAS or a counter does not.

use lib 't/lib';
use Test::Mcache server => 'plain';
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: pages are stored and served; no data block goes behind a command that it does not know
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_bypass $arg_new;
--- steps
> GET /t?h=X-Origin:1
< 200 MISS
= /t 1
@ stored /t
> GET /t
< 200 HIT
< X-Origin: 1
= /t 1
> GET /t?new=1
< 200 BYPASS
= /t 2
@ settled
> GET /t
< 200 HIT
= /t 2
@ delete /t
= deleted
> GET /t
< 200 MISS
= /t 3
@ log \[notice\].*mcache: memcached \S+ says version "": classic text protocol
= 1
@ log \[warn\].*mcache: memcached \S+ of pool "pages" does not know "gets"
= 1
@ unknown plain
= gets:1 version:1



=== TEST 2: many at once, while it is found out what the server knows
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ set /a written-a
@ set /b written-b
@ in flight 10 /a /b /c?body=c
~ \A10 x /a: 200 HIT written-a\n10 x /b: 200 HIT written-b\n10 x /c\?body=c: 200 MISS c\n
> GET /a
< 200 HIT
== written-a



=== TEST 3: the lock of a cold page: one fetch
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ begin r /t?gate=g
@ send w1 /t
@ send w2 /t
@ waits
@ open g
@ end r
= 200 MISS /t 1
@ end w1
= 200 HIT /t 1
@ end w2
= 200 HIT /t 1
@ count /t
= 1
@ lies /t%00lock nothing



=== TEST 4: the lock of a stale page: one fetch
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin r /t?gate=g&h=X-Accel-Expires:60
@ send w /t
@ waits
@ open g
@ end r
= 200 EXPIRED /t 2
@ end w
= 200 HIT /t 2



=== TEST 5: stale at once, and refreshed behind
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
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
@ status HIT /t
> GET /t
< 200 HIT
= /t 2



=== TEST 6: an error gives the lock back at once
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ begin r /t?gate=g&status=500&body=x
@ send w /t
@ waits
@ open g
@ end r
= 500 MISS x
@ end w
= 200 MISS /t 2



=== TEST 7: the third private response in a row lets all go that wait, and nobody waits for the next
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=Cache-Control:private
< 200
> GET /t?h=Cache-Control:private
< 200
@ begin r /t?gate=g&h=Cache-Control:private
@ send w1 /t?gate=w&h=Cache-Control:private
@ send w2 /t?gate=w&h=Cache-Control:private
@ waits
@ open g
@ end r
= 200 MISS /t 3
@ arrivals w 2
@ open w
@ end w1
~ ^200 MISS /t \d$
@ end w2
~ ^200 MISS /t \d$
@ lies /t marker



=== TEST 8: an abandoned lock is taken over, and who comes late does not take it from the next
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 1s;
--- steps
@ begin r /t?gate=g&status=500&body=x
@ begin s /t?gate=s
@ open g
@ end r
= 500 MISS x
@ settled
@ lies /t%00lock stub
@ open s
@ end s
= 200 MISS /t 2



=== TEST 9: a purge during a fill, and the application's own write
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
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



=== TEST 10: the same during the refresh of a stale page
--- mcache: mcache_key $uri;
--- steps
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



=== TEST 11: nothing counts the uses: a page is stored at the first
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_min_uses 3;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
@ unknown plain
= gets:1 incr:1 version:1



=== TEST 12: variants
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: a
< 200 MISS
@ lies /t index
> GET /t?h=Vary:X-Kind
> X-Kind: b
< 200 MISS
@ settled
> GET /t
> X-Kind: a
< 200 HIT
= /t 1
> GET /t
> X-Kind: b
< 200 HIT
= /t 2



=== TEST 13: raw, and large
--- mcache: mcache_key $uri; mcache_format raw; mcache_valid 1m;
--- steps
> GET /t?size=900000
< 200 MISS
@ stored /t
@ in flight 3 /t
~ \A3 x /t: 200 HIT \(900000 bytes\)\n



=== TEST 14: memcached behind it is restarted
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored /t
@ memcached kill
@ memcached start
> GET /t
< 200 MISS
= /t 2
@ stored /t
> GET /t
< 200 HIT



=== TEST 15: revalidated with a 304
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=x&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=x&h=X-Accel-Expires:60
< 200 REVALIDATED
= /t 1
@ settled
> GET /t
< 200 HIT
= /t 1
