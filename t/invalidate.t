# mcache_invalidate: a method that changes something removes the page of its URL.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: POST, PUT, PATCH, DELETE and a method that nobody knows
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_invalidate on;
--- steps
> GET /t
< 200 MISS
@ stored /t
> POST /t\nbody
< 200 BYPASS
@ gone /t
> GET /t
< 200 MISS
= /t 3
@ stored /t
> PUT /t\nbody
< 200 BYPASS
@ gone /t
> GET /t
< 200 MISS
@ stored /t
> PATCH /t\nbody
< 200 BYPASS
@ gone /t
> GET /t
< 200 MISS
@ stored /t
> DELETE /t
< 200 BYPASS
@ gone /t
> GET /t
< 200 MISS
@ stored /t
@ curl -s -o /dev/null -X FROBNICATE http://localhost:$TEST_NGINX_SERVER_PORT/t
@ gone /t



=== TEST 2: off is the default
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored /t
> POST /t\nbody
< 200 BYPASS
> GET /t
< 200 HIT
= /t 1
@ settled
> GET /t
< 200 HIT



=== TEST 3: safe methods leave it alone
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_invalidate on;
--- steps
> GET /t
< 200 MISS
@ stored /t
> HEAD /t
< 200 HIT
> OPTIONS /t
< 200 BYPASS
> PROPFIND /t
< 200 BYPASS
@ settled
> GET /t
< 200 HIT
= /t 1



=== TEST 4: one that fails leaves it alone
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_invalidate on;
        proxy_pass http://$arg_to;
    }
--- steps
> GET /t?to=origin
< 200 MISS
@ stored /t
> POST /t?to=origin&status=500\nbody
< 500 BYPASS
> POST /t?to=origin&status=403\nbody
< 403 BYPASS
> DELETE /t?to=origin&status=404
< 404 BYPASS
> POST /t?to=dead\nbody
< 502 BYPASS
@ settled
> GET /t?to=origin
< 200 HIT
= /t 1
> POST /t?to=origin&status=302&h=Location:/\nbody
< 302 BYPASS
@ gone /t



=== TEST 5: Location and Content-Location of the same origin
--- config
    location / {
        mcache pages;
        mcache_key $request_uri;
        mcache_valid 1m;
        mcache_invalidate on;
        proxy_pass http://origin;
    }
    location /page {
        mcache pages;
        mcache_key page:$request_uri;
        mcache_valid 1m;
        mcache_invalidate on;
        proxy_pass http://origin;
    }
--- steps
> GET /page/a
< 200 MISS
> GET /page/b
< 200 MISS
> GET /page/c
< 200 MISS
> GET /page/d
< 200 MISS
> GET /page/e
< 200 MISS
@ stored page:/page/a
@ stored page:/page/b
@ stored page:/page/c
@ stored page:/page/d
@ stored page:/page/e
> POST /page/post?status=201&h=Location:/page/a\nbody
< 201 BYPASS
@ gone page:/page/a
> POST /page/post?h=Content-Location:/page/b\nbody
< 200 BYPASS
@ gone page:/page/b
> POST /page/post?h=Location:http://localhost/page/c&h=Content-Location:http://LOCALHOST/page/d%23part\nbody
< 200 BYPASS
@ gone page:/page/c
@ gone page:/page/d
> GET /page/e
< 200 HIT



=== TEST 6: another origin's pages are not for this one to remove
--- mcache: mcache_key $request_uri; mcache_valid 1m; mcache_invalidate on;
--- steps
> GET /a
< 200 MISS
@ stored /a
> POST /post?h=Location:http://other.example/a\nbody
< 200 BYPASS
> POST /post?h=Location:https://localhost/a\nbody
< 200 BYPASS
> POST /post?h=Content-Location:http://localhost:8080/a\nbody
< 200 BYPASS
> POST /post?h=Content-Location://other.example/a\nbody
< 200 BYPASS
> POST /post?h=Location:http://localhost.example/a\nbody
< 200 BYPASS
@ settled
> GET /a
< 200 HIT
= /a 1



=== TEST 7: a relative reference
--- mcache: mcache_key $request_uri; mcache_valid 1m; mcache_invalidate on;
--- steps
> GET /page/a
< 200 MISS
> GET /b
< 200 MISS
> GET /page/post?x=1
< 200 MISS
@ stored /page/a
@ stored /b
@ stored /page/post?x=1
> POST /page/post?status=201&h=Content-Location:a\nbody
< 201 BYPASS
@ gone /page/a
> POST /page/post?status=201&h=Content-Location:../b\nbody
< 201 BYPASS
@ gone /b
> POST /page/post?status=201&h=Content-Location:%3Fx=1\nbody
< 201 BYPASS
@ gone /page/post?x=1



=== TEST 8: a key made of $uri and $args
--- mcache: mcache_key $uri$is_args$args; mcache_valid 1m; mcache_invalidate on;
--- steps
> GET /a%20b?x=1
< 200 MISS
> GET /other
< 200 MISS
@ stored /other
> POST /post?h=Location:/a%2520b%3Fx=1\nbody
< 200 BYPASS
> GET /a%20b?x=1
< 200 MISS
= /a b 2
> GET /other
< 200 HIT



=== TEST 9: all variants of the URL
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_invalidate on;
--- steps
> GET /t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
@ settled
> GET /t?h=Vary:X-Kind
> X-Kind: two
< 200 MISS
@ settled
> POST /t\nbody
< 200 BYPASS
@ gone /t
> GET /t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
> GET /t?h=Vary:X-Kind
> X-Kind: two
< 200 MISS



=== TEST 10: the key prefix, and a location of its own for what changes
--- config
    mcache_key_prefix site:;
    mcache_key $uri;
    mcache_invalidate on;
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /t {
        mcache pages;
        mcache_valid 1m;
        mcache_ignore ^/t\?change;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
@ stored site:/t
> POST /t?change\nbody
< 200 BYPASS
@ gone site:/t



=== TEST 11: POST that is cached itself
--- mcache
mcache_key $uri;
mcache_methods POST;
mcache_valid 1m;
mcache_invalidate on;
--- steps
> POST /t\nbody
< 200 MISS
= /t 1
> PUT /t\nbody
< 200 BYPASS
@ gone /t



=== TEST 12: fastcgi_pass
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_invalidate on;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_pass 127.0.0.1:$TEST_NGINX_FASTCGI_PORT;
    }
--- steps
> GET /a
< 200 MISS
> GET /t
< 200 MISS
@ stored /t
@ stored /a
> DELETE /t
< 200 BYPASS
@ gone /t
> GET /a
< 200 HIT
