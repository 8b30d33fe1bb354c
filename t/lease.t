# The stub that stands for a page while one request fills it, and what becomes of it.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: a stub while the origin works, then the page
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ lies /t nothing
@ begin r /t?gate=g
@ lies /t stub
@ open g
@ end r
= 200 MISS /t 1
@ lies /t page
> GET /t
< 200 HIT



=== TEST 2: a delete during the fill: it is not stored
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g
@ delete /t
= deleted
@ open g
@ end r
= 200 MISS /t 1
@ not stored /t
@ lies /t nothing
> GET /t
< 200 MISS
= /t 2



=== TEST 3: the application's own write during the fill stays
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g
@ set /t written
@ open g
@ end r
= 200 MISS /t 1
@ settled
> GET /t
< 200 HIT
== written



=== TEST 4: of two fills without mcache_lock the first to store wins
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r1 /t?gate=g1
@ begin r2 /t?gate=g2
@ open g2
@ end r2
= 200 MISS /t 2
@ lies /t page
@ open g1
@ end r1
= 200 MISS /t 1
@ settled
> GET /t
< 200 HIT
= /t 2



=== TEST 5: purged between two fills: the one that began before does not store, the other does
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ begin r1 /t?gate=g1
@ delete /t
= deleted
@ begin r2 /t?gate=g2
@ open g1
@ end r1
= 200 MISS /t 1
@ settled
@ lies /t stub
@ open g2
@ end r2
= 200 MISS /t 2
@ lies /t page
> GET /t
< 200 HIT
= /t 2



=== TEST 6: a response that is not storable takes the stub away
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g&h=Cache-Control:private
@ lies /t stub
@ open g
@ end r
= 200 MISS /t 1
@ lies /t nothing



=== TEST 7: with mcache_lock it leaves a marker: after three in a row, the waiting and the next are let go together
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
@ lies /t marker
@ send w1 /t?gate=w&h=Cache-Control:private
@ send w2 /t?gate=w&h=Cache-Control:private
@ send w3 /t?gate=w&h=Cache-Control:private
@ count /t
= 3
@ open g
@ end r
= 200 MISS /t 3
@ lies /t marker
@ arrivals w 3
@ send n1 /t?gate=n&h=Cache-Control:private
@ send n2 /t?gate=n&h=Cache-Control:private
@ arrivals n 2
@ open w
@ open n
@ end w3
~ ^200 MISS /t \d$
@ end n2
~ ^200 MISS /t \d$
@ lies /t marker



=== TEST 8: the first storable response takes the marker's place
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_lock on;
--- steps
> GET /t?h=Cache-Control:no-store
< 200 MISS
@ lies /t marker
> GET /t
< 200 MISS
@ lies /t page
> GET /t
< 200 HIT
= /t 2



=== TEST 9: a purge takes the marker away
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=Set-Cookie:a=b
< 200 MISS
@ lies /t marker
@ delete /t
= deleted
@ begin r /t?gate=g
@ send w /t
@ open g
@ end r
= 200 MISS /t 2
@ end w
= 200 HIT /t 2



=== TEST 10: a stale page that has become private: after three in a row nobody waits for his own turn
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=Cache-Control:private
< 200
> GET /t?h=Cache-Control:private
< 200
@ begin r /t?gate=g&h=Cache-Control:private
@ send w1 /t?gate=w&h=Cache-Control:private
@ send w2 /t?gate=w&h=Cache-Control:private
@ send w3 /t?gate=w&h=Cache-Control:private
@ open g
@ end r
= 200 EXPIRED /t 4
@ arrivals w 3



=== TEST 11: an error of the origin takes the stub away at once
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ begin r /t?status=500&gate=g&body=x
@ lies /t stub
@ send w /t
@ open g
@ end r
= 500 MISS x
@ end w
= 200 MISS /t 2
@ begin r /u?cut=header&gate=g2
@ lies /u stub
@ open g2
@ end r
~ ^502 MISS
@ lies /u marker
> GET /u
< 200 MISS
= /u 2
@ lies /u page



=== TEST 12: the client leaves: its page takes the stub's place
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g
@ lies /t stub
@ leave r
@ settled
@ lies /t stub
@ open g
@ lies /t page
> GET /t
< 200 HIT
= /t 1
@ begin r /u?halfway=h&size=100000
@ lies /u stub
@ leave r
@ settled
@ open h
@ lies /u page
@ count /u
= 1



=== TEST 13: a response that is too large takes the stub away
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_max_size 1k;
--- steps
@ begin r /t?gate=g&size=2000
@ lies /t stub
@ open g
@ end r
= 200 MISS (2000 bytes)
@ lies /t nothing
@ begin r /u?halfway=h&size=30000&framing=chunked
@ lies /u nothing
@ open h
@ end r
= 200 MISS (30000 bytes)



=== TEST 14: larger than what is stored
--- mcache: mcache_key $uri; mcache_max_size 4k; mcache_valid 1m;
--- steps
@ begin r /t?gate=g&size=5000
@ lies /t stub
@ open g
@ end r
= 200 MISS (5000 bytes)
@ lies /t nothing



=== TEST 15: a use that does not count yet leaves no stub
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_min_uses 2;
--- steps
@ begin r /t?gate=g
@ lies /t nothing
@ open g
@ end r
= 200 MISS /t 1
@ begin r /t?gate=g2
@ lies /t stub
@ open g2
@ end r
@ lies /t page



=== TEST 16: a range that is too far leaves no stub
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_max_range_offset 10;
--- steps
> GET /t?size=100&range=1
> Range: bytes=50-59
< 206 MISS
@ lies /t nothing



=== TEST 17: a response that breaks off takes the stub away
--- mcache: mcache_key $uri; mcache_valid 1m; proxy_http_version 1.1;
--- steps
@ begin r /t?gate=g&size=1000&cut=chunk
@ lies /t stub
@ open g
@ lies /t nothing
@ leave r
@ begin r /u?gate=g2&size=1000&cut=short
@ lies /u stub
@ open g2
@ lies /u nothing
@ leave r



=== TEST 18: what is not stored is not leased
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_lock on;
        mcache_format raw;
        proxy_pass http://origin;
    }
    location /off {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_lock on;
        mcache_store off;
        proxy_pass http://origin;
    }
    location /ignored {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_ignore ^/ignored;
        proxy_pass http://origin;
    }
--- steps
@ begin r /t?gate=g
@ lies /t nothing
@ open g
@ end r
= 200 MISS /t 1
@ lies /t body
@ begin r /off?gate=g2
@ lies /off nothing
@ open g2
@ end r
= 200 MISS /off 1
@ begin r /ignored?gate=g3
@ lies /ignored nothing
@ open g3
@ end r
= 200 BYPASS /ignored 1



=== TEST 19: Vary: the stub of the URL becomes the index
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g&h=Vary:X-Kind
@ lies /t stub
@ open g
@ end r
= 200 MISS /t 1
@ lies /t index
> GET /t
< 200 HIT
= /t 1



=== TEST 20: the URL is purged during the fill of its first variant
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ begin r /t?gate=g&h=Vary:X-Kind
@ delete /t
= deleted
@ open g
@ end r
= 200 MISS /t 1
@ settled
@ lies /t nothing
> GET /t?h=Vary:X-Kind
< 200 MISS
= /t 2
@ lies /t index
> GET /t
< 200 HIT
= /t 2



=== TEST 21: the URL is purged during the fill of a further variant
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: a
< 200 MISS
= /t 1
@ lies /t index
@ begin r /t?gate=g&h=Vary:X-Kind
@ delete /t
= deleted
@ open g
@ end r
= 200 MISS /t 2
@ settled
@ lies /t nothing
> GET /t?h=Vary:X-Kind
< 200 MISS
= /t 3
@ lies /t index
> GET /t?h=Vary:X-Kind
> X-Kind: a
< 200 MISS
= /t 4
@ settled
> GET /t
> X-Kind: a
< 200 HIT
= /t 4
> GET /t
< 200 HIT
= /t 3



=== TEST 22: variants are filled side by side, and each is stored
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: a
< 200 MISS
@ lies /t index
@ begin r /t?gate=g&h=Vary:X-Kind
> GET /t?h=Vary:X-Kind
> X-Kind: b
< 200 MISS
= /t 3
@ open g
@ end r
= 200 MISS /t 2
@ settled
> GET /t
< 200 HIT
= /t 2
> GET /t
> X-Kind: b
< 200 HIT
= /t 3
> GET /t
> X-Kind: a
< 200 HIT
= /t 1



=== TEST 23: one refreshes a stale page, which is purged meanwhile
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin r /t?gate=g&h=X-Accel-Expires:60
@ lies /t page
> GET /t
< 200 UPDATING
= /t 1
@ delete /t
= deleted
> GET /t?h=X-Accel-Expires:60
< 200 MISS
= /t 3
@ open g
@ end r
= 200 STALE /t 1
@ settled
> GET /t
< 200 HIT
= /t 3



=== TEST 24: who left while memcached was asked leaves nothing behind
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ abandon 3 /t
@ lies /t nothing
> GET /t
< 200 MISS



=== TEST 25: who waits to refresh a page that is purged meanwhile has it no longer
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
mcache_revalidate on;
mcache_use_stale http_500;
--- steps
> GET /t?etag=x&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin r /t?gate=g
@ send w /t?gate=w&status=500&echo=If-None-Match
@ settled
@ count /t
= 2
@ delete /t
= deleted
@ arrivals w 1
@ open w
@ end w
= 500 MISS If-None-Match: -
@ open g
@ end r
~ ^200 EXPIRED



=== TEST 26: a lock that was won for a client who had left is given back
--- http_config
    mcache_pool liar { server $TEST_NGINX_LIAR; timeout 30s; }
--- mcache
mcache liar;
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 60s;
mcache_lock_age 60s;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ lie late
@ send w /t
@ lies /t%00lock stub
@ leave w
@ settled
@ lie truth
@ lies /t%00lock nothing
> GET /t
< 200 EXPIRED
= /t 2



=== TEST 27: who took an abandoned stub over gets a private response: all are let go together
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 1s;
--- steps
@ begin r /t?gate=g
@ begin o /t?gate=o&h=Cache-Control:private
@ send w1 /t?gate=w&h=Cache-Control:private
@ send w2 /t?gate=w&h=Cache-Control:private
@ open o
@ end o
= 200 MISS /t 2
@ arrivals w 2



=== TEST 28: a stale variant that has become private: nobody waits after three in a row, the others stay
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=X-Accel-Expires:1&h=Vary:X-Kind
< 200 MISS
@ status EXPIRED|MISS /expiry/t
@ lies /t index
> GET /t?h=X-Accel-Expires:600&h=Vary:X-Kind
> X-Kind: keep
< 200
> GET /t?h=Cache-Control:private&h=Vary:X-Kind
< 200
> GET /t?h=Cache-Control:private&h=Vary:X-Kind
< 200
@ begin r /t?gate=g&h=Cache-Control:private&h=Vary:X-Kind
@ send w1 /t?gate=w&h=Cache-Control:private
@ send w2 /t?gate=w&h=Cache-Control:private
@ open g
@ end r
~ 200 \w+ /t 5
@ arrivals w 2
@ lies /t index
> GET /t
> X-Kind: keep
< 200 HIT
= /t 2



=== TEST 29: the client of an HTTP/2 request leaves
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_HTTP2_PORT http2;
        location / {
            mcache pages;
            mcache_key $uri;
            mcache_valid 1m;
            proxy_pass http://origin;
        }
    }
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ nghttp leaves g http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?gate=g
@ lies /t stub
@ settled
@ open g
@ lies /t page
@ count /t
= 1



=== TEST 30: unbuffered, and the client leaves halfway
--- mcache: mcache_key $uri; mcache_valid 1m; proxy_buffering off;
--- steps
@ begin r /t?halfway=g&size=500000
@ leave r
@ settled
@ open g
@ lies /t page
@ count /t
= 1
