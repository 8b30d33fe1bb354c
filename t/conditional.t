# If-None-Match and If-Modified-Since, on hits and on fills.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: If-None-Match on a hit
--- mcache: mcache_valid 1m;
--- steps
> GET /t?etag=one
< 200 MISS
< ETag: "one"
@ stored http://localhost/t?etag=one
> GET /t?etag=one
> If-None-Match: "one"
< 304 HIT
< ETag: "one"
< ! Content-Length
< ! Content-Type
> GET /t?etag=one
> If-None-Match: W/"one"
< 304 HIT
> GET /t?etag=one
> If-None-Match: "zero", "one"
< 304 HIT
> GET /t?etag=one
> If-None-Match: *
< 304 HIT
> GET /t?etag=one
> If-None-Match: "two"
< 200 HIT
= /t 1
> HEAD /t?etag=one
> If-None-Match: "one"
< 304 HIT
@ count /t
= 1



=== TEST 2: If-Modified-Since on a hit
--- mcache: mcache_valid 1m;
--- steps
> GET /t?lm=Wed,+01+Jan+2020+00:00:00+GMT
< 200 MISS
@ stored http://localhost/t?lm=Wed,+01+Jan+2020+00:00:00+GMT
> GET /t?lm=Wed,+01+Jan+2020+00:00:00+GMT
> If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT
< 304 HIT
< Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT
> GET /t?lm=Wed,+01+Jan+2020+00:00:00+GMT
> If-Modified-Since: Tue, 31 Dec 2019 23:59:59 GMT
< 200 HIT
= /t 1
@ count /t
= 1



=== TEST 3: If-None-Match goes before If-Modified-Since
--- mcache: mcache_valid 1m;
--- steps
> GET /t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
< 200 MISS
@ stored http://localhost/t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
> GET /t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
> If-None-Match: "two"
> If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT
< 200 HIT
= /t 1



=== TEST 4: If-Match and If-Unmodified-Since on a hit
--- mcache: mcache_valid 1m;
--- steps
> GET /t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
< 200 MISS
@ stored http://localhost/t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
> GET /t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
> If-Match: "two"
< 412 HIT
> GET /t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
> If-Match: "one"
< 200 HIT
> GET /t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
> If-Unmodified-Since: Tue, 31 Dec 2019 23:59:59 GMT
< 412 HIT



=== TEST 5: on a fill they stay here: the whole response is stored, and nginx answers the client
--- mcache: mcache_valid 1m;
--- steps
> GET /none-match?etag=one
> If-None-Match: "one"
< 304 MISS
@ stored http://localhost/none-match?etag=one
> GET /none-match?etag=one
< 200 HIT
= /none-match 1
> GET /modified?lm=Wed,+01+Jan+2020+00:00:00+GMT
> If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT
< 304 MISS
@ stored http://localhost/modified?lm=Wed,+01+Jan+2020+00:00:00+GMT
> GET /modified?lm=Wed,+01+Jan+2020+00:00:00+GMT
< 200 HIT
= /modified 1



=== TEST 6: what the backend sees of them on a fill
--- mcache: mcache_valid 1m;
--- steps
> GET /a?echo=If-None-Match
> If-None-Match: "x"
< 200 MISS
= If-None-Match: -
> GET /b?echo=If-Modified-Since
> If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT
< 200 MISS
= If-Modified-Since: -
> GET /c?echo=If-Match
> If-Match: "x"
<~ X-Mcache: MISS
< 412
> GET /d?echo=If-Range
> If-Range: "x"
< 200 MISS
= If-Range: -
> GET /e?echo=If-Unmodified-Since
> If-Unmodified-Since: Fri, 01 Jan 2100 00:00:00 GMT
< 200 MISS
= If-Unmodified-Since: -
> GET /f?echo=X-Other
> X-Other: stays
> If-None-Match: "x"
> Range: bytes=0-0
< 206 MISS
@ stored http://localhost/f?echo=X-Other
> GET /f?echo=X-Other
< 200 HIT
= X-Other: stays



=== TEST 7: static files
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        root html;
    }
--- user_files
>>> t.txt 202001010000.00
static
--- steps
> GET /t.txt
> If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT
< 304 MISS
@ stored http://localhost/t.txt
> GET /t.txt
> If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT
< 304 HIT
> GET /t.txt
< 200 HIT
= static



=== TEST 8: the access log has the client's request as it came
--- http_config
    log_format seen 'seen=$http_if_none_match';
    access_log logs/seen.log seen;
--- mcache
mcache_valid 1m;
add_header X-Seen $http_if_none_match;
add_header X-Mcache $mcache_status;
--- steps
> GET /t?etag=one
> If-None-Match: "two"
< 200 MISS
< X-Seen: "two"



=== TEST 9: If-Unmodified-Since counts where there is no If-Match, and a date on both sides
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t?etag=one&lm=Wed,+01+Jan+2020+00:00:00+GMT
< 200 MISS
@ stored /t
> GET /t
> If-Unmodified-Since: Tue, 31 Dec 2019 23:59:59 GMT
< 412 HIT
> GET /t
> If-Match: "one"
> If-Unmodified-Since: Tue, 31 Dec 2019 23:59:59 GMT
< 200 HIT
= /t 1
> GET /t
> If-Unmodified-Since: yesterday
< 200 HIT
= /t 1
> GET /undated
< 200 MISS
@ stored /undated
> GET /undated
> If-Unmodified-Since: Wed, 01 Jan 2020 00:00:00 GMT
< 200 HIT
= /undated 1



=== TEST 10: a condition or a range that fails on a page that stands in for an error
--- http_config
    upstream dead { server 127.0.0.1:1; }
    map $arg_to $to { default origin; dead dead; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error http_500;
        proxy_pass http://$to$request_uri;
    }
--- steps
> GET /t?body=0123456789&etag=one&h=X-Accel-Expires:1
< 200 MISS
@ status STALE /t?to=dead
> GET /t?to=dead
> If-Match: "two"
< 412 STALE
~ \A<html>\r\n<head><title>412 Precondition Failed
> GET /t?to=dead
> Range: bytes=20-
< 416
< Content-Range: bytes */10
~ \A<html>\r\n<head><title>416 Requested Range Not Satisfiable
> GET /t?status=500
> If-Match: "two"
< 412 STALE
~ \A<html>\r\n<head><title>412 Precondition Failed
> GET /t?status=500
> Range: bytes=20-
< 416
< Content-Range: bytes */10
~ \A<html>\r\n<head><title>416 Requested Range Not Satisfiable
> GET /t?to=dead
> Range: bytes=2-4
< 206 STALE
== 234
--- no_error_log
[alert]



=== TEST 11: the same on one that was revalidated
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
> GET /t?body=0123456789&etag=one&h=X-Accel-Expires:1
< 200 MISS
@ status REVALIDATED /t?body=0123456789&etag=one&h=X-Accel-Expires:1
> GET /u?body=0123456789&etag=one&h=X-Accel-Expires:1
< 200 MISS
@ status REVALIDATED /t?body=0123456789&etag=one&h=X-Accel-Expires:1
@ status REVALIDATED /t?body=0123456789&etag=one&h=X-Accel-Expires:1
> GET /u?body=0123456789&etag=one&h=X-Accel-Expires:60
> If-Match: "two"
< 412 REVALIDATED
~ \A<html>\r\n<head><title>412 Precondition Failed



=== TEST 12: error_page for a condition or a range that fails on a page
--- config
    error_page 412 /unmet;
    error_page 416 /unsatisfiable;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location = /unmet { mcache pages; return 200 unmet; }
    location /empty {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        error_page 416 = /nothing;
        proxy_pass http://origin;
    }
    location = /nothing { return 204; }
--- steps
> GET /t?etag=one
< 200 MISS
> GET /empty
< 200 MISS
@ stored /t
@ stored /empty
> GET /t
> If-Match: "two"
< 412
== unmet
> GET /t
> Range: bytes=1000-
< 416
= /unsatisfiable 1
> GET /empty
> Range: bytes=1000-
< 204
> GET /t
> If-Match: "one"
< 200 HIT
= /t 1
