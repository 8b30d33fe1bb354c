# What nginx does with the response of an upstream, it does with a hit too, as it does with a hit of
# proxy_cache.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Mcache::Parity;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: $upstream_http_*, of fields that are sent and that are not
--- alike
    CACHE_valid 1m;
    proxy_hide_header X-Hidden;
    proxy_hide_header Cache-Control;
    add_header X-Sent "[$upstream_http_x_sent]";
    add_header X-Of-Hidden "[$upstream_http_x_hidden]";
    add_header X-Of-Cache-Control "[$upstream_http_cache_control]";
    add_header X-Of-Server "[$upstream_http_server]";
    add_header X-Of-Accel "[$upstream_http_x_accel_expires]";
    add_header X-Of-Type "[$upstream_http_content_type]";
    add_header X-Of-Length "[$upstream_http_content_length]";
    add_header X-Of-Age "[$upstream_http_age]";
    add_header X-Of-Link "[$upstream_http_link]";
    add_header X-Of-None "[$upstream_http_none]";
    add_header X-Of-Tag "[$upstream_http_etag]";
--- asked
/@/t?body=x&h=X-Sent:1&h=X-Hidden:2&h=Cache-Control:max-age=60&h=Server:app&h=X-Accel-Expires:60&h=Age:7&h=Link:a&h=Link:b&etag=v | but none Etag
/@/bare?body=x



=== TEST 2: ... in other modules' directives
--- http_config
    map $upstream_http_x_tenant $allowed { blue https://blue.example; default ""; }
--- config
    location = /who {
        internal;
        mcache pages;
        mcache_key who;
        mcache_valid 1m;
        proxy_pass http://origin/who?h=X-User:alice;
    }
    location /guarded {
        auth_request /who;
        auth_request_set $user $upstream_http_x_user;
        proxy_set_header X-User $user;
        proxy_pass http://origin;
    }
    location /app {
        mcache pages;
        mcache_valid 1m;
        proxy_hide_header X-Tenant;
        add_header Access-Control-Allow-Origin $allowed;
        proxy_pass http://origin;
    }
--- steps
> GET /guarded?echo=X-User
= X-User: alice
@ stored who
> GET /guarded?echo=X-User
= X-User: alice
> GET /app?h=X-Tenant:blue
< Access-Control-Allow-Origin: https://blue.example
@ settled
> GET /app?h=X-Tenant:blue
< Access-Control-Allow-Origin: https://blue.example
< ! X-Tenant
@ count /who
= 1



=== TEST 3: what came from no upstream has no such fields
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        add_header X-Mcache $mcache_status always;
        add_header X-Of-Type "[$upstream_http_content_type]";
        empty_gif;
    }
--- steps
> GET /t
< 200 MISS
< X-Of-Type: []
@ settled
> GET /t
< 200 HIT
< X-Of-Type: []



=== TEST 4: neither cookies nor hop-by-hop fields lie in memcached
--- mcache
mcache_valid 1m;
mcache_ignore_headers Set-Cookie;
add_header X-Mcache $mcache_status always;
add_header X-Of "[$upstream_http_set_cookie$upstream_cookie_a$upstream_http_x_hop]";
--- steps
> GET /t?h=Set-Cookie:a=secret&h=Connection:X-Hop&h=X-Hop:secret
< 200 MISS
@ settled
> GET /t?h=Set-Cookie:a=secret&h=Connection:X-Hop&h=X-Hop:secret
< 200 HIT
< X-Of: []



=== TEST 5: a 304 updates them
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_revalidate on;
proxy_hide_header X-Hidden;
proxy_hide_header X-Stays;
add_header X-Mcache $mcache_status always;
add_header X-Of "[$upstream_http_x_hidden$upstream_http_x_stays]";
--- steps
> GET /t?etag=v&h=X-Accel-Expires:1&h=X-Hidden:old&h=X-Stays:!
< 200 MISS
< X-Of: [old!]
@ status EXPIRED /expiry/t
> GET /t?etag=v&h=X-Accel-Expires:60&h=X-Hidden:new
< 200 REVALIDATED
< X-Of: [new!]
@ settled
> GET /t
< 200 HIT
< X-Of: [new!]



=== TEST 6: of a stale page the page's, not those of the answer that it stands in for
--- parity
    CACHE_use_stale http_503;
    proxy_hide_header X-Hidden;
    add_header X-Of "[$upstream_http_x_hidden]" always;
--- steps
> GET /@/t?h=X-Hidden:page&h=X-Accel-Expires:1
< 200 MISS
< X-Of: [page]
@ status STALE /@/t?status=503
> GET /@/t?status=503&h=X-Hidden:error
< 200 STALE
< X-Of: [page]



=== TEST 7: X-Accel-Charset and X-Accel-Limit-Rate
--- alike
    CACHE_valid 1m;
    charset utf-8;
    limit_rate 4k;
    add_header X-Rate $limit_rate;
--- asked
/@/t?body=x
/@/charset?body=x&h=Content-Type:text/html&h=X-Accel-Charset:koi8-r
/@/rate?body=x&h=X-Accel-Limit-Rate:70000
/@/both?body=x&h=Content-Type:text/html&h=X-Accel-Limit-Rate:0&h=X-Accel-Charset:koi8-r
/@/odd?body=x&h=X-Accel-Limit-Rate:many



=== TEST 8: ... where they are ignored
--- alike
    CACHE_valid 1m;
    charset utf-8;
    proxy_ignore_headers X-Accel-Charset X-Accel-Limit-Rate;
    add_header X-Rate $limit_rate;
    add_header X-Of "$upstream_http_x_accel_charset $upstream_http_x_accel_limit_rate";
--- asked
/@/both?body=x&h=Content-Type:text/html&h=X-Accel-Limit-Rate:5&h=X-Accel-Charset:koi8-r



=== TEST 9: proxy_redirect, for the request at hand
--- parity
    CACHE_valid 1m;
    proxy_redirect http://app/ $scheme://$http_x_site/;
    proxy_redirect ~^http://(old)(.*) http://$arg_new$2;
--- steps
> GET /@/a?status=302&h=Location:http://app/login
> X-Site: one.a.rather.long.one.example
< 302 MISS
< Location: http://one.a.rather.long.one.example/login
@ settled
> GET /@/a
> X-Site: b
< 302 HIT
< Location: http://b/login
<!~ Location:.*\r\n(.*\r\n)*Location:.*
> GET /@/a
> X-Site: three.a.rather.long.one.example
< 302 HIT
< Location: http://three.a.rather.long.one.example/login
> GET /@/short?status=302&h=Location:http://app/login
> X-Site: b
< 302 MISS
< Location: http://b/login
@ settled
> GET /@/short
> X-Site: c
< 302 HIT
< Location: http://c/login
> GET /@/regex?new=a&status=301&h=Location:http://old/x
< 301 MISS
< Location: http://a/x
@ settled
> GET /@/regex?new=b
< 301 HIT
< Location: http://b/x
> GET /@/refresh?h=Refresh:5;+url=http://app/x&body=x
> X-Site: b
< 200 MISS
< Refresh: 5; url=http://b/x
@ settled
> GET /@/refresh
> X-Site: c
< 200 HIT
< Refresh: 5; url=http://c/x
== x
> GET /@/relative?status=302&h=Location:/x
< 302 MISS
< Location: /x
@ settled
> GET /@/relative
< 302 HIT
< Location: /x
> HEAD /@/a
> X-Site: d
< 302 HIT
< Location: http://d/login



=== TEST 10: ... by other rules
--- alike
    CACHE_valid any 1m;
--- asked
/@/a?status=302&h=Location:http://origin/x&body=x
/@/b?status=302&h=Location:http://elsewhere/x&body=x
/@/c?status=302&h=Location:x&body=x
/@/d?status=201&h=Location:&body=x
/@/e?body=x&h=Refresh:5
/@/f?body=x&h=Refresh:5;+URL=http://origin/x



=== TEST 11: ... where there are none
--- alike
    CACHE_valid any 1m;
    proxy_redirect off;
--- asked
/@/a?status=302&h=Location:http://origin/x&body=x
/@/b?status=302&h=Location:/x&body=x
/@/c?status=302&h=Location:x&body=x
/@/d?body=x&h=Refresh:5;+url=http://origin/x



=== TEST 12: ... on a page that was fetched by variables, with the body of a request, in a subrequest
--- config
    location /a {
        mcache pages;
        mcache_key $uri;
        mcache_methods GET POST;
        mcache_valid 1m;
        set $to origin;
        proxy_redirect http://origin/ http://$http_host/;
        proxy_pass http://$to;
    }
    location /ssi {
        ssi on;
        proxy_pass http://origin;
    }
--- steps
> GET /a/t?status=302&h=Location:http://origin/x&body=x
< 302 MISS
@ settled
> POST /a/t\nsome=body
< 302 HIT
<~ Location: http://localhost(:\d+)?/x
== x
> POST /a/t\nsome=body
< 302 HIT
> GET /ssi?h=Content-Type:text/html&body=<!--%23%20include%20virtual="/a/t"%20-->.
== x.



=== TEST 13: the status line
--- alike
    CACHE_valid any 1m;
--- asked
/@/ok?body=x
/@/found?body=x&status=302&h=Location:/x
/@/missing?body=x&status=404
/@/nothing?status=204&size=0&framing=close
/@/odd?body=x&status=299



=== TEST 14: Age, and a Date that is as old, beside a time that counts from now
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        expires 1h;
        proxy_pass http://origin;
    }
    location /off {
        mcache pages;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /by-variable {
        mcache pages;
        mcache_valid 1m;
        expires $arg_e;
        proxy_pass http://origin;
    }
    location /add {
        mcache pages;
        mcache_valid 1m;
        add_header X-Mcache $mcache_status always;
        add_header Cache-Control max-age=9;
        proxy_pass http://origin;
    }
    location /say-else {
        mcache pages;
        mcache_valid 1m;
        add_header X-Mcache $mcache_status always;
        add_header Cache-Control immutable;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=Age:7&h=Date:Wed,+01+Jan+2020+00:00:00+GMT
< 200 MISS
> GET /two?h=Age:7&h=Cache-Control:max-age=60&h=Cache-Control:public&h=Expires:Wed,+01+Jan+2020+00:00:00+GMT
< 200 MISS
> GET /off?h=Age:7&h=Cache-Control:max-age=60
< 200 MISS
> GET /by-variable?h=Age:7&e=off
< 200 MISS
> GET /by-variable?h=Age:7&e=1h
< 200 MISS
> GET /add?h=Age:7
< 200 MISS
> GET /add/both?h=Age:7&h=Cache-Control:max-age=60
< 200 MISS
> GET /say-else?h=Age:7&h=Cache-Control:max-age=60
< 200 MISS
@ settled
> GET /t?h=Age:7&h=Date:Wed,+01+Jan+2020+00:00:00+GMT
< 200 HIT
< Cache-Control: max-age=3600
< ! Age
<!~ Date: .*2020.*
<~ Date: .*
> GET /two?h=Age:7&h=Cache-Control:max-age=60&h=Cache-Control:public&h=Expires:Wed,+01+Jan+2020+00:00:00+GMT
< 200 HIT
< Cache-Control: max-age=3600
< ! Age
> GET /off?h=Age:7&h=Cache-Control:max-age=60
< 200 HIT
<~ Age: ([7-9]|\d\d)
> GET /by-variable?h=Age:7&e=off
< 200 HIT
<~ Age: ([7-9]|\d\d)
> GET /by-variable?h=Age:7&e=1h
< 200 HIT
< ! Age
> GET /add?h=Age:7
< 200 HIT
< ! Age
> GET /add/both?h=Age:7&h=Cache-Control:max-age=60
< 200 HIT
<~ Age: ([7-9]|\d\d)
> GET /say-else?h=Age:7&h=Cache-Control:max-age=60
< 200 HIT
<~ Age: ([7-9]|\d\d)



=== TEST 15: proxy_cache in the same location: its hit is the upstream's response, as old as it is
--- http_config
    proxy_cache_path html/below keys_zone=below:1m;
--- config
    proxy_cache below;
    proxy_cache_key $path;
    proxy_cache_valid any 1m;
    location ~ ^/below(?<path>/.*) {
        proxy_ignore_headers Cache-Control X-Accel-Expires;
        proxy_pass http://origin$path?$args;
    }
    location ~ ^(?<path>/.*) {
        mcache pages;
        mcache_key $path;
        mcache_valid any 1h;
        add_header X-Mcache $mcache_status always;
        add_header X-Below $upstream_cache_status always;
        add_header X-Of $upstream_http_x_accel_expires always;
        add_header X-Reason $mcache_reason always;
        add_header X-Age $mcache_age always;
        add_header X-TTL $mcache_ttl always;
        proxy_hide_header Cache-Control;
        proxy_pass http://origin$path?$args;
    }
--- steps
> GET /below/accel?h=X-Accel-Expires:90
< 200
> GET /below/zero?h=X-Accel-Expires:0
< 200
> GET /below/private?h=Cache-Control:private
< 200
> GET /below/control?h=Cache-Control:max-age=100&h=Age:30
< 200
> GET /below/missing?status=404&h=Cache-Control:max-age=100&h=Date:Wed,+01+Jan+2020+00:00:00+GMT
< 404
> GET /accel
< 200 MISS
< X-Below: HIT
> GET /zero
< 200 MISS
< X-Below: HIT
< X-Reason: accel-expires
> GET /private
< 200 MISS
< X-Below: HIT
< X-Reason: private
> GET /control
< 200 MISS
< X-Below: HIT
> GET /missing
< 404 MISS
< X-Below: HIT
< X-Reason: already-stale
@ settled
> GET /accel
< 200 HIT
<~ X-TTL: (90|[1-8]\d)
< X-Of: 90
> GET /control
< 200 HIT
<~ X-TTL: (70|[1-6]\d)
<~ X-Age: ([3-9]\d)



=== TEST 16: mirror: with and without the request's body
--- config
    location = /copy {
        internal;
        proxy_pass http://origin/copied?echo=X-Copy;
    }
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_methods GET HEAD POST;
        mcache_valid 1m;
        mirror /copy;
        proxy_pass http://origin;
    }
    location /bodiless {
        mcache pages;
        mcache_key $uri;
        mcache_methods GET HEAD POST;
        mcache_valid 1m;
        mirror /copy;
        mirror /copy;
        mirror_request_body off;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
= /t 1
> POST /t\nsome=body
< 200 HIT
= /t 1
@ counted 3 /copied
> GET /bodiless
< 200 MISS
@ stored /bodiless
> GET /bodiless
< 200 HIT
> POST /bodiless\nsome=body
< 200 HIT
= /bodiless 1
@ counted 9 /copied



=== TEST 17: proxy_redirect and X-Accel-* of a stale page
--- parity
    CACHE_use_stale http_503 error;
    proxy_redirect http://app/ http://$http_x_site/;
    charset utf-8;
    add_header X-Rate $limit_rate always;
--- steps
> GET /@/t?h=X-Accel-Expires:1&status=302&h=Location:http://app/login&h=X-Accel-Charset:koi8-r&h=Content-Type:text/html&h=X-Accel-Limit-Rate:70000
> X-Site: a
< 302 MISS
< Location: http://a/login
@ status STALE /@/t?status=503
> GET /@/t?status=503&h=Location:http://app/error&h=X-Error:1
> X-Site: another.example
< 302 STALE
< Location: http://another.example/login
<!~ Location:.*\r\n(.*\r\n)*Location:.*
< ! X-Error
< Content-Type: text/html
< X-Rate: 70000
> GET /@/t?to=dead
> X-Site: b
< 302 STALE
< Location: http://b/login



=== TEST 18: ... of a page that a 304 confirmed
--- mcache
mcache_key $uri;
mcache_revalidate on;
proxy_redirect http://app/ http://$http_x_site/;
add_header X-Mcache $mcache_status always;
add_header X-Of $upstream_http_location always;
--- steps
> GET /t?etag=v&h=X-Accel-Expires:1&h=Refresh:5;+url=http://app/login&body=x
> X-Site: a
< 200 MISS
< Refresh: 5; url=http://a/login
@ status EXPIRED /expiry/t
> GET /t?etag=v&h=X-Accel-Expires:60
> X-Site: b
< 200 REVALIDATED
< Refresh: 5; url=http://b/login
== x
@ settled
> GET /t
> X-Site: c
< 200 HIT
< Refresh: 5; url=http://c/login
