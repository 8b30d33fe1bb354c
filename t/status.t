# mcache_status: the figures as JSON, for Prometheus and as a page.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: each status is counted, with its reason and its bytes
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_bypass $http_x_bypass;
        mcache_ignore ^/ignored;
        proxy_pass http://origin;
    }
    location = /status { mcache_status; }
--- steps
> GET /t?h=X-Accel-Expires:60
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
= /t 1
> HEAD /t
< 200 HIT
> GET /t
> X-Bypass: 1
< 200 BYPASS
> GET /ignored
< 200 BYPASS
> GET /private?h=Cache-Control:private
< 200 MISS
> GET /status?format=json
< 200
< Content-Type: application/json
< Cache-Control: no-store
< ! X-Mcache
~ "requests":\{"aborted":0,"hit":2,"miss":2,"bypass":2,"expired":0,"stale":0,"updating":0,"revalidated":0,"down":0\},"served_bytes":5,"spared_bytes":10,"fills":3,"fills_in_flight":0,
~ "ignored":1,"bypass":0,
~ "hit":\{"miss":1,
~ "private":1,
~ "gets":\{"hit":3,"miss":2\},"stores":\{"stored":[12],
~ "in_use":true,



=== TEST 2: stale and expired pages, a refresh, a fill
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale updating;
        mcache_background_update on;
        proxy_pass http://origin;
    }
    location = /status { mcache_status json; }
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:60
< 200 STALE
@ status HIT /t
> GET /status
~ "stale":1,"updating":\d+,
~ "background_refreshes":1,
~ "fills_in_flight":0,



=== TEST 3: memcached is away
--- config
    location / {
        mcache pages;
        proxy_pass http://origin;
    }
    location = /status { mcache_status; }
--- steps
@ memcached kill
> GET /t
< 200 DOWN
> GET /t
< 200 DOWN
> GET /status?format=json
~ "down":2\}
~ "in_use":false
~ "command_failures":\{"down":1,"timeout":0,"garbage":0,"refused":0\},"not_asked":1,
~ "connections":0,"connects":\d+,"connection_failures":1,
> GET /status?format=prometheus
~ ^mcache_requests_total\{status="down"\} 2$
~ ^mcache_memcached_in_use\{pool="pages",server="$TEST_NGINX_MEMCACHED"\} 0$
~ ^mcache_reasons_total\{stage="hit",reason="down"\} 2$



=== TEST 4: purges, by kind
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_purge $http_x_purge;
        mcache_purge_tags $http_x_purge_tags;
        mcache_invalidate on;
        proxy_pass http://origin;
    }
    location = /status { mcache_status json; }
--- steps
> GET /t
> X-Purge: 1
< 404
> GET /t
> X-Purge: 1
> Purge-Key: /a*
< 200
> GET /t
> X-Purge: 1
> X-Purge-Tags: red blue
< 204
> POST /t\nx
< 200 BYPASS
> GET /status
~ "requests":\{"aborted":0,"hit":0,"miss":0,"bypass":1,
~ "purges":\{"page":1,"prefix":1,"tag":2,"method":1\},"purge_failures":0,



=== TEST 5: a reload loses nothing, and a worker that goes takes its gauges along
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location = /status { mcache_status; }
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
@ reload
> GET /t
< 200 HIT
> GET /status?format=json
~ "hit":2,"miss":1,
~ "fills_in_flight":0,
@ quit worker
> GET /status?format=json
~ "hit":2,"miss":1,



=== TEST 6: GET and HEAD, and the formats that a location has
--- config
    location = /all { mcache_status; }
    location = /page { mcache_status html; }
    location = /json { mcache_status json; }
    location = /metrics { mcache_status prometheus; }
--- steps
> GET /all
< 200
< Content-Type: text/html; charset=utf-8
< Cache-Control: no-store
< X-Content-Type-Options: nosniff
<~ Content-Security-Policy: default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; script-src 'sha256-[A-Za-z0-9+/]{43}='; connect-src 'self'; img-src data:; .*
~ ^<!doctype html>
~ data-prometheus
> HEAD /all
< 200
< Content-Type: text/html; charset=utf-8
=
> POST /all\nx
< 405
> GET /all?format=json
< Content-Type: application/json
> GET /all?format=prometheus
< Content-Type: text/plain; version=0.0.4; charset=utf-8
> GET /all?format=xml
< 404
> GET /page
< Content-Type: text/html; charset=utf-8
> GET /page?format=json
< Content-Type: application/json
> GET /page?format=prometheus
< 404
> GET /json
< Content-Type: application/json
> GET /json?format=html
< 404
> GET /metrics
< Content-Type: text/plain; version=0.0.4; charset=utf-8
~ ^# HELP mcache_requests_total 
~ ^# TYPE mcache_requests_total counter$
> GET /metrics?format=json
< 404



=== TEST 7: the location says who may see it, and is no page itself
--- config
    mcache pages;
    mcache_key $uri;
    location = /status {
        mcache_status;
        deny all;
    }
    location = /open { mcache_status json; }
--- steps
> GET /status
< 403
> GET /status?format=prometheus
< 403
> GET /open
< 200
< ! X-Mcache
~ "requests":\{"aborted":0,"hit":0,"miss":0,"bypass":0,



=== TEST 8: hostile keys stay text
--- config
    location / {
        mcache pages;
        mcache_key $arg_key$http_x_key;
        proxy_pass http://origin;
    }
    location = /status { mcache_status; }
--- steps
> GET /t
> X-Key: "></script><script>alert(1)</script>&\u003c
< 200 MISS
> GET /status
~ &quot;&gt;&lt;/script&gt;&lt;script&gt;alert\(1\)&lt;/script&gt;&amp;\\u003c
~ "key":"\\">\\u003c/script>\\u003cscript>alert\(1\)\\u003c/script>&\\\\u003c"
~ \A(?!.*</script><script>alert)
> GET /status?format=json
~ "key":"\\"></script><script>alert\(1\)</script>&\\\\u003c"
> GET /status?format=prometheus
~ \A(?!.*alert)



=== TEST 9: keys=off
--- config
    location / {
        mcache pages;
        proxy_pass http://origin;
    }
    location = /status { mcache_status keys=off; }
    location = /json { mcache_status json keys=off; }
--- steps
> GET /secret
< 200 MISS
> GET /status
~ \A(?!.*secret)
> GET /json
~ \A(?!.*(?:secret|hot_keys))



=== TEST 10: the local tier
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 10m;
        mcache_local 8m;
        proxy_pass http://origin;
    }
    location = /status { mcache_status; }
--- steps
> GET /t?size=10000
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
> GET /t
< 200 HIT
> GET /status?format=json
~ "local_pages":\{"hit":1,"outdated":0,"missing":2\},"local_bytes":1\d{4},
~ "looks":\{"found":1,"missing":0\},
@ delete /t
> GET /t
< 200 MISS
> GET /status?format=prometheus
~ ^mcache_local_pages_total\{result="outdated"\} 1$
~ ^mcache_local_bytes 0$
