# Redirects inside nginx: which key, and what is not stored under it.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: rewrite ... last: the location that answers has the say
--- config
    location /old/ {
        rewrite ^/old/(.*) /new/$1 last;
    }
    location /new/ {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /old/t
< 200 MISS
= /new/t 1
@ stored /new/t
> GET /new/t
< 200 HIT
= /new/t 1
> GET /old/t
< 200 HIT
= /new/t 1



=== TEST 2: rewrite ... break within the location
--- config
    location /old/ {
        mcache pages;
        mcache_valid 1m;
        rewrite ^/old/(.*) /new/$1 break;
        proxy_pass http://origin;
    }
--- steps
> GET /old/t
< 200 MISS
= /new/t 1
@ stored http://localhost/old/t
> GET /old/t
< 200 HIT
= /new/t 1



=== TEST 3: the page of error_page is not stored as the page itself
--- config
    location / {
        mcache pages;
        mcache_valid any 1m;
        proxy_pass http://origin;
        proxy_intercept_errors on;
        error_page 404 =200 /sorry;
    }
    location = /sorry {
        proxy_pass http://origin;
    }
--- steps
> GET /t?status=404
< 200
= /sorry 1
@ settled
> GET /t?status=404
< 200
= /sorry 2



=== TEST 4: nor where the backend cannot be reached
--- config
    location / {
        mcache pages;
        mcache_valid any 1m;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        error_page 502 =200 @sorry;
    }
    location @sorry {
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200
= /t 1
@ not stored http://localhost/t
> GET /t
< 200
= /t 2



=== TEST 5: nor where error pages may lead on to others
--- config
    recursive_error_pages on;
    location / {
        mcache pages;
        mcache_valid any 1m;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        error_page 502 = @sorry;
    }
    location @sorry {
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200
= /t 1
@ not stored http://localhost/t



=== TEST 6: a page of nginx's own for an error is not stored
--- config
    location / {
        mcache pages;
        mcache_valid any 1m;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    }
--- steps
> GET /t
< 502 MISS
~ 502 Bad Gateway
@ not stored http://localhost/t



=== TEST 7: X-Accel-Redirect is never stored
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /internal/ {
        internal;
        alias html/;
    }
--- user_files
>>> file.txt
protected
--- steps
> GET /t?h=X-Accel-Redirect:/internal/file.txt
< 200
= protected
@ not stored http://localhost/t?h=X-Accel-Redirect:/internal/file.txt
> GET /t?h=X-Accel-Redirect:/internal/file.txt
< 200
= protected
@ count /t
= 2



=== TEST 8: X-Accel-Redirect to a location that is cached
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /internal/ {
        internal;
        mcache pages;
        mcache_key internal:$uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=X-Accel-Redirect:/internal/page
< 200
= /internal/page 1
@ not stored http://localhost/t?h=X-Accel-Redirect:/internal/page
> GET /t?h=X-Accel-Redirect:/internal/page
< 200
~ \A/internal/page [12]\n\z
@ count /t
= 2



=== TEST 9: an error page for what is refused does not come from the cache of the page
--- config
    location / {
        mcache pages;
        mcache_valid any 1m;
        deny all;
        error_page 403 /forbidden;
        proxy_pass http://origin;
    }
    location = /forbidden {
        allow all;
        proxy_pass http://origin;
    }
--- steps
@ set http://localhost/t secret
> GET /t
< 403
= /forbidden 1
@ settled
@ item http://localhost/t
== secret



=== TEST 10: the next upstream after a failure
--- http_config
    upstream two {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        server 127.0.0.1:$TEST_NGINX_ORIGIN_PORT backup;
    }
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://two;
    }
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
> GET /t
< 200 HIT
= /t 1
