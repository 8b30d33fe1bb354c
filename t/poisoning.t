# The known attacks on caches: for each what mcache does by default, and where that is not enough what
# the user is to do. Names as in the literature ("Web Cache Entanglement", "CPDoS", "Web Cache Deception").

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: an unkeyed header that the application reflects: by default the first client's value is everybody's
--- mcache: mcache_valid 1m;
--- steps
> GET /t?echo=X-Forwarded-Host
> X-Forwarded-Host: evil.example
< 200 MISS
@ stored http://localhost/t?echo=X-Forwarded-Host
> GET /t?echo=X-Forwarded-Host
< 200 HIT
= X-Forwarded-Host: evil.example



=== TEST 2: what is to be done about it: the proxy overwrites the header
--- mcache: mcache_valid 1m; proxy_set_header X-Forwarded-Host $host;
--- steps
> GET /t?echo=X-Forwarded-Host
> X-Forwarded-Host: evil.example
< 200 MISS
= X-Forwarded-Host: localhost
@ stored http://localhost/t?echo=X-Forwarded-Host
> GET /t?echo=X-Forwarded-Host
< 200 HIT
= X-Forwarded-Host: localhost



=== TEST 3: or the application says Vary: then each value has its own page
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?echo=X-Forwarded-Scheme&h=Vary:X-Forwarded-Scheme
> X-Forwarded-Scheme: evil
< 200 MISS
@ settled
> GET /t?echo=X-Forwarded-Scheme&h=Vary:X-Forwarded-Scheme
< 200 MISS
= X-Forwarded-Scheme: -



=== TEST 4: fat GET: a request with a body is neither answered from the cache nor stored
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t\nq=evil
< 200 BYPASS
= /t 1
@ not stored /t
> GET /t
< 200 MISS
= /t 2
@ stored /t
> GET /t\nq=evil
< 200 BYPASS
= /t 3
> GET /t
< 200 HIT
= /t 2



=== TEST 5: parameter cloaking: the key has the query as it came, so what is written otherwise is another page
--- mcache: mcache_valid 1m;
--- steps
> GET /t?a=1
< 200 MISS
@ settled
> GET /t?a=1;a=2
< 200 MISS
> GET /t?a=1&utm_content=x;a=2
< 200 MISS
> GET /t?a=1&a=2
< 200 MISS
> GET /t?a=%31
< 200 MISS
> GET /t?A=1
< 200 MISS
> GET /t?
< 200 MISS
> GET /t?a=1
< 200 HIT
= /t 1



=== TEST 6: path confusion: a spelling that nginx or the application resolves elsewhere is another page
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /x/..%2ft
< 200 MISS
> GET /x/../t
< 200 MISS
> GET //t
< 200 MISS
> GET /%74
< 200 MISS
> GET /t;x=.css
< 200 MISS
> GET /t%00.css
< 400
> GET /t%0d%0aX-A:b
< 200 MISS
< ! X-A
> GET /t
< 200 HIT
= /t 1



=== TEST 7: and what is ignored is ignored in every spelling
--- mcache: mcache_ignore ^/admin; mcache_valid 1m;
--- steps
> GET /admin
< 200 BYPASS
> GET /x/..%2fadmin
< 200 BYPASS
> GET /x/../admin
< 200 BYPASS
> GET //admin
< 200 BYPASS
> GET /%61dmin
< 200 BYPASS
> GET /./admin
< 200 BYPASS



=== TEST 8: Host: its case and its port make no difference to the key, nor to what the backend is told by default
--- mcache: mcache_valid 1m;
--- steps
@ raw GET /t?echo=Host HTTP/1.1\r\nHost: localhost:1337\r\nConnection: close\r\n\r\n
= 200 MISS Host: origin
@ stored http://localhost/t?echo=Host
@ raw GET /t?echo=Host HTTP/1.1\r\nHost: LocalHost\r\nConnection: close\r\n\r\n
= 200 HIT Host: origin
@ raw GET /t?echo=Host HTTP/1.1\r\nHost: localhost.\r\nConnection: close\r\n\r\n
= 200 HIT Host: origin



=== TEST 9: a backend that is told $http_host can be made to write the port into everybody's links; $host cannot
--- config
    location /unsafe {
        mcache pages;
        mcache_valid 1m;
        proxy_set_header Host $http_host;
        proxy_pass http://origin;
    }
    location /safe {
        mcache pages;
        mcache_valid 1m;
        proxy_set_header Host $host;
        proxy_pass http://origin;
    }
--- steps
@ raw GET /unsafe?echo=Host HTTP/1.1\r\nHost: localhost:1337\r\nConnection: close\r\n\r\n
= 200 MISS Host: localhost:1337
@ stored http://localhost/unsafe?echo=Host
> GET /unsafe?echo=Host
< 200 HIT
= Host: localhost:1337
@ raw GET /safe?echo=Host HTTP/1.1\r\nHost: LOCALHOST:1337\r\nConnection: close\r\n\r\n
= 200 MISS Host: localhost
@ stored http://localhost/safe?echo=Host
> GET /safe?echo=Host
< 200 HIT
= Host: localhost



=== TEST 10: a target in absolute form is keyed by the host in it, not by the Host field
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ raw GET http://localhost/t HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n
= 200 HIT /t 1
@ raw GET http://evil.example/t HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
= 200 MISS /t 2
> GET /t
< 200 HIT
= /t 1



=== TEST 11: two Host fields, or one that is none, are refused by nginx before the lookup
--- mcache: mcache_valid 1m;
--- steps
@ raw GET /t HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n
= 400
@ raw GET /t HTTP/1.1\r\nHost: local host\r\nConnection: close\r\n\r\n
= 400
@ raw GET /t HTTP/1.1\r\nConnection: close\r\n\r\n
= 400
@ count /t
= 0



=== TEST 12: smuggling: the body of a request that a hit could answer is never taken for the next request
--- mcache: mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ raw GET /t HTTP/1.1\r\nHost: localhost\r\nContent-Length: 43\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\nGET /t HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
= 200 BYPASS /t 2
= 200 HIT /t 1
@ raw GET /t HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2b\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n0\r\n\r\nGET /t HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
= 200 BYPASS /t 3
= 200 HIT /t 1
@ raw GET /t HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n
= 400
@ count /smuggled
= 0



=== TEST 13: a HEAD or a condition on a hit leaves the connection in step
--- mcache: mcache_valid 1m;
--- steps
> GET /t?etag=one
< 200 MISS
@ stored http://localhost/t?etag=one
@ raw GET /t?etag=one HTTP/1.1\r\nHost: localhost\r\n\r\nGET /u HTTP/1.1\r\nHost: localhost\r\n\r\nGET /t?etag=one HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
= 200 HIT /t 1
= 200 MISS /u 1
= 200 HIT /t 1
@ raw GET /t?etag=one HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "one"\r\n\r\nGET /t?etag=one HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n
= 304
= 200 HIT /t 1



=== TEST 14: cache deception: a suffix makes no page public
--- mcache: mcache_valid 1m;
--- steps
> GET /account/x.css?h=Cache-Control:private
> Cookie: session=victim
< 200 MISS
@ not stored http://localhost/account/x.css?h=Cache-Control:private
> GET /account/y.css?h=Set-Cookie:session=victim
< 200 MISS
@ not stored http://localhost/account/y.css?h=Set-Cookie:session=victim
> GET /account/z.css
> Authorization: Basic dmljdGltOng=
< 200 MISS
@ not stored http://localhost/account/z.css



=== TEST 15: an application that says nothing of a page behind a cookie: stored by default where mcache_valid says so
--- config
    location /trusting {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /account {
        mcache pages;
        mcache_valid 1m;
        mcache_bypass $cookie_session;
        mcache_no_store $cookie_session;
        proxy_pass http://origin;
    }
    location /silent {
        mcache pages;
        proxy_pass http://origin;
    }
--- steps
> GET /trusting/x.css?echo=Cookie
> Cookie: session=victim
< 200 MISS
@ stored http://localhost/trusting/x.css?echo=Cookie
> GET /account/x.css?echo=Cookie
> Cookie: session=victim
< 200 BYPASS
@ not stored http://localhost/account/x.css?echo=Cookie
> GET /account/x.css?echo=Cookie
< 200 MISS
= Cookie: -
> GET /silent/x.css?echo=Cookie
> Cookie: session=victim
< 200 MISS
@ not stored http://localhost/silent/x.css?echo=Cookie



=== TEST 16: poisoned denial of service: an error that one client's request provoked is not everybody's
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?status=400
< 400 MISS
@ not stored /t
> GET /t?status=431
< 431 MISS
@ not stored /t
> GET /t?status=501
< 501 MISS
@ not stored /t
> GET /t?range=1
> Range: bytes=0-0
< 206 MISS
== /
@ stored /t
> GET /t
< 200 HIT
= /t 4



=== TEST 17: a method override that the application heeds is an unkeyed header like any other
--- mcache: mcache_valid 1m; proxy_set_header X-HTTP-Method-Override "";
--- steps
> GET /t?echo=X-HTTP-Method-Override
> X-HTTP-Method-Override: DELETE
< 200 MISS
= X-HTTP-Method-Override: -
