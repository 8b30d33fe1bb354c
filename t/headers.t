# A hit has the origin's status and headers.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: headers of every kind
--- mcache: mcache_valid 1m;
--- steps
> GET /t?h=Content-Type:text/html;+charset=utf-8&h=X-One:1&h=Link:a&h=Link:b&h=Content-Language:de&h=Content-Disposition:inline&h=Cache-Control:max-age=60&h=Last-Modified:Wed,+01+Jan+2020+00:00:00+GMT&h=ETag:W/"weak"&h=X-Empty:
< 200 MISS
@ stored http://localhost/t?h=Content-Type:text/html;+charset=utf-8&h=X-One:1&h=Link:a&h=Link:b&h=Content-Language:de&h=Content-Disposition:inline&h=Cache-Control:max-age=60&h=Last-Modified:Wed,+01+Jan+2020+00:00:00+GMT&h=ETag:W/"weak"&h=X-Empty:
> GET /t?h=Content-Type:text/html;+charset=utf-8&h=X-One:1&h=Link:a&h=Link:b&h=Content-Language:de&h=Content-Disposition:inline&h=Cache-Control:max-age=60&h=Last-Modified:Wed,+01+Jan+2020+00:00:00+GMT&h=ETag:W/"weak"&h=X-Empty:
< 200 HIT
< Content-Type: text/html; charset=utf-8
< X-One: 1
<~ Link: a\r\n(.*\r\n)*Link: b
< Content-Language: de
< Content-Disposition: inline
< Cache-Control: max-age=60
< Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT
< ETag: W/"weak"
<~ X-Empty: ?
< Content-Length: 5
<~ Date: \w+, \d\d \w+ \d+ [\d:]+ GMT
<!~ Content-Type:.*\r\n(.*\r\n)*Content-Type:.*
<!~ Content-Length:.*\r\n(.*\r\n)*Content-Length:.*
<!~ Date:.*\r\n(.*\r\n)*Date:.*
= /t 1



=== TEST 2: hop-by-hop headers, and those that Connection names, are not stored
--- mcache: mcache_valid 1m;
--- steps
> GET /t?h=Connection:X-Hop&h=X-Hop:1&h=Keep-Alive:timeout=5&h=Proxy-Connection:close&h=Proxy-Authenticate:Basic&h=Trailer:X-T&h=Upgrade:h2c&h=TE:trailers&h=X-Stays:1
< 200 MISS
@ stored http://localhost/t?h=Connection:X-Hop&h=X-Hop:1&h=Keep-Alive:timeout=5&h=Proxy-Connection:close&h=Proxy-Authenticate:Basic&h=Trailer:X-T&h=Upgrade:h2c&h=TE:trailers&h=X-Stays:1
> GET /t?h=Connection:X-Hop&h=X-Hop:1&h=Keep-Alive:timeout=5&h=Proxy-Connection:close&h=Proxy-Authenticate:Basic&h=Trailer:X-T&h=Upgrade:h2c&h=TE:trailers&h=X-Stays:1
< 200 HIT
< X-Stays: 1
< ! X-Hop
< ! Keep-Alive
< ! Proxy-Connection
< ! Proxy-Authenticate
< ! Trailer
< ! Upgrade
< ! TE



=== TEST 3: redirects, absolute and relative
--- mcache: mcache_valid 1m;
--- steps
> GET /a?status=301&h=Location:http://elsewhere/x
< 301 MISS
< Location: http://elsewhere/x
@ stored http://localhost/a?status=301&h=Location:http://elsewhere/x
> GET /a?status=301&h=Location:http://elsewhere/x
< 301 HIT
< Location: http://elsewhere/x
> GET /b?status=302&h=Location:/x
< 302 MISS
< Location: /x
@ stored http://localhost/b?status=302&h=Location:/x
> GET /b?status=302&h=Location:/x
< 302 HIT
< Location: /x
> GET /c?status=301&h=Location:http://origin/x
< 301 MISS
<~ Location: http://localhost(:\d+)?/x
@ stored http://localhost/c?status=301&h=Location:http://origin/x
> GET /c?status=301&h=Location:http://origin/x
< 301 HIT
<~ Location: http://localhost(:\d+)?/x



=== TEST 4: other statuses, with their bodies
--- mcache: mcache_valid any 1m;
--- steps
> GET /gone?status=410
< 410 MISS
= /gone 1
> GET /missing?status=404
< 404 MISS
= /missing 1
> GET /odd?status=299
< 299 MISS
> GET /error?status=503&h=Retry-After:9
< 503 MISS
@ stored http://localhost/gone?status=410
@ stored http://localhost/missing?status=404
@ stored http://localhost/odd?status=299
@ stored http://localhost/error?status=503&h=Retry-After:9
> GET /gone?status=410
< 410 HIT
= /gone 1
> GET /missing?status=404
< 404 HIT
= /missing 1
> GET /odd?status=299
< 299 HIT
= /odd 1
> GET /error?status=503&h=Retry-After:9
< 503 HIT
< Retry-After: 9
= /error 1



=== TEST 5: empty bodies
--- mcache: mcache_valid any 1m; proxy_http_version 1.1;
--- steps
> GET /a?size=0
< 200 MISS
=
@ stored http://localhost/a?size=0
> GET /a?size=0
< 200 HIT
< Content-Length: 0
=
> GET /b?status=204&size=0
< 204 MISS
@ stored http://localhost/b?status=204&size=0
> GET /b?status=204&size=0
< 204 HIT
=
> GET /c?size=0&framing=chunked
< 200 MISS
=
@ stored http://localhost/c?size=0&framing=chunked
> GET /c?size=0&framing=chunked
< 200 HIT
=
@ count /c
= 1



=== TEST 6: bodies without Content-Length
--- mcache: mcache_valid 1m; proxy_http_version 1.1;
--- steps
> GET /chunked?framing=chunked&size=10000
< 200 MISS
@ stored http://localhost/chunked?framing=chunked&size=10000
> GET /chunked?framing=chunked&size=10000
< 200 HIT
< Content-Length: 10000
~ \A/chunked 1 /chunked 1 
> GET /close?framing=close&size=10000
< 200 MISS
@ stored http://localhost/close?framing=close&size=10000
> GET /close?framing=close&size=10000
< 200 HIT
< Content-Length: 10000



=== TEST 7: no Content-Type where the origin sent none
--- mcache: mcache_valid 1m;
--- steps
> GET /t?notype=1
< 200 MISS
< ! Content-Type
@ stored http://localhost/t?notype=1
> GET /t?notype=1
< 200 HIT
< ! Content-Type



=== TEST 8: what the proxy hides or passes of the origin's header is so on a hit as well
--- mcache: proxy_hide_header X-Hidden; proxy_pass_header Server;
--- steps
> GET /t?h=X-Accel-Expires:60&h=X-Hidden:1&h=Server:origin/1
< 200 MISS
< ! X-Accel-Expires
< ! X-Hidden
< Server: origin/1
@ stored http://localhost/t?h=X-Accel-Expires:60&h=X-Hidden:1&h=Server:origin/1
> GET /t?h=X-Accel-Expires:60&h=X-Hidden:1&h=Server:origin/1
< 200 HIT
< ! X-Accel-Expires
< ! X-Hidden
< Server: origin/1



=== TEST 9: many headers and long ones
--- mcache: mcache_valid 1m; proxy_buffer_size 32k; proxy_buffers 4 32k;
--- steps eval
my $query = CORE::join '&', map { "h=X-H$_:" . $_ x 20 } 10 .. 69;
my $checks = CORE::join '', map { "< X-H$_: " . $_ x 20 . "\n" } 10 .. 69;
"> GET /t?$query\n< 200 MISS\n\@ status HIT /t?$query\n> GET /t?$query\n< 200 HIT\n$checks"



=== TEST 10: a gzip-encoded response is stored as it came
--- mcache: mcache_valid 1m;
--- steps
> GET /t?gzip=1
< 200 MISS
< Content-Encoding: gzip
@ stored http://localhost/t?gzip=1
> GET /t?gzip=1
< 200 HIT
< Content-Encoding: gzip
~ \A\x1f\x8b
