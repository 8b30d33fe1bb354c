# A location without mcache that hands the request on to one with it: its URL is not the key.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: X-Accel-Redirect: everybody gets what the backend names for him
--- config
    location = /me {
        mcache off;
        proxy_pass http://origin/me?h=X-Accel-Redirect:/protected/$cookie_user;
    }
    location /protected/ {
        internal;
        mcache pages;
        mcache_valid 1m;
        mcache_bypass $cookie_session;
        proxy_pass http://origin;
    }
--- steps
> GET /me
> Cookie: user=alice; session=1
< 200
~ \A/protected/alice \d+\n\z
@ not stored http://localhost/me
> GET /me
> Cookie: user=bob
< 200
~ \A/protected/bob \d+\n\z
@ not stored http://localhost/me
> GET /me
> Cookie: user=alice
< 200
~ \A/protected/alice \d+\n\z



=== TEST 2: what is stored under the first URL is not looked at
--- config
    location = /me {
        mcache off;
        proxy_pass http://origin/me?h=X-Accel-Redirect:/protected/$cookie_user;
    }
    location /protected/ {
        internal;
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
@ set http://localhost/me secret
> GET /me
> Cookie: user=alice
< 200
= /protected/alice 1
@ settled
@ item http://localhost/me
== secret



=== TEST 3: a file of nginx's own
--- config
    location = /me {
        mcache off;
        proxy_pass http://origin/me?h=X-Accel-Redirect:/protected/$cookie_user;
    }
    location /protected/ {
        internal;
        mcache pages;
        mcache_valid 1m;
        mcache_bypass $cookie_session;
        alias html/;
    }
--- user_files
>>> alice
the file of alice
>>> bob
the file of bob
--- steps
> GET /me
> Cookie: user=alice; session=1
< 200
= the file of alice
@ not stored http://localhost/me
> GET /me
> Cookie: user=bob
< 200
= the file of bob



=== TEST 4: only-if-cached: the page of error_page, from a location without mcache
--- config
    location / {
        mcache pages;
        mcache_honor_request_cache_control on;
        error_page 504 /oops;
        proxy_pass http://origin;
    }
    location = /oops {
        mcache off;
        proxy_pass http://origin;
    }
--- steps
> GET /t
> Cache-Control: only-if-cached
< 504
= /oops 1
@ count /t
= 0



=== TEST 5: only-if-cached: the page of error_page, from a location with mcache
--- config
    mcache pages;
    mcache_valid any 1m;
    mcache_honor_request_cache_control on;
    location / {
        error_page 504 /oops;
        proxy_pass http://origin;
    }
    location = /oops {
        proxy_pass http://origin;
    }
--- steps
> GET /t
> Cache-Control: only-if-cached
< 504
= /oops 1
@ not stored http://localhost/t
@ count /t
= 0
