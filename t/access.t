# Access is decided before a hit is served.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: auth_basic
--- mcache: auth_basic "closed"; auth_basic_user_file htpasswd;
--- user_files
>>> ../conf/htpasswd
x:{PLAIN}y
--- steps
@ set http://localhost/t secret
> GET /t
< 401
<~ WWW-Authenticate: Basic realm="closed"
~ 401 Authorization Required
> GET /t
> Authorization: Basic eDp6
< 401
~ 401 Authorization Required
> GET /t
> Authorization: Basic eDp5
< 200 HIT
== secret



=== TEST 2: allow and deny
--- config
    location / {
        mcache pages;
        deny all;
        proxy_pass http://origin;
    }
    location /open/ {
        mcache pages;
        allow 127.0.0.1;
        deny all;
        proxy_pass http://origin;
    }
--- steps
@ set http://localhost/t secret
@ set http://localhost/open/t open
> GET /t
< 403
~ 403 Forbidden
> GET /open/t
< 200 HIT
== open



=== TEST 3: auth_request
--- config
    location / {
        mcache pages;
        auth_request /auth;
        proxy_pass http://origin;
    }
    location = /auth {
        internal;
        proxy_pass http://origin/auth?status=$http_x_auth;
        proxy_pass_request_body off;
    }
--- steps
@ set http://localhost/t secret
> GET /t
> X-Auth: 403
< 403
~ 403 Forbidden
> GET /t
> X-Auth: 401
< 401
~ 401 Authorization Required
> GET /t
> X-Auth: 204
< 200 HIT
== secret
@ count /auth
= 3



=== TEST 4: the answer of auth_request itself comes from the cache
--- config
    location / {
        auth_request /auth;
        proxy_pass http://origin;
    }
    location = /auth {
        internal;
        mcache pages;
        mcache_key auth:$http_x_user;
        mcache_valid 200 403 1m;
        proxy_pass http://origin/auth?status=$http_x_status;
        proxy_pass_request_body off;
    }
--- steps
> GET /t
> X-User: good
> X-Status: 200
< 200
= /t 1
@ stored auth:good
> GET /t
> X-User: bad
> X-Status: 403
< 403
~ 403 Forbidden
@ stored auth:bad
> GET /t
> X-User: good
> X-Status: 403
< 200
= /t 2
> GET /t
> X-User: bad
> X-Status: 200
< 403
~ 403 Forbidden
@ count /auth
= 2



=== TEST 5: limit_req
--- http_config
    limit_req_zone $uri zone=one:1m rate=1r/m;
--- mcache: limit_req zone=one;
--- steps
@ set http://localhost/t page
> GET /t
< 200 HIT
== page
> GET /t
< 503
~ 503 Service Temporarily Unavailable



=== TEST 6: satisfy any
--- mcache
satisfy any;
allow 127.0.0.1;
deny all;
auth_basic "closed";
auth_basic_user_file htpasswd;
--- user_files
>>> ../conf/htpasswd
x:{PLAIN}y
--- steps
@ set http://localhost/t page
> GET /t
< 200 HIT
== page



=== TEST 7: return and rewrite come first, too
--- mcache
if ($http_x_blocked) {
    return 403;
}
--- steps
@ set http://localhost/t page
> GET /t
> X-Blocked: 1
< 403
~ 403 Forbidden
> GET /t
< 200 HIT
== page



=== TEST 8: an internal location stays internal
--- mcache: internal;
--- steps
@ set http://localhost/t page
> GET /t
< 404
~ 404 Not Found
