# Beside the modules that decide who may ask, or that make the answer: satisfy, limit_except, dav, perl,
# njs and Lua.

BEGIN {
    my $folder = '/usr/lib/nginx/modules';
    my @modules = map { "$folder/$_.so" } qw(
        ndk_http_module ngx_http_dav_ext_module ngx_http_js_module ngx_http_lua_module ngx_http_perl_module);
    if (grep { !-e } @modules) {
        require Test::More;
        Test::More::plan(skip_all => "not all of these modules are there: @modules");
    }
    $ENV{TEST_NGINX_LOAD_MODULES} = join ' ', @modules;
}
use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: satisfy any: who is denied gets neither a hit nor what stands in
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error timeout updating http_500;
        mcache_lock on;
        satisfy any;
        deny all;
        auth_basic closed;
        auth_basic_user_file htpasswd;
        proxy_pass http://origin;
    }
    location /open/ {
        mcache pages;
        mcache_key /t;
        proxy_pass http://origin/t;
    }
--- user_files
>>> ../conf/htpasswd
x:{PLAIN}y
--- steps
> GET /open/?h=X-Accel-Expires:1
< 200 MISS
@ stored /t
> GET /t
< 401
~ 401 Authorization Required
> GET /t
> Authorization: Basic eDp5
< 200
= /t 1
@ status EXPIRED /expiry/t
> GET /t?status=500
< 401
> GET /t
> Authorization: Basic eDp6
< 401
> GET /t?status=500
> Authorization: Basic eDp5
< 200 STALE
= /t 1



=== TEST 2: limit_except: the methods that it forbids are neither answered nor do they invalidate
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_invalidate on;
        mcache_methods GET HEAD POST;
        limit_except GET {
            deny all;
        }
        proxy_pass http://origin;
    }
    location /allowed/ {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_invalidate on;
        limit_except GET {
            allow all;
        }
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
@ stored /t
> POST /t\nx
< 403
> DELETE /t
< 403
@ settled
> GET /t
< 200 HIT
= /t 1
> HEAD /t
< 200 HIT
> GET /allowed/t
< 200 MISS
@ stored /allowed/t
> DELETE /allowed/t
< 200
@ gone /allowed/t



=== TEST 3: limit_except whose block passes to another backend
--- http_config
    upstream writers { server unix:$TEST_NGINX_SERVROOT/writers; }
    server { listen unix:$TEST_NGINX_SERVROOT/writers; location / { return 200 "written\n"; } }
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_invalidate on;
limit_except GET {
    proxy_pass http://writers;
}
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored /t
> GET /t
< 200 HIT
= /t 1
> POST /t\nx
< 200
= written
@ gone /t



=== TEST 4: dav's methods invalidate what they change, and where it goes
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid any 1m;
        mcache_invalidate on;
        root $TEST_NGINX_SERVROOT/html;
        dav_methods PUT DELETE MKCOL COPY MOVE;
        dav_ext_methods PROPFIND OPTIONS;
        create_full_put_path on;
        dav_access user:rw group:rw all:rw;
    }
--- steps
@ curl -s -o /dev/null -w %{http_code} -X PUT --data-binary before http://localhost:$TEST_NGINX_SERVER_PORT/d/t
== 201
> GET /d/t
< 200 MISS
== before
@ stored /d/t
> GET /d/t
< 200 HIT
@ curl -s -o /dev/null -w %{http_code} -X PROPFIND -H Depth:0 http://localhost:$TEST_NGINX_SERVER_PORT/d/t
== 207
@ settled
> GET /d/t
< 200 HIT
== before
@ curl -s -o /dev/null -w %{http_code} -X PUT --data-binary after http://localhost:$TEST_NGINX_SERVER_PORT/d/t
== 204
@ gone /d/t
> GET /d/t
< 200 MISS
== after
@ stored /d/t
> GET /d/u
< 404 MISS
@ stored /d/u
@ curl -s -o /dev/null -w %{http_code} -X MOVE -H Destination:/d/u http://localhost:$TEST_NGINX_SERVER_PORT/d/t
== 204
@ gone /d/t
@ gone /d/u
> GET /d/u
< 200 MISS
== after
@ stored /d/u
> GET /d/v
< 404 MISS
@ stored /d/v
@ curl -s -o /dev/null -w %{http_code} -X COPY -H Destination:http://localhost:$TEST_NGINX_SERVER_PORT/d/v http://localhost:$TEST_NGINX_SERVER_PORT/d/u
== 204
@ gone /d/v
> GET /d/v
< 200 MISS
== after
@ stored /d/v
@ curl -s -o /dev/null -w %{http_code} -X DELETE http://localhost:$TEST_NGINX_SERVER_PORT/d/v
== 204
@ gone /d/v
> GET /d/v
< 404 MISS
> GET /e/
< 404 MISS
@ stored /e/
@ curl -s -o /dev/null -w %{http_code} -X MKCOL http://localhost:$TEST_NGINX_SERVER_PORT/e/
== 201
@ gone /e/



=== TEST 5: a perl handler
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid any 1m;
        perl 'sub { my $r = shift; $main::n++; $r->header_out("X-N", $main::n); $r->send_http_header("text/x-perl"); return OK if $r->header_only; $r->print("one "); $r->print("two $main::n"); OK }';
    }
    location /error {
        mcache pages;
        mcache_key $uri;
        mcache_valid any 1m;
        perl 'sub { 404 }';
    }
    location /redirect {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        perl 'sub { my $r = shift; $r->internal_redirect("/inner"); OK }';
    }
    location /later {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        perl 'sub { my $r = shift; $r->sleep(5, sub { my $r = shift; $r->send_http_header("text/plain"); $r->print("late ", ++$main::n); OK }); OK }';
    }
    location /inner {
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
< X-N: 1
< Content-Type: text/x-perl
== one two 1
@ stored /t
> GET /t
< 200 HIT
< X-N: 1
< Content-Type: text/x-perl
== one two 1
> GET /error
< 404
> GET /error
< 404
> GET /redirect
< 200
~ ^/inner
> GET /redirect
< 200
~ ^/inner
> GET /later
< 200 MISS
== late 2
@ stored /later
> GET /later
< 200 HIT
== late 2



=== TEST 6: njs and Lua redirect to a location with mcache
--- http_config
    js_path $TEST_NGINX_SERVROOT/html;
    js_import f from f.js;
--- user_files
>>> f.js
function go(r) { r.internalRedirect('/t' + (r.variables.args ? '?' + r.variables.args : '')) }
function named(r) { r.internalRedirect('@named') }
export default {go, named}
--- config
    location /njs {
        js_content f.go;
    }
    location /njs-named {
        js_content f.named;
    }
    location /lua {
        content_by_lua_block { return ngx.exec('/t', ngx.var.args) }
    }
    location /lua-access {
        access_by_lua_block { return ngx.exec('/t', ngx.var.args) }
        proxy_pass http://origin;
    }
    location /lua-named {
        content_by_lua_block { return ngx.exec('@named') }
    }
    location /lua-uri {
        rewrite_by_lua_block { ngx.req.set_uri('/t', true) }
    }
    location /lua-both {
        mcache pages;
        mcache_key both$uri;
        mcache_valid 1m;
        content_by_lua_block { return ngx.exec('/t') }
    }
    location /t {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location @named {
        mcache pages;
        mcache_key named$uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
> GET /njs?size=20000
< 200 MISS
@ stored /t
> GET /njs
< 200 HIT
< Content-Length: 20000
> GET /lua
< 200 HIT
< Content-Length: 20000
> HEAD /lua
< 200 HIT
< Content-Length: 20000
> GET /lua-access
< 200 HIT
< Content-Length: 20000
> GET /lua-uri
< 200 HIT
< Content-Length: 20000
> GET /lua
> Range: bytes=0-3
< 206 HIT
> GET /lua-both
< 200 HIT
< Content-Length: 20000
> GET /njs-named
< 200 MISS
= /njs-named 1
@ settled
> GET /njs-named
< 200 HIT
= /njs-named 1
> GET /lua-named
< 200 MISS
@ settled
> GET /lua-named
< 200 HIT
= /lua-named 1
