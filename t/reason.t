# $mcache_reason: each rung of the ladder, by its name.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: not looked up
--- config
    add_header X-Reason $mcache_reason always;
    location / {
        mcache pages;
        mcache_key $arg_key;
        mcache_valid 1m;
        mcache_ignore ^/ignored;
        mcache_bypass $http_x_bypass;
        mcache_no_store $http_x_bypass;
        proxy_pass http://origin;
    }
--- steps
> POST /t?key=a\nbody
< 200 BYPASS
< X-Reason: method
> GET /ignored?key=a
< 200 BYPASS
< X-Reason: ignored
> GET /t?key=a\nbody
< 200 BYPASS
< X-Reason: request-body
> GET /t?key=a
> Upgrade: websocket
< 200 BYPASS
< X-Reason: upgrade
> GET /t
< 200 BYPASS
< X-Reason: no-key



=== TEST 2: bypass
--- config
    add_header X-Reason $mcache_reason always;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_bypass $http_x_bypass;
        proxy_pass http://origin;
    }
--- steps
> GET /t
> X-Bypass: 1
< 200 BYPASS
< X-Reason: bypass



=== TEST 3: looked up: a hit has no reason, a miss has
--- config
    add_header X-Reason $mcache_reason always;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
< X-Reason: miss
@ stored /t
> GET /t
< 200 HIT
< ! X-Reason
> GET /v?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
< X-Reason: miss
@ settled
> GET /v?h=Vary:X-Kind
> X-Kind: two
< 200 MISS
< X-Reason: vary-miss



=== TEST 4: not stored for what the response says
--- config
    add_header X-Reason $mcache_reason always;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_max_size 1k;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=Set-Cookie:a=b&h=Cache-Control:max-age=60
< 200 MISS
< X-Reason: set-cookie
> GET /t?h=Cache-Control:private
< X-Reason: private
> GET /t?h=Cache-Control:no-store
< X-Reason: no-store
> GET /t?h=Cache-Control:no-cache
< X-Reason: no-cache
> GET /t
< X-Reason: no-freshness
> GET /t?h=X-Accel-Expires:0
< X-Reason: accel-expires
> GET /t?h=Cache-Control:max-age=0
< X-Reason: already-stale
> GET /t?h=Cache-Control:max-age=60&h=Vary:*
< X-Reason: vary-star
> GET /t?h=Cache-Control:max-age=60&h=Vary:a@b
< X-Reason: vary-invalid
> GET /t?h=Cache-Control:max-age=60&status=206
< 206
< X-Reason: partial-content
> GET /t?h=Cache-Control:max-age=60,+must-understand&status=418
< 418
< X-Reason: status
> GET /t?h=Cache-Control:max-age=60
> Authorization: Basic dTpw
< X-Reason: authorization
> GET /t?h=Cache-Control:max-age=60&size=2000
< X-Reason: too-large



=== TEST 5: not stored for what the configuration says
--- config
    add_header X-Reason $mcache_reason always;
    mcache pages;
    mcache_key $uri;
    mcache_valid 1m;
    location /store-off { mcache_store off; proxy_pass http://origin; }
    location /no-store { mcache_no_store 1; proxy_pass http://origin; }
    location /min-uses { mcache_min_uses 2; proxy_pass http://origin; }
    location /range { mcache_max_range_offset 1; proxy_pass http://origin; }
    location /raw { mcache_format raw; proxy_pass http://origin; }
    location /head { mcache_convert_head off; proxy_pass http://origin; }
    location /honour { mcache_honor_request_cache_control on; proxy_pass http://origin; }
    location /valid { proxy_pass http://origin; }
--- steps
> GET /store-off
< 200 MISS
< X-Reason: store-off
> GET /no-store
< 200 MISS
< X-Reason: mcache-no-store
> GET /min-uses
< 200 MISS
< X-Reason: min-uses
> GET /range?size=100
> Range: bytes=50-59
< X-Reason: range-offset
> GET /raw?gzip=1
< 200 MISS
< X-Reason: raw-format
> HEAD /head
< 200 MISS
< X-Reason: method
> GET /honour
> Cache-Control: no-store
< 200 MISS
< X-Reason: request-header
> GET /honour/none
> Cache-Control: only-if-cached
< 504
< X-Reason: only-if-cached
> GET /valid?status=404
< 404 MISS
< X-Reason: status



=== TEST 6: past its freshness
--- config
    add_header X-Reason $mcache_reason always;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale http_500;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?status=500
< 200 STALE
< X-Reason: stale
> GET /t?h=X-Accel-Expires:60
< 200 EXPIRED
< X-Reason: expired



=== TEST 7: memcached
--- http_config
    mcache_pool lying { server $TEST_NGINX_LIAR; timeout 300ms; }
--- config
    add_header X-Reason $mcache_reason always;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
@ set flagged /foreign 12345 hello
> GET /foreign
< 200 MISS
< X-Reason: foreign-flags
@ memcached kill
> GET /t
< 200 DOWN
< X-Reason: down



=== TEST 8: what is known only when the header has gone: in the log
--- http_config
    log_format reason 'said $uri $mcache_reason.';
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_max_size 1k;
proxy_http_version 1.1;
access_log logs/error.log reason;
--- steps
@ curl -s -o /dev/null http://localhost:$TEST_NGINX_SERVER_PORT/short?cut=short&size=1000
@ log said /short incomplete
= 1
> GET /chunked?framing=chunked&size=5000
< 200 MISS
@ log said /chunked too-large
= 1
