# Keys that reach $request_uri by way of other variables: nginx evaluates most of them once a request.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: map: the keys of a list are those of its targets
--- http_config
    map $request_uri $plain { "~^(?<path>[^?]*)\?utm_" $path; default $request_uri; }
    map $plain $twice { default twice:$plain; }
--- mcache
mcache_key $twice;
mcache_key_prefix $site;
mcache_valid 1m;
mcache_purge $is_purge;
set $site s-;
add_header X-Mcache $mcache_status;
add_header X-Plain $plain$twice;
--- steps
> GET /a?utm_source=x
< 200 MISS
> GET /b
< 200 MISS
> GET /c/d
< 200 MISS
@ settled
> PURGE /own
> Purge-Key: /a?utm_source=y
> Purge-Key: /b
> Purge-Key: /c/*
> Purge-Key: /none
< 200
< X-Plain: /owntwice:/own
= {"results":[{"key":"/a?utm_source=y","result":"purged"},{"key":"/b","result":"purged"},{"key":"/c/*","result":"purged"},{"key":"/none","result":"not found"}]}
@ gone s-twice:/a
@ gone s-twice:/b
> GET /c/d
< 200 MISS



=== TEST 2: set and captures: a list of URLs is refused, the page itself and listed keys are purged
--- config
    location / {
        mcache pages;
        set $key blog:$request_uri;
        mcache_key $key;
        mcache_valid 1m;
        mcache_purge $is_purge;
        add_header X-Mcache $mcache_status;
        add_header X-Key $key;
        proxy_pass http://origin;
    }
    location ~ ^/re(/.*) {
        mcache pages;
        mcache_key re:$1;
        mcache_valid 1m;
        mcache_purge $is_purge;
        add_header X-Mcache $mcache_status;
        proxy_pass http://origin;
    }
    location ~ ^/named(?<rest>/.*) {
        mcache pages;
        mcache_key named:$rest;
        mcache_valid 1m;
        mcache_purge $is_purge;
        add_header X-Mcache $mcache_status;
        proxy_pass http://origin;
    }
--- steps
> GET /a
< 200 MISS
> GET /re/a
< 200 MISS
> GET /named/a
< 200 MISS
@ settled
> PURGE /own
> Purge-Key: /a
< 400
~ purge it with a separate request
> PURGE /re/own
> Purge-Key: /re/a
< 400
> PURGE /named/own
> Purge-Key: /named/a
< 400
> GET /a
< 200 HIT
> GET /re/a
< 200 HIT
> GET /named/a
< 200 HIT
> PURGE /own
> Purge-Key: blog:/a
< 200
= {"results":[{"key":"blog:/a","result":"purged"}]}
> PURGE /re/a
< 204
> PURGE /named/a
< 204
@ gone blog:/a
@ gone re:/a
@ gone named:/a



=== TEST 3: mcache_invalidate removes the page of the URL, and changes no variable
--- http_config
    map $request_uri $mapped { default map:$request_uri; }
    map $request_body $body { default map:$request_body; }
--- config
    location / {
        mcache pages;
        mcache_key $mapped;
        mcache_valid 1m;
        mcache_invalidate on;
        add_header X-Mcache $mcache_status;
        add_header X-Mapped $mapped;
        proxy_pass http://origin;
    }
    location /set {
        mcache pages;
        set $key set:$request_uri;
        mcache_key $key;
        mcache_valid 1m;
        mcache_invalidate on;
        add_header X-Mcache $mcache_status;
        add_header X-Key $key;
        proxy_pass http://origin;
    }
    location /body {
        mcache pages;
        mcache_key $uri$body;
        mcache_valid 1m;
        mcache_invalidate on;
        add_header X-Mcache $mcache_status;
        add_header X-Body $body always;
        proxy_pass http://origin;
    }
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
> GET /set/a
< 200 MISS
> GET /set/b
< 200 MISS
> GET /body
< 200 MISS
@ settled
> POST /a?h=Location:/b\nbody
< 200 BYPASS
< X-Mapped: map:/a?h=Location:/b
@ gone map:/b
> GET /a
< 200 HIT
> POST /a\nbody
< 200 BYPASS
@ gone map:/a
> POST /set/a\nbody
< 200 BYPASS
< X-Key: set:/set/a
@ gone set:/set/a
> POST /set/a?h=Location:/set/b\nbody
< 200 BYPASS
< X-Key: set:/set/a?h=Location:/set/b
@ log "/set/b" of the response or Destination is not invalidated
> GET /set/b
< 200 HIT
> POST /body\nbody
< 200 BYPASS
< X-Body: map:body
@ gone /body
--- no_error_log
uninitialized



=== TEST 4: a page is not included in itself
--- http_config
    map $request_uri $mapped { default map:$request_uri; }
    map $uri $by_path { default path:$uri; }
--- config
    mcache pages;
    mcache_valid 1m;
    default_type text/plain;
    ssi on;
    ssi_types text/plain;
    location / {
        mcache_key $mapped;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner;
    }
    location /set {
        set $key set:$request_uri;
        mcache_key $key;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner/set;
    }
    location /path {
        mcache_key $by_path;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner/path;
    }
    location /inner {
        mcache off;
        ssi off;
        if ($uri ~ part) {
            return 200 part;
        }
        return 200 '(<!--# include virtual="$arg_part" -->)';
    }
--- steps
> GET /page?part=/part
< 200 MISS
== (part)
> GET /set/page?part=/set/part
< 200 MISS
== (part)
> GET /path/page?part=/path/part
< 200 MISS
== (part)
@ settled
> GET /page?part=/part
< 200 HIT
== (part)
> GET /set/page?part=/set/part
< 200 HIT
== (part)
> GET /path/page?part=/path/part
< 200 HIT
== (part)



=== TEST 5: auth_request is not answered from the page
--- http_config
    map $request_uri $mapped { default map:$request_uri; }
    map $http_x_user $verdict { alice 200; default 403; }
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        auth_request /auth;
        mcache_key $mapped;
        proxy_pass http://origin;
    }
    location /set {
        auth_request /auth-set;
        set $key set:$request_uri;
        mcache_key $key;
        proxy_pass http://origin;
    }
    location = /auth {
        internal;
        mcache_key $mapped;
        proxy_pass http://origin/auth?status=$verdict;
    }
    location = /auth-set {
        internal;
        set $key set:$request_uri;
        mcache_key $key;
        proxy_pass http://origin/auth?status=$verdict;
    }
--- steps
> GET /t
> X-User: alice
< 200 MISS
> GET /set
> X-User: alice
< 200 MISS
@ settled
> GET /t
> X-User: alice
< 200 HIT
= /t 1
> GET /set
> X-User: alice
< 200 HIT
= /set 1
> GET /t
< 403
> GET /set
< 403



=== TEST 6: an unwritten part of a key that names the subrequest leaves it as it is
--- http_config
    map $uri $by_path { volatile; default path:$uri; }
--- config
    location / {
        mcache off;
        ssi on;
        ssi_types text/plain;
        proxy_pass http://origin;
    }
    location = /part {
        mcache pages;
        mcache_key $by_path;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /page?body=(%3C!--%23+include+virtual=%22/part?body=one%22+--%3E)
< 200
== (one)
@ stored path:/part



=== TEST 7: $request_method in the key: a purge and mcache_invalidate are about the page of a GET
--- mcache
mcache_key $request_method$request_uri;
mcache_valid 1m;
mcache_purge $is_purge;
mcache_invalidate on;
add_header X-Mcache $mcache_status;
add_header X-Method $request_method;
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
@ stored GET/a
@ stored GET/b
> PURGE /a
< 204
@ gone GET/a
> PURGE /a
> Purge-Key: /b
< 200
< X-Method: PURGE
@ gone GET/b
> GET /a
< 200 MISS
> GET /b
< 200 MISS
@ stored GET/a
@ stored GET/b
> POST /a?h=Content-Location:/b\nbody
< 200 BYPASS
< X-Method: POST
@ gone GET/b
> POST /a\nbody
< 200 BYPASS
@ gone GET/a
