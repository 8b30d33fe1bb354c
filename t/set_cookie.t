# A response that sets a cookie is one client's own.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: not stored, whatever else the response says
--- mcache: mcache_valid 1m;
--- steps
> GET /a?h=Set-Cookie:sessionid=1
< 200 MISS
< Set-Cookie: sessionid=1
> GET /b?h=Set-Cookie:a=1&h=Set-Cookie:b=2&h=Cache-Control:public,max-age=60
< 200 MISS
<~ Set-Cookie: a=1\r\n(.*\r\n)*Set-Cookie: b=2
> GET /c?h=set-cookie:a=1&h=X-Accel-Expires:60
< 200 MISS
@ not stored http://localhost/a?h=Set-Cookie:sessionid=1
@ not stored http://localhost/b?h=Set-Cookie:a=1&h=Set-Cookie:b=2&h=Cache-Control:public,max-age=60
@ not stored http://localhost/c?h=set-cookie:a=1&h=X-Accel-Expires:60
> GET /a?h=Set-Cookie:sessionid=1
< 200 MISS
= /a 2



=== TEST 2: a cookie that the proxy hides is still one client's own
--- mcache: mcache_valid 1m; proxy_hide_header Set-Cookie;
--- steps
> GET /t?h=Set-Cookie:sessionid=1
< 200 MISS
< ! Set-Cookie
@ not stored http://localhost/t?h=Set-Cookie:sessionid=1



=== TEST 3: stored where mcache_ignore_headers says so; hidden, it is not in the entry
--- mcache: mcache_valid 1m; mcache_ignore_headers Set-Cookie; proxy_hide_header Set-Cookie;
--- steps
> GET /t?h=Set-Cookie:sessionid=1
< 200 MISS
@ stored http://localhost/t?h=Set-Cookie:sessionid=1
> GET /t?h=Set-Cookie:sessionid=1
< 200 HIT
< ! Set-Cookie



=== TEST 4: a cookie that nginx itself adds does not keep a response from being stored, nor gets stored
--- mcache
mcache_valid 1m;
add_header Set-Cookie visitor=$arg_v;
add_header X-Mcache $mcache_status;
mcache_key $uri;
--- steps
> GET /t?v=1
< 200 MISS
< Set-Cookie: visitor=1
@ stored /t
> GET /t?v=2
< 200 HIT
< Set-Cookie: visitor=2
