# The variables.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: on a miss and on a hit
--- mcache
mcache_key_prefix p-;
mcache_key $uri;
add_header X-Status "[$mcache_status]";
add_header X-Reason "[$mcache_reason]";
add_header X-Key "[$mcache_key]";
add_header X-Age "[$mcache_age]";
add_header X-TTL "[$mcache_ttl]";
add_header X-Server "[$mcache_server]";
add_header X-Time "[$mcache_lookup_time]";
--- steps
> GET /t?h=Cache-Control:max-age=60&h=Age:7
< 200
< X-Status: [MISS]
< X-Reason: [miss]
< X-Key: [p-/t]
< X-Server: [$TEST_NGINX_MEMCACHED]
<~ X-Time: \[\d+\.\d{3}\]
@ stored p-/t
> GET /t?h=Cache-Control:max-age=60&h=Age:7
< 200
< X-Status: [HIT]
< X-Reason: []
< X-Key: [p-/t]
<~ X-Age: \[([7-9]|1\d)\]
<~ X-TTL: \[(5[0-3]|4\d)\]
< X-Server: [$TEST_NGINX_MEMCACHED]
<~ X-Time: \[\d+\.\d{3}\]



=== TEST 2: where mcache is off they are empty
--- config
    location / {
        add_header X-All "[$mcache_status$mcache_reason$mcache_key$mcache_age$mcache_ttl$mcache_server$mcache_lookup_time]";
        proxy_pass http://origin;
    }
    location = /return {
        return 200 "[$mcache_status$mcache_reason$mcache_key$mcache_age$mcache_ttl$mcache_server$mcache_lookup_time]";
    }
--- steps
> GET /t
< X-All: []
> GET /return
== []



=== TEST 3: why a request was not looked up
--- mcache
mcache_ignore ^/admin;
mcache_bypass $arg_fresh;
add_header X-Status $mcache_status;
add_header X-Reason $mcache_reason;
add_header X-Server "[$mcache_server]";
add_header X-Time "[$mcache_lookup_time]";
--- steps
> POST /t\nbody
< X-Status: BYPASS
< X-Reason: method
< X-Server: []
< X-Time: []
> GET /admin
< X-Status: BYPASS
< X-Reason: ignored
> GET /t?fresh=1&h=Cache-Control:max-age=60
< X-Status: BYPASS
< X-Reason: bypass
> GET /t\nbody
< X-Status: BYPASS
< X-Reason: request-body



=== TEST 4: why a response was not stored, as far as its header tells
--- config
    location / {
        mcache pages;
        mcache_no_store $arg_no_store;
        mcache_max_size 1k;
        add_header X-Status $mcache_status always;
        add_header X-Reason $mcache_reason always;
        proxy_pass http://origin;
    }
    location /store-off {
        mcache pages;
        mcache_store off;
        add_header X-Reason $mcache_reason always;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=Set-Cookie:a&h=Cache-Control:max-age=60
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
> GET /t?no_store=1
< X-Reason: mcache-no-store
> GET /t?h=Vary:*&h=Cache-Control:max-age=60
< X-Reason: vary-star
> GET /t?size=5000&h=Cache-Control:max-age=60
< X-Reason: too-large
> GET /t?h=Cache-Control:max-age=60
> Authorization: Basic eDp5
< X-Reason: authorization
> GET /store-off
< X-Reason: store-off



=== TEST 5: in the log, where all of it is known
--- http_config
    log_format own 'own $uri $mcache_status $mcache_reason';
--- config
    access_log logs/error.log own;
    location / {
        mcache pages;
        mcache_max_size 1k;
        mcache_valid 1m;
        proxy_http_version 1.1;
        proxy_pass http://origin;
    }
--- steps
> GET /large?size=5000&framing=chunked
< 200 MISS
@ log own /large MISS too-large
> GET /cut?size=1000&cut=short HTTP/1.0
< 200 MISS
@ log own /cut MISS incomplete
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
< 200 HIT
@ log own /t HIT



=== TEST 6: of an item that the application wrote
--- mcache
add_header X-Status "$mcache_status";
add_header X-Age "[$mcache_age]";
add_header X-TTL "[$mcache_ttl]";
--- steps
@ set http://localhost/t page
> GET /t
< X-Status: HIT
< X-Age: []



=== TEST 7: they can decide things
--- http_config
    map $mcache_status $hit {
        HIT 1;
        default 0;
    }
--- mcache: mcache_valid 1m; add_header X-Hit $hit;
--- steps
> GET /t
< X-Hit: 0
@ stored http://localhost/t
> GET /t
< X-Hit: 1



=== TEST 8: in a subrequest, of the subrequest
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        ssi on;
        ssi_types text/plain;
        proxy_pass http://origin;
    }
    location /part {
        mcache pages;
        mcache_valid 1m;
        mcache_key $uri;
        sub_filter part $mcache_status;
        sub_filter_types *;
        proxy_pass http://origin;
    }
--- steps
@ set http://localhost/page <!--# include virtual="/part" -->
> GET /page
< 200 HIT
= /MISS 1
@ stored /part
> GET /page
< 200 HIT
= /HIT 1
