# mcache_use_stale: a stale page in place of a failure, where that is allowed and nowhere else.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: each status that can be named
--- config
    mcache pages;
    mcache_key $uri;
    location /500 { mcache_use_stale http_500; proxy_pass http://origin; }
    location /502 { mcache_use_stale http_502; proxy_pass http://origin; }
    location /503 { mcache_use_stale http_503; proxy_pass http://origin; }
    location /504 { mcache_use_stale http_504; proxy_pass http://origin; }
    location /403 { mcache_use_stale http_403; proxy_pass http://origin; }
    location /404 { mcache_use_stale http_404; proxy_pass http://origin; }
    location /429 { mcache_use_stale http_429; proxy_pass http://origin; }
--- steps
> GET /500?h=X-Accel-Expires:1
< 200 MISS
> GET /502?h=X-Accel-Expires:1
< 200 MISS
> GET /503?h=X-Accel-Expires:1
< 200 MISS
> GET /504?h=X-Accel-Expires:1
< 200 MISS
> GET /403?h=X-Accel-Expires:1
< 200 MISS
> GET /404?h=X-Accel-Expires:1
< 200 MISS
> GET /429?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/429
> GET /500?status=500
< 200 STALE
= /500 1
> GET /502?status=502
< 200 STALE
= /502 1
> GET /503?status=503
< 200 STALE
= /503 1
> GET /504?status=504
< 200 STALE
= /504 1
> GET /403?status=403
< 200 STALE
= /403 1
> GET /404?status=404
< 200 STALE
= /404 1
> GET /429?status=429
< 200 STALE
= /429 1
> GET /500?status=503
< 503 EXPIRED
= /500 3
> GET /404?status=403
< 403 EXPIRED
= /404 3



=== TEST 2: nothing stale without leave
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        proxy_pass http://$arg_to;
    }
    location /off {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale off;
        proxy_pass http://$arg_to;
    }
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- steps
> GET /t?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /off?to=origin&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/off
> GET /t?to=origin&status=500
< 500 EXPIRED
= /t 2
> GET /t?to=dead
< 502 EXPIRED
> GET /off?to=origin&status=503
< 503 EXPIRED
> GET /off?to=dead
< 502 EXPIRED



=== TEST 3: error: the backend refuses the connection
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error;
        proxy_pass http://$arg_to;
    }
--- steps
> GET /t?to=origin&h=X-Accel-Expires:1&h=X-One:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?to=dead
< 200 STALE
< X-One: 1
< Content-Length: 5
<~ Age: \d+
= /t 1
> GET /t?to=origin&status=502
< 502 EXPIRED



=== TEST 4: error: the connection ends in the middle of the header
--- mcache: mcache_key $uri; mcache_use_stale error;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?cut=header
< 200 STALE
= /t 1



=== TEST 5: timeout
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale timeout;
        proxy_read_timeout 100ms;
        proxy_pass http://origin;
    }
    location /error {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error http_504;
        proxy_read_timeout 100ms;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
> GET /error?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/error
> GET /t?delay=3000
< 200 STALE
= /t 1
> GET /error?delay=3000
< 504 EXPIRED
> GET /t?status=504
< 504 EXPIRED



=== TEST 6: invalid_header
--- mcache: mcache_key $uri; mcache_use_stale invalid_header;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=Bad+Name:x
< 200 STALE
= /t 1



=== TEST 7: a page of error_page does not come in its place
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    error_page 500 502 503 504 404 /oops;
    location = /oops {
        internal;
        return 200 "oops\n";
    }
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error timeout http_500 http_502 http_404;
        proxy_read_timeout 100ms;
        proxy_pass http://$arg_to;
    }
    location /intercepted {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale http_500 http_502 http_404;
        proxy_intercept_errors on;
        proxy_pass http://origin;
    }
--- steps
> GET /t?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /intercepted?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/intercepted
> GET /t?to=dead
< 200 STALE
= /t 1
> GET /t?to=origin&delay=3000
< 200 STALE
= /t 1
> GET /t?to=origin&status=500
< 200 STALE
= /t 1
> GET /intercepted?status=500
< 200 STALE
= /intercepted 1
> GET /intercepted?status=502
< 200 STALE
= /intercepted 1
> GET /intercepted?status=404
< 200 STALE
= /intercepted 1
> GET /intercepted?status=503
< 503
= oops
> GET /cold?to=dead
< 502
= oops



=== TEST 8: a named location for errors, served by a second backend
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location @second {
        add_header X-Mcache $mcache_status always;
        rewrite ^ /second break;
        proxy_pass http://origin;
    }
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error;
        error_page 502 503 = @second;
        proxy_intercept_errors on;
        proxy_pass http://$arg_to;
    }
--- steps
> GET /t?to=origin&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?to=dead
< 200 STALE
= /t 1
> GET /cold?to=dead
< 200



=== TEST 9: proxy_next_upstream is tried first
--- http_config
    upstream half { server 127.0.0.1:1; server 127.0.0.1:$TEST_NGINX_ORIGIN_PORT backup; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error;
        proxy_pass http://half;
    }
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t
< 200 EXPIRED
= /t 2



=== TEST 10: stale-if-error of the response, without leave of the configuration
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        proxy_pass http://$arg_to;
    }
--- steps
> GET /t?to=origin&h=Cache-Control:max-age=1,+stale-if-error=60
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?to=origin&status=500
< 200 STALE
= /t 1
> GET /t?to=dead
< 200 STALE
= /t 1
> GET /t?to=origin&status=404
< 404 EXPIRED



=== TEST 11: stale-if-error ends
--- mcache: mcache_key $uri; mcache_keep_stale 1h;
--- steps
> GET /t?h=Cache-Control:max-age=1,+stale-if-error=1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /t?status=500
> GET /t?status=500
< 500 EXPIRED



=== TEST 12: must-revalidate, proxy-revalidate and no-cache forbid
--- mcache: mcache_key $uri; mcache_use_stale http_500 updating;
--- steps
> GET /must?etag=a&h=Cache-Control:max-age=1,+must-revalidate
< 200 MISS
> GET /proxy?etag=a&h=Cache-Control:max-age=1,+proxy-revalidate
< 200 MISS
> GET /may?etag=a&h=Cache-Control:max-age=1
< 200 MISS
@ status EXPIRED /expiry/must
@ status EXPIRED /expiry/proxy
@ status EXPIRED /expiry/may
> GET /must?status=500
< 500 EXPIRED
> GET /proxy?status=500
< 500 EXPIRED
> GET /may?status=500
< 200 STALE
= /may 1



=== TEST 13: HEAD, conditions and ranges are answered from the stale page
--- mcache: mcache_key $uri; mcache_use_stale http_500;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> HEAD /t?status=500
< 200 STALE
< Content-Length: 5
=
> GET /t?status=500
> If-None-Match: "a"
< 304 STALE
> GET /t?status=500
> Range: bytes=1-2
< 206 STALE
== t 



=== TEST 14: mcache_keep_stale says how long
--- mcache: mcache_key $uri; mcache_use_stale http_500; mcache_keep_stale 1s;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status STALE /t?status=500
@ status EXPIRED|MISS /t?status=500
> GET /t?status=500
<~ X-Mcache: (EXPIRED|MISS)
< 500



=== TEST 15: a location's own line replaces the server's
--- config
    mcache_use_stale http_500;
    mcache pages;
    mcache_key $uri;
    location / {
        proxy_pass http://origin;
    }
    location /off {
        mcache_use_stale off;
        proxy_pass http://origin;
    }
    location /other {
        mcache_use_stale http_503;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
> GET /off?h=X-Accel-Expires:1
< 200 MISS
> GET /other?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/off
@ status EXPIRED /expiry/other
> GET /t?status=500
< 200 STALE
> GET /off?status=500
< 500 EXPIRED
> GET /other?status=500
< 500 EXPIRED
> GET /other?status=503
< 200 STALE



=== TEST 16: SSI subrequests
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location /page {
        mcache off;
        ssi on;
        ssi_types text/plain;
        proxy_pass http://origin;
    }
    location /part {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error;
        proxy_pass http://$arg_to;
    }
--- steps
> GET /part?to=origin&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/part
> GET /page?body=<!--%23include+virtual="/part%3Fto=dead"-->!
< 200
~ \A/part 1\n!\z



=== TEST 17: the entry stays, and a backend that is well again replaces it
--- mcache: mcache_key $uri; mcache_use_stale http_500;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?status=500
< 200 STALE
> GET /t?status=500
< 200 STALE
= /t 1
> GET /t?h=X-Accel-Expires:60
< 200 EXPIRED
= /t 4
@ settled
> GET /t
< 200 HIT
= /t 4



=== TEST 18: error pages that the rewrite phase makes do not come in its place
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location @plain { return 200 "oops\n"; }
    location @temporary { return 302 /elsewhere; }
    location = /oops { return 200 "oops\n"; }
    location = /set { set $x 1; if ($x) { return 200 "oops\n"; } }
    location /t {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error http_500 http_502;
        proxy_intercept_errors on;
        proxy_pass http://$arg_to;
        location /t/named { error_page 500 502 @plain; proxy_pass http://$arg_to; }
        location /t/named-is { error_page 500 502 = @plain; proxy_pass http://$arg_to; }
        location /t/named-200 { error_page 500 502 =200 @plain; proxy_pass http://$arg_to; }
        location /t/temporary { error_page 500 502 = @temporary; proxy_pass http://$arg_to; }
        location /t/uri-is { error_page 500 502 = /oops; proxy_pass http://$arg_to; }
        location /t/uri-503 { error_page 500 502 =503 /oops; proxy_pass http://$arg_to; }
        location /t/set { error_page 500 502 = /set; proxy_pass http://$arg_to; }
        location /t/url { error_page 500 502 http://else.where/; proxy_pass http://$arg_to; }
    }
--- steps
> GET /t/named?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /t/named-is?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /t/named-200?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /t/temporary?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /t/uri-is?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /t/uri-503?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /t/set?to=origin&h=X-Accel-Expires:1
< 200 MISS
> GET /t/url?to=origin&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t/url
> GET /t/named?to=dead
< 200 STALE
= /t/named 1
> GET /t/named-is?to=dead
< 200 STALE
= /t/named-is 1
> GET /t/named-is?to=origin&status=500
< 200 STALE
= /t/named-is 1
> GET /t/named-200?to=dead
< 200 STALE
= /t/named-200 1
> GET /t/temporary?to=dead
< 200 STALE
= /t/temporary 1
> GET /t/uri-is?to=dead
< 200 STALE
= /t/uri-is 1
> GET /t/uri-503?to=dead
< 200 STALE
= /t/uri-503 1
> GET /t/set?to=dead
< 200 STALE
= /t/set 1
> GET /t/url?to=dead
< 200 STALE
= /t/url 1
