# mcache_ignore: URLs that are neither looked up nor stored.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: an anchored pattern
--- mcache: mcache_ignore ^/admin; mcache_valid 1m;
--- steps
> GET /admin/users
< 200 BYPASS
= /admin/users 1
@ not stored http://localhost/admin/users
> GET /admin/users
< 200 BYPASS
= /admin/users 2
> GET /my/admin
< 200 MISS
@ stored http://localhost/my/admin



=== TEST 2: what somebody else stored under an ignored URL is not served
--- mcache: mcache_ignore ^/admin; mcache_valid 1m;
--- steps
@ set http://localhost/admin planted
> GET /admin
< 200 BYPASS
= /admin 1



=== TEST 3: a pattern that is not anchored matches anywhere, the query too
--- mcache: mcache_ignore preview=1; mcache_valid 1m;
--- steps
> GET /t?preview=1
< 200 BYPASS
> GET /preview=1/t
< 200 BYPASS
> GET /t?preview=0
< 200 MISS



=== TEST 4: several patterns in one directive and in several
--- mcache: mcache_ignore ^/admin.* ^/login$; mcache_ignore \.json$; mcache_valid 1m;
--- steps
> GET /admin
< 200 BYPASS
> GET /login
< 200 BYPASS
> GET /a.json
< 200 BYPASS
> GET /login/help
< 200 MISS



=== TEST 5: case matters, unless the pattern begins with ~*
--- config
    location /a/ {
        mcache pages;
        mcache_ignore ^/a/admin;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /b/ {
        mcache pages;
        mcache_ignore ~*^/b/admin;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /a/ADMIN
< 200 MISS
> GET /b/ADMIN
< 200 BYPASS
> GET /b/admin
< 200 BYPASS



=== TEST 6: it is the URI as the client wrote it that is matched
--- mcache: mcache_ignore ^/%61dmin; mcache_valid 1m;
--- steps
> GET /%61dmin
< 200 BYPASS
> GET /admin
< 200 MISS



=== TEST 7: the client's conditions reach the backend, as if mcache were not there
--- mcache: mcache_ignore ^/admin; mcache_valid 1m;
--- steps
> GET /admin?echo=If-None-Match
> If-None-Match: "x"
< 200 BYPASS
= If-None-Match: "x"
> GET /admin?echo=Range
> Range: bytes=0-1
< 200 BYPASS
= Range: bytes=0-1



=== TEST 8: a pattern that backtracks without end does not hold the worker up
--- mcache: mcache_ignore ^/(x+x+)+y$; mcache_valid 1m;
--- steps eval
'> GET /' . 'x' x 3000 . "\n< 200\n> GET /y\n< 200 MISS\n"



=== TEST 9: however the URL is spelt
--- mcache: mcache_valid 1m; mcache_ignore ^/admin;
--- steps
> GET //admin
< 200 BYPASS
> GET /%61dmin
< 200 BYPASS
> GET /x/..%2fadmin
< 200 BYPASS
> GET /x?next=//admin
< 200 MISS



=== TEST 10: the end of a pattern is the end of the path or of the query
--- mcache: mcache_ignore ~*\.php$ debug=1$; mcache_valid 1m;
--- steps
> GET /a.php
< 200 BYPASS
> GET /a.php?x=1
< 200 BYPASS
> GET /b/..//a.PHP?x=1
< 200 BYPASS
> GET /a.ph%70?
< 200 BYPASS
> GET /a?x=1&debug=1
< 200 BYPASS
> GET /a?x=a.phps
< 200 MISS
> GET /a?debug=1&x=1
< 200 MISS
