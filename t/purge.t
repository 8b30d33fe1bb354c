# mcache_purge: one page goes away before the request for that is answered.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: 204 when there was a page, 404 when there was none
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $is_purge;
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored /t
> GET /t
< 200 HIT
> PURGE /t
< 204 BYPASS
< Cache-Control: no-store
< ! Content-Type
=
@ lies /t nothing
> PURGE /t
< 404 BYPASS
< Cache-Control: no-store
< Content-Type: application/json
= {"results":[{"key":"/t","result":"not found"}]}
> GET /t
< 200 MISS
= /t 2
@ stored /t
> GET /t
< 200 HIT
@ count /t
= 2



=== TEST 2: the backend is not asked, and the page of another URL stays
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $is_purge;
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
@ settled
> PURGE /a
< 204
> PURGE /c
< 404
> GET /b
< 200 HIT
@ count /a
= 1
@ count /c
= 0



=== TEST 3: neither empty nor 0 is a purge, anything else is
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $arg_a $arg_b;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t?a=0&b=
< 200 HIT
> GET /t?a=0&b=no
< 204
> GET /t?a=1
< 404
> PURGE /t
< 200 BYPASS
@ count /t
= 2



=== TEST 4: off, it is a request like any other
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored /t
> PURGE /t
< 200 BYPASS
= /t 2
> GET /t
< 200 HIT
= /t 1



=== TEST 5: the key of the GET: prefix, long, and with bytes to escape
--- mcache
mcache_key_prefix site-;
mcache_key $uri$arg_k;
mcache_valid 1m;
mcache_purge $is_purge;
--- steps eval
my $long = 'x' x 300;
CORE::join '', map {
    "> GET $_\n< 200 MISS\n\@ settled\n> GET $_\n< 200 HIT\n> PURGE $_\n< 204\n> PURGE $_\n< 404\n"
    . "> GET $_\n< 200 MISS\n"
} '/t', '/a%20b', "/t?k=$long", '/caf%C3%A9'



=== TEST 6: all variants, at once
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $is_purge;
--- steps
> GET /t?h=Vary:X-V
> X-V: a
< 200 MISS
@ settled
> GET /t?h=Vary:X-V
> X-V: b
< 200 MISS
@ settled
> GET /t
> X-V: a
< 200 HIT
= /t 1
> PURGE /t
< 204
> GET /t?h=Vary:X-V
> X-V: a
< 200 MISS
= /t 3
@ settled
> GET /t?h=Vary:X-V
> X-V: b
< 200 MISS
= /t 4
@ settled
> GET /t
> X-V: b
< 200 HIT
= /t 4



=== TEST 7: a body that the application wrote
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $is_purge;
--- steps
@ set /t written
> GET /t
< 200 HIT
== written
> PURGE /t
< 204
> GET /t
< 200 MISS
= /t 1



=== TEST 8: a page that is being made is none yet, and does not come back
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $is_purge;
--- steps
@ begin r /t?gate=g
@ lies /t stub
> PURGE /t
< 404
@ open g
@ end r
= 200 MISS /t 1
@ not stored /t
> GET /t
< 200 MISS
= /t 2



=== TEST 9: a marker is no page either, and is gone
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_purge $is_purge;
--- steps
> GET /t?h=Cache-Control:private
< 200 MISS
@ lies /t marker
> PURGE /t
< 404
@ lies /t nothing



=== TEST 10: nginx's access rules come first
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_purge $is_purge;
limit_except GET { deny all; }
--- steps
> GET /t
< 200 MISS
@ stored /t
> PURGE /t
< 403
> GET /t
< 200 HIT



=== TEST 11: what is ignored, bypassed, or not among mcache_methods can be purged all the same
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_ignore ^/admin;
mcache_bypass 1;
mcache_purge $is_purge;
--- steps
@ set /admin written
> PURGE /admin
< 204
@ set /t written
> PURGE /t
< 204
@ lies /t nothing



=== TEST 12: any method, also HEAD and DELETE with a body that nobody wants
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge 1;
--- steps
@ set /t written
> GET /t
< 204
> HEAD /t
< 404
@ set /t written
> DELETE /t
< 204
@ set /t written
> POST /t
< 204



=== TEST 13: a location of its own whose key the client names
--- config
    location /t {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /purger {
        mcache pages;
        mcache_key $arg_key;
        mcache_purge 1;
        allow 127.0.0.1;
        deny all;
    }
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /purger?key=/t
< 204
> GET /purger?key=/t
< 404
> GET /purger
< 400
= {"error":"an empty key"}
> GET /t
< 200 MISS



=== TEST 14: subrequests are never a purge
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_purge 1;
        auth_request /auth;
        proxy_pass http://origin;
    }
    location = /auth {
        mcache pages;
        mcache_key auth;
        mcache_valid 1m;
        mcache_purge 1;
        proxy_pass http://origin;
    }
--- steps
@ set /t written
> GET /t
< 204
@ settled
@ count /auth
= 1
@ stored auth



=== TEST 15: mcache_invalidate does not see it, and Cache-Status says nothing
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_purge $is_purge;
mcache_invalidate on;
mcache_cache_status on;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
add_header X-Key $mcache_key;
--- steps
> GET /t
< 200 MISS
@ stored /t
> PURGE /t
< 204
< ! Cache-Status
< X-Reason: purge
< X-Key: /t



=== TEST 16: mcache off
--- config
    location /off {
        mcache off;
        mcache_purge 1;
        proxy_pass http://origin;
    }
--- steps
> GET /off
< 200
= /off 1

