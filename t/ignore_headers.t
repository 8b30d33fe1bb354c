# mcache_ignore_headers: fields that do not decide about storing.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: each of them
--- config
    location /cache-control {
        mcache pages;
        mcache_ignore_headers Cache-Control;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /expires {
        mcache pages;
        mcache_ignore_headers Expires;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /accel {
        mcache pages;
        mcache_ignore_headers X-Accel-Expires;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /cookie {
        mcache pages;
        mcache_ignore_headers Set-Cookie;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /vary {
        mcache pages;
        mcache_ignore_headers Vary;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /cache-control?h=Cache-Control:private
< 200 MISS
> GET /expires?h=Expires:Thu,+01+Jan+1970+00:00:01+GMT
< 200 MISS
> GET /accel?h=X-Accel-Expires:0
< 200 MISS
> GET /cookie?h=Set-Cookie:a=b
< 200 MISS
> GET /vary?h=Vary:*
< 200 MISS
@ stored http://localhost/cache-control?h=Cache-Control:private
@ stored http://localhost/expires?h=Expires:Thu,+01+Jan+1970+00:00:01+GMT
@ stored http://localhost/accel?h=X-Accel-Expires:0
@ stored http://localhost/cookie?h=Set-Cookie:a=b
@ stored http://localhost/vary?h=Vary:*
> GET /cache-control?h=Cache-Control:private
< 200 HIT
< Cache-Control: private



=== TEST 2: a field that is ignored does not permit either
--- mcache: mcache_ignore_headers Cache-Control Expires X-Accel-Expires;
--- steps
> GET /a?h=Cache-Control:max-age=60
< 200 MISS
> GET /b?h=Expires:Fri,+01+Jan+2100+00:00:00+GMT
< 200 MISS
> GET /c?h=X-Accel-Expires:60
< 200 MISS
@ not stored http://localhost/a?h=Cache-Control:max-age=60
@ not stored http://localhost/b?h=Expires:Fri,+01+Jan+2100+00:00:00+GMT
@ not stored http://localhost/c?h=X-Accel-Expires:60



=== TEST 3: the others still decide
--- mcache: mcache_ignore_headers Cache-Control; mcache_valid 1m;
--- steps
> GET /t?h=Cache-Control:private&h=Set-Cookie:a=b
< 200 MISS
@ not stored http://localhost/t?h=Cache-Control:private&h=Set-Cookie:a=b
