# Beside the modules of Debian's nginx-extras: what they send is theirs, and what they ask for they get whole.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket;

my $folder  = '/usr/lib/nginx/modules';
my @modules = map { "$folder/$_.so" }
    qw(ndk_http_module ngx_http_lua_module ngx_http_js_module ngx_http_echo_module);
if ($ENV{TEST_NGINX_BINARY} ne '/usr/sbin/nginx' || grep { !-e } @modules) {
    plan(skip_all => "needs Debian's nginx with libnginx-mod-http-lua, -js and -echo");
}
plan('no_plan');

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('main_config', ($block->main_config // '') . join '', map { "load_module $_;\n" } @modules);
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    mcache_max_size 64m;
    subrequest_output_buffer_size 4m;
    js_path $TEST_NGINX_SERVROOT/html;
EOC
});

run_tests();

__DATA__

=== TEST 1: echo_before_body and echo_after_body are not stored, and stand around hits as around fills
--- mcache
mcache_key $uri;
mcache_revalidate on;
echo_before_body -n [;
echo_after_body -n ];
--- steps
> GET /t?h=X-Accel-Expires:1&etag=a&framing=chunked
< 200 MISS
~ \A\[/t 1\n\]\z
@ holds /t /t 1
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:60&etag=a
< 200 REVALIDATED
~ \A\[/t 1\n\]\z
> GET /t
< 200 HIT
~ \A\[/t 1\n\]\z
> GET /large?h=X-Accel-Expires:60&size=3000000&framing=chunked
< 200 MISS
@ parts 6
> GET /large
< 200 HIT
~ \A\[(.{50000}){60}\]\z



=== TEST 2: Lua and njs get pages in parts whole: hits, after a 304, and in place of errors
--- http_config
    js_import sub.js;
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_revalidate on;
        mcache_use_stale http_503;
        proxy_pass http://origin;
    }
    location /lua/ {
        content_by_lua_block {
            local part = ngx.location.capture(ngx.var.uri:sub(5), { args = ngx.var.args })
            ngx.say(part.status, " ", #part.body, " ", tostring(part.truncated))
        }
    }
    location /js/ {
        js_content sub.length;
    }
--- user_files
>>> sub.js
async function length(r) {
    const part = await r.subrequest(r.uri.substring(3), { args: r.variables.args });
    r.return(200, `${part.status} ${part.responseText.length}\n`);
}
export default { length };
--- steps
> GET /lua/t?h=X-Accel-Expires:1&etag=a&size=3000000
< 200
= 200 3000000 false
@ parts 6
@ status EXPIRED /expiry/t
> GET /lua/t?status=503
= 200 3000000 false
> GET /js/t?status=503
= 200 3000000
> GET /lua/t?h=X-Accel-Expires:1&etag=a
= 200 3000000 false
@ status EXPIRED /expiry/t
> GET /js/t?h=X-Accel-Expires:60&etag=a
= 200 3000000
> GET /js/t
= 200 3000000
> GET /lua/t
= 200 3000000 false
