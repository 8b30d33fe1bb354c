# mcache_revalidate: a stale page is asked for with its own validators.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: 304: the page stands, for everybody, with what the 304 says of it
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1&h=X-Version:1&h=X-First:1
< 200 MISS
= /t 1
@ status EXPIRED /expiry/t
> GET /t?etag=a&h=X-Accel-Expires:60&h=X-Version:2&h=X-Second:2
< 200 REVALIDATED
< X-Version: 2
< X-First: 1
< X-Second: 2
< ETag: "a"
< Content-Length: 5
< Content-Type: text/plain
= /t 1
@ count /t
= 2
@ settled
> GET /t
< 200 HIT
< X-Version: 2
< X-First: 1
< X-Second: 2
< ETag: "a"
= /t 1
@ count /t
= 2



=== TEST 2: 200: the new page replaces the old one
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1&h=X-First:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=b&h=X-Accel-Expires:60
< 200 EXPIRED
< ETag: "b"
= /t 2
@ settled
> GET /t
< 200 HIT
< ETag: "b"
< ! X-First
= /t 2



=== TEST 3: what the backend is asked
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /etag?etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /lm?lm=Mon,+01+Jan+2024+00:00:00+GMT&h=X-Accel-Expires:1
< 200 MISS
> GET /both?etag=a&lm=Mon,+01+Jan+2024+00:00:00+GMT&h=X-Accel-Expires:1
< 200 MISS
> GET /none?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/etag
@ status EXPIRED /expiry/lm
@ status EXPIRED /expiry/both
@ status EXPIRED /expiry/none
> GET /etag?echo=If-None-Match
< 200 EXPIRED
= If-None-Match: "a"
> GET /lm?echo=If-Modified-Since
< 200 EXPIRED
= If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT
> GET /none?echo=If-None-Match
< 200 EXPIRED
= If-None-Match: -
> GET /both?echo=If-None-Match
< 200 EXPIRED
= If-None-Match: "a"



=== TEST 4: off is the default
--- mcache: mcache_key $uri;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=a&echo=If-None-Match
< 200 EXPIRED
= If-None-Match: -



=== TEST 5: a client's conditions are its own, the backend sees the page's
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=c&echo=If-None-Match&h=X-Accel-Expires:1
> If-None-Match: "b"
< 200 EXPIRED
= If-None-Match: "a"



=== TEST 6: a 304 for the cache, and one for the client
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /a?etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /b?etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /c?lm=Mon,+01+Jan+2024+00:00:00+GMT&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/a
@ status EXPIRED /expiry/b
@ status EXPIRED /expiry/c
> GET /a?etag=a&h=X-Accel-Expires:60
> If-None-Match: "a"
< 304 REVALIDATED
< ETag: "a"
=
> GET /b?etag=a&h=X-Accel-Expires:60
> If-None-Match: "other"
< 200 REVALIDATED
= /b 1
> GET /c?lm=Mon,+01+Jan+2024+00:00:00+GMT&h=X-Accel-Expires:60
> If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT
< 304 REVALIDATED
=
@ settled
> GET /a
< 200 HIT
= /a 1



=== TEST 7: a new page that the client has already
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=b&h=X-Accel-Expires:60
> If-None-Match: "b"
< 304 EXPIRED
=
@ settled
> GET /t
< 200 HIT
< ETag: "b"
= /t 2



=== TEST 8: HEAD and Range
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /head?etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /range?etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /new?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/head
@ status EXPIRED /expiry/range
@ status EXPIRED /expiry/new
> HEAD /head?etag=a&h=X-Accel-Expires:60
< 200 REVALIDATED
< Content-Length: 8
=
> GET /range?etag=a&h=X-Accel-Expires:60
> Range: bytes=0-3
< 206 REVALIDATED
< Content-Range: bytes 0-3/9
== /ran
> HEAD /new?etag=b&h=X-Accel-Expires:60
< 200 EXPIRED
< Content-Length: 7
=
@ settled
> GET /head
< 200 HIT
= /head 1
> GET /range
< 200 HIT
= /range 1
> GET /new
< 200 HIT
= /new 2



=== TEST 9: HEAD where it is not converted
--- mcache: mcache_key $uri; mcache_convert_head off; mcache_revalidate on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> HEAD /t?etag=b&h=X-Accel-Expires:60
< 200 EXPIRED
=
> HEAD /t?etag=a&h=X-Accel-Expires:60
< 200 REVALIDATED
< Content-Length: 5
=
@ settled
> GET /t
< 200 HIT
= /t 1



=== TEST 10: a page that must be revalidated each time is stored and revalidated each time
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=a&h=Cache-Control:no-cache
< 200 MISS
@ stored /t
> GET /t?etag=a&h=Cache-Control:no-cache
< 200 REVALIDATED
= /t 1
> GET /t?etag=a&h=Cache-Control:no-cache
< 200 REVALIDATED
= /t 1
> GET /t?etag=b&h=Cache-Control:no-cache
< 200 EXPIRED
= /t 4
@ count /t
= 4



=== TEST 11: the backend fails while it is asked
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_revalidate on;
        proxy_pass http://$arg_to;
    }
    location /lenient {
        mcache pages;
        mcache_key $uri;
        mcache_revalidate on;
        mcache_use_stale error http_500;
        proxy_pass http://$arg_to;
    }
--- steps
> GET /t?to=origin&etag=a&h=X-Accel-Expires:1
< 200 MISS
> GET /lenient?to=origin&etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/lenient
> GET /t?to=origin&status=500
< 500 EXPIRED
> GET /t?to=dead
< 502 EXPIRED
> GET /lenient?to=origin&status=500
< 200 STALE
= /lenient 1
> GET /lenient?to=dead
< 200 STALE
= /lenient 1
> GET /lenient?to=origin&etag=a&h=X-Accel-Expires:60
< 200 REVALIDATED
= /lenient 1
> GET /t?to=origin&etag=a&h=X-Accel-Expires:60
< 200 REVALIDATED
= /t 1



=== TEST 12: a variant
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1&h=Vary:X-Kind&echo=X-Kind
< 200 MISS
@ settled
> GET /t?etag=b&h=X-Accel-Expires:60&h=Vary:X-Kind&echo=X-Kind
> X-Kind: two
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=a&h=X-Accel-Expires:60&h=Vary:X-Kind
< 200 REVALIDATED
= X-Kind: -
@ settled
> GET /t
< 200 HIT
< ETag: "a"
= X-Kind: -
> GET /t
> X-Kind: two
< 200 HIT
< ETag: "b"
= X-Kind: two



=== TEST 13: fastcgi_pass
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_revalidate on;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_pass 127.0.0.1:$TEST_NGINX_FASTCGI_PORT;
    }
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=a&h=X-Accel-Expires:60&h=X-Version:2
< 200 REVALIDATED
< X-Version: 2
= /t 1
@ settled
> GET /t
< 200 HIT
= /t 1



=== TEST 14: weak validators
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?h=ETag:W/"a"&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?echo=If-None-Match
< 200 EXPIRED
= If-None-Match: W/"a"



=== TEST 15: a 304 that says no-store: the page is given, and not kept any longer
--- mcache
mcache_key $uri;
mcache_revalidate on;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /t?etag=a&h=Cache-Control:max-age=1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=a&h=Cache-Control:no-store
< 200 REVALIDATED
< X-Reason: no-store
= /t 1
> GET /t?etag=a&h=Cache-Control:max-age=60
< 200 REVALIDATED



=== TEST 16: in the middle of a large body nothing is lost
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?etag=a&size=500000&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=a&size=500000&h=X-Accel-Expires:60
< 200 REVALIDATED
< Content-Length: 500000
~ \A(/t 1 )+/
@ settled
> GET /t
< 200 HIT
< Content-Length: 500000
~ \A(/t 1 )+/



=== TEST 17: a 304 that speaks of another page does not refresh this one
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /strong?h=ETag:"a"&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/strong
> GET /strong?status=304&body=&h=ETag:"b"&h=X-Accel-Expires:60
< 200 REVALIDATED
< ETag: "a"
= /strong 1
@ gone /strong
> GET /weak?h=ETag:W/"a"&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/weak
> GET /weak?status=304&body=&h=ETag:W/"b"&h=X-Accel-Expires:60
< 200 REVALIDATED
< ETag: W/"a"
= /weak 1
@ gone /weak
> GET /weaker?h=ETag:"a"&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/weaker
> GET /weaker?status=304&body=&h=ETag:W/"b"&h=X-Accel-Expires:60
< 200 REVALIDATED
< ETag: "a"
= /weaker 1
@ gone /weaker
> GET /date?h=Last-Modified:Wed,+01+Jan+2020+00:00:00+GMT&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/date
> GET /date?status=304&body=&h=Last-Modified:Thu,+02+Jan+2020+00:00:00+GMT&h=X-Accel-Expires:60
< 200 REVALIDATED
< Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT
= /date 1
@ gone /date
> GET /strong?h=ETag:"b"&h=X-Accel-Expires:60
< 200 MISS
= /strong 3



=== TEST 18: the page keeps its own tag where the 304 has it in another strength
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /weak?h=ETag:W/"a"&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/weak
> GET /weak?status=304&body=&h=ETag:"a"&h=X-Accel-Expires:60
< 200 REVALIDATED
@ settled
> GET /weak
< 200 HIT
< ETag: W/"a"
= /weak 1
> GET /strong?h=ETag:"a"&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/strong
> GET /strong?status=304&body=&h=ETag:W/"a"&h=X-Accel-Expires:60
< 200 REVALIDATED
@ settled
> GET /strong
< 200 HIT
< ETag: "a"
= /strong 1



=== TEST 19: a new date of the same tag is what clients are compared with
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?h=ETag:"a"&h=Last-Modified:Wed,+01+Jan+2020+00:00:00+GMT&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?status=304&body=&h=ETag:"a"&h=Last-Modified:Thu,+02+Jan+2020+00:00:00+GMT&h=X-Accel-Expires:60
< 200 REVALIDATED
@ settled
> GET /t
> If-Modified-Since: Thu, 02 Jan 2020 00:00:00 GMT
< 304 HIT
> GET /t
> If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT
< 200 HIT



=== TEST 20: a 304 with a field that no entry can hold: the page is served, and stays as it was
--- mcache
mcache_key $uri;
mcache_revalidate on;
add_header X-Mcache $mcache_status always;
add_header X-Reason $mcache_reason always;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1&h=X-Version:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=a&h=X-Accel-Expires:60&h=X-Version:2&h=X/A:b
< 200 REVALIDATED
< X-Reason: header-invalid
< X-Version: 1
< ! X/A
= /t 1
@ holds /t X-Version
> GET /t?etag=a&h=X-Accel-Expires:60&h=X-Version:3
< 200 REVALIDATED
< X-Version: 3
= /t 1
@ settled
> GET /t
< 200 HIT
< X-Version: 3
