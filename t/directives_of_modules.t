# The filters of the modules that Debian packages: as directives.t.

BEGIN {
    my $folder = '/usr/lib/nginx/modules';
    my @modules = map { "$folder/$_.so" } qw(
        ndk_http_module ngx_http_echo_module ngx_http_headers_more_filter_module ngx_http_image_filter_module
        ngx_http_js_module ngx_http_lua_module ngx_http_perl_module ngx_http_subs_filter_module
        ngx_http_xslt_filter_module ngx_http_srcache_filter_module);
    if (grep { !-e } @modules) {
        require Test::More;
        Test::More::plan(skip_all => "not all of these modules are there: @modules");
    }
    $ENV{TEST_NGINX_LOAD_MODULES} = join ' ', @modules;
}
use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Parity;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: headers_more
--- alike
    CACHE_valid any 1m;
    more_set_headers 'X-A: $upstream_http_x_b' 'Server: mine' 'Cache-Control: max-age=5' 'Content-Type: text/css';
    more_set_headers -s '404' -t 'text/plain' 'X-N: 1';
    more_clear_headers 'X-B' 'X-C*' 'ETag';
--- asked
/@/a?body=x&h=X-B:1&h=X-C-D:1&etag=v&h=Cache-Control:max-age=60
/@/b?body=x&status=404



=== TEST 2: echo's filters
--- alike
    CACHE_valid 1m;
    echo_before_body before $arg_x;
    echo_after_body after $arg_x;
    echo_after_body -n $echo_client_request_method;
--- asked
/@/a?body=x&x=y



=== TEST 3: subs_filter
--- alike
    CACHE_valid 1m;
    subs_filter_types text/plain;
    subs_filter o(n)e '$1ine' r;
--- asked
/@/a?body=one+none



=== TEST 4: Lua
--- alike
    CACHE_valid any 1m;
    header_filter_by_lua_block {
        ngx.header["X-L"] = (ngx.var.upstream_http_x_b or "-") .. ngx.status .. (ngx.header.content_type or "-")
        ngx.header.content_length = nil
        ngx.header["X-B"] = nil
    }
    body_filter_by_lua_block { ngx.arg[1] = string.upper(ngx.arg[1]) }
    log_by_lua_block { ngx.log(ngx.INFO, ngx.var.upstream_http_x_b) }
--- asked
/@/a?body=abc&h=X-B:b
/@/b?body=abc&status=404



=== TEST 5: njs
--- http_config
    js_path $TEST_NGINX_SERVROOT/html;
    js_import f from f.js;
--- user_files
>>> f.js
function header(r) { r.headersOut['X-J'] = String(r.variables.upstream_http_x_b) + r.status; delete r.headersOut['Content-Length']; delete r.headersOut['X-B'] }
function body(r, data, flags) { r.sendBuffer(data.toUpperCase(), flags) }
export default {header, body}
--- alike
    CACHE_valid any 1m;
    js_header_filter f.header;
    js_body_filter f.body;
--- asked
/@/a?body=abc&h=X-B:b
/@/b?body=abc&status=404



=== TEST 6: xslt
--- user_files
>>> s.xslt
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:output method="text"/><xsl:template match="/">it is <xsl:value-of select="a"/></xsl:template></xsl:stylesheet>
--- alike
    CACHE_valid 1m;
    xslt_stylesheet $TEST_NGINX_SERVROOT/html/s.xslt;
--- asked
/@/a?body=<a>x</a>&h=Content-Type:text/xml&etag=v
