# Inheritance: http, server, location; nearer settings replace those further out.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: mcache from http, taken back in a location
--- http_config
    mcache pages;
    mcache_valid 1m;
--- config
    location / {
        proxy_pass http://origin;
    }
    location /off {
        mcache off;
        proxy_pass http://origin;
    }
    location /nested {
        mcache off;
        location /nested/on {
            mcache pages;
            proxy_pass http://origin;
        }
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
> GET /off
< 200
< ! X-Mcache
> GET /nested/off
< 200
< ! X-Mcache
> GET /nested/on
< 200 MISS
@ stored http://localhost/t
@ stored http://localhost/nested/on
@ not stored http://localhost/off



=== TEST 2: mcache_valid: a location's lines replace those of the server
--- config
    mcache_valid 404 1m;
    location /inherits {
        mcache pages;
        proxy_pass http://origin;
    }
    location /own {
        mcache pages;
        mcache_valid 200 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /inherits?status=404
< 404 MISS
> GET /own?status=404
< 404 MISS
> GET /own
< 200 MISS
@ stored http://localhost/inherits?status=404
@ not stored http://localhost/own?status=404
@ stored http://localhost/own



=== TEST 3: mcache_ignore: likewise
--- config
    mcache_ignore a;
    mcache_valid 1m;
    location / {
        mcache pages;
        proxy_pass http://origin;
    }
    location /own/ {
        mcache pages;
        mcache_ignore b;
        proxy_pass http://origin;
    }
--- steps
> GET /a
< 200 BYPASS
> GET /b
< 200 MISS
> GET /own/a
< 200 MISS
> GET /own/b
< 200 BYPASS



=== TEST 4: mcache_bypass, mcache_no_store, mcache_methods, mcache_max_size, mcache_ignore_headers
--- config
    mcache_bypass $arg_bypass;
    mcache_no_store $arg_no_store;
    mcache_methods POST;
    mcache_max_size 100;
    mcache_ignore_headers Set-Cookie;
    mcache_valid 1m;
    location / {
        mcache pages;
        proxy_pass http://origin;
    }
    location /own/ {
        mcache pages;
        mcache_bypass $arg_other;
        mcache_no_store $arg_other;
        mcache_methods GET;
        mcache_max_size 1000;
        mcache_ignore_headers Expires;
        proxy_pass http://origin;
    }
--- steps
> GET /bypass?bypass=1
< 200 BYPASS
> GET /no-store?no_store=1
< 200 MISS
> POST /post
< 200 MISS
> GET /large?size=500
< 200 MISS
> GET /cookie?h=Set-Cookie:a
< 200 MISS
> GET /own/bypass?bypass=1
< 200 MISS
> GET /own/no-store?no_store=1
< 200 MISS
> POST /own/post
< 200 BYPASS
> GET /own/large?size=500
< 200 MISS
> GET /own/cookie?h=Set-Cookie:a
< 200 MISS
@ stored http://localhost/bypass?bypass=1
@ stored http://localhost/post
@ stored http://localhost/cookie?h=Set-Cookie:a
@ stored http://localhost/own/bypass?bypass=1
@ stored http://localhost/own/no-store?no_store=1
@ stored http://localhost/own/large?size=500
@ not stored http://localhost/no-store?no_store=1
@ not stored http://localhost/large?size=500
@ not stored http://localhost/own/post
@ not stored http://localhost/own/cookie?h=Set-Cookie:a



=== TEST 5: in an if block
--- mcache
mcache_valid 1m;
if ($http_x_other) {
    set $inside 1;
    proxy_pass http://origin;
}
--- steps
> GET /t
> X-Other: 1
< 200 MISS
= /t 1
@ stored http://localhost/t
> GET /t
> X-Other: 1
< 200 HIT
= /t 1
> GET /t
< 200 HIT
= /t 1
