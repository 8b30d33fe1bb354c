# The directives of nginx's own modules that shape a response: without a cache, with proxy_cache's hit and
# with mcache's hit the client sees the same. What departs, and why, says `but`.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Parity;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: headers: expires
--- alike
    CACHE_valid any 1m;
    expires $arg_e;
--- asked
/@/a?body=x&e=epoch
/@/b?body=x&e=max
/@/c?body=x&e=-1
/@/d?body=x&e=off&h=Cache-Control:max-age=60
/@/e?body=x&e=max&h=Cache-Control:max-age=60&h=Cache-Control:public&h=Expires:Wed,+01+Jan+2020+00:00:00+GMT&h=X-Accel-Expires:60
/@/f?body=x&e=max&status=404
/@/g?body=x&e=max&status=500
/@/h?body=x&e=off



=== TEST 2: headers: add_header and add_trailer
--- alike
    CACHE_valid any 1m;
    add_header X-A "$sent_http_content_type $status $upstream_http_etag";
    add_header X-B always always;
    add_header Last-Modified "";
    add_header ETag "\"mine\"";
    add_header Link c;
    add_header Vary Origin;
    add_header Cache-Control public;
    add_trailer X-T "$request_length";
--- asked
/@/a?body=x&etag=v&lm=Wed,+01+Jan+2020+00:00:00+GMT&h=Link:a&h=Link:b
/@/b?body=x&status=404
/@/c?body=x&h=Vary:Accept



=== TEST 3: charset
--- http_config
    charset_map koi8-r utf-8 { C1 D0B0; }
--- alike
    CACHE_valid 1m;
    charset utf-8;
    source_charset koi8-r;
    charset_types text/plain application/json;
    override_charset on;
--- asked
/@/a?body=x&h=Content-Type:text/html
/@/b?body=%C1&h=Content-Type:text/html
/@/c?body=%C1&h=Content-Type:text/html;+charset=koi8-r
/@/d?body=%C1&h=Content-Type:application/json
/@/e?body=%C1&h=Content-Type:image/gif
/@/f?body=%C1&h=Content-Type:text/html&h=X-Accel-Charset:koi8-r
/@/g?body=%C1&h=Content-Type:text/html&h=X-Accel-Charset:
/@/h?body=%C1&h=Content-Type:text/html&h=X-Accel-Charset:off



=== TEST 4: gzip, gunzip
--- alike
    CACHE_valid 1m;
    gzip on;
    gzip_min_length 1;
    gzip_types text/plain application/json;
    gzip_vary on;
    gzip_proxied any;
    gunzip on;
--- asked
/@/a?body=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx&etag=v | Accept-Encoding: gzip
/@/b?body=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx&etag=v
/@/c?body=x&gzip=1&etag=v
/@/d?body=x&gzip=1&etag=v | Accept-Encoding: gzip
/@/e?body=xxxxxxxxxxxxxxx&h=Content-Type:image/png | Accept-Encoding: gzip
/@/f?body=xxxxxxxxxxxxxxx&h=Cache-Control:max-age=60 | Accept-Encoding: gzip | Via: 1.1 a



=== TEST 5: gzip_proxied looks at what the page says
--- alike
    CACHE_valid 1m;
    gzip on;
    gzip_min_length 1;
    gzip_types text/plain;
    gzip_proxied expired no-cache no-store private no_last_modified no_etag auth;
    CACHE_ignore_headers Cache-Control Expires;
--- asked
/@/a?body=xxxxxxxxxxxxxxx&h=Cache-Control:no-store | Accept-Encoding: gzip | Via: 1.1 a
/@/b?body=xxxxxxxxxxxxxxx&h=Cache-Control:max-age=9&lm=Wed,+01+Jan+2020+00:00:00+GMT&etag=v | Accept-Encoding: gzip | Via: 1.1 a
/@/c?body=xxxxxxxxxxxxxxx&h=Expires:Wed,+01+Jan+2020+00:00:00+GMT&etag=v&lm=Wed,+01+Jan+2020+00:00:00+GMT | Accept-Encoding: gzip | Via: 1.1 a
/@/d?body=xxxxxxxxxxxxxxx&etag=v | Accept-Encoding: gzip | Via: 1.1 a



=== TEST 6: sub_filter, ssi, addition
--- config
    location /more { return 200 more; }
--- alike
    CACHE_valid 1m;
    sub_filter one two;
    sub_filter $arg_from $arg_to;
    sub_filter_once off;
    sub_filter_last_modified off;
    ssi on;
    add_before_body /more;
    add_after_body /more;
    addition_types text/plain;
--- asked
/@/a?body=one+one&h=Content-Type:text/html&etag=v&lm=Wed,+01+Jan+2020+00:00:00+GMT
/@/b?body=one
/@/c?body=<!--%23+include+virtual="/more"+--><!--%23+echo+var="arg_x"+-->&x=y&h=Content-Type:text/html
/@/d?body=abc&from=b&h=Content-Type:text/html
/@/e?body=one&h=Content-Type:text/html&h=Content-Encoding:gzip



=== TEST 7: conditions and ranges
--- alike
    CACHE_valid 1m;
    if_modified_since before;
    max_ranges 2;
    proxy_force_ranges on;
--- asked
/@/a?body=0123456789&etag=v | If-None-Match: "v" | but none
/@/a?body=0123456789&etag=v | If-None-Match: W/"v" | but none
/@/b?body=0123456789&lm=Wed,+01+Jan+2020+00:00:00+GMT | If-Modified-Since: Thu, 02 Jan 2020 00:00:00 GMT | but none
/@/c?body=0123456789&etag=v | Range: bytes=2-3
/@/d?body=0123456789&etag=v | Range: bytes=-2 | If-Range: "v"
/@/g?body=0123456789&etag=v | Range: bytes=1-2,3-4,5-6



=== TEST 8: core: what shapes the sending
--- alike
    CACHE_valid any 1m;
    chunked_transfer_encoding off;
    etag off;
    server_tokens off;
    limit_rate 1m;
    limit_rate_after 1k;
    keepalive_timeout 10s 9s;
    default_type text/css;
    types { text/x-uri txt; }
    absolute_redirect off;
    port_in_redirect off;
    server_name_in_redirect on;
--- asked
/@/a.txt?body=x&etag=v
/@/b.txt?body=x&notype=1
/@/c?body=x&status=302&h=Location:/x
/@/d?noise=5000



=== TEST 9: core: error_page and what is intercepted
--- http_config
    map $arg_status $named { default ""; }
--- config
    location = /sorry { return 200 sorry; }
--- alike
    CACHE_valid any 1m;
    error_page 404 /sorry;
    error_page 503 =200 /sorry;
--- asked
/@/a?body=x&status=404
/@/b?body=x&status=503
/@/c?body=x&status=200



=== TEST 10: userid, mirror, auth_request, post_action, secure_link, realip, referer, split_clients
--- http_config
    split_clients $arg_k $split { 50% a; * b; }
--- config
    location = /allowed { return 204; }
--- alike
    CACHE_valid 1m;
    auth_request /allowed;
    auth_request_set $allowed $upstream_http_none;
    mirror /allowed;
    valid_referers none example.com;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real;
    add_header X-Is "$split $invalid_referer $remote_addr $allowed";
--- asked
/@/a?body=x&k=1 | Referer: http://example.com/ | X-Real: 10.0.0.1
/@/b?body=x&k=2 | Referer: http://other.com/



=== TEST 11: rewrite, if, limit_except, map: what is decided before the page is looked up
--- http_config
    map $http_x_m $mapped { a A; default none; }
--- alike
    CACHE_valid any 1m;
    if ($http_x_deny) { return 403; }
    rewrite ^(.*)/old$ $1/new;
    limit_except GET { deny all; }
    add_header X-Is "$mapped $uri";
    set $x $mapped;
--- asked
/@/a?body=x | X-M: a
/@/b/old?body=x



=== TEST 12: proxy_hide_header, proxy_pass_header, proxy_ignore_headers
--- alike
    CACHE_valid 1m;
    proxy_hide_header X-A;
    proxy_pass_header Server;
    proxy_pass_header X-Accel-Expires;
    proxy_pass_header X-Accel-Charset;
    proxy_ignore_headers X-Accel-Charset;
--- asked
/@/a?body=x&h=X-A:1&h=X-B:2&h=Server:app&h=X-Accel-Expires:60&h=X-Accel-Charset:koi8-r
/@/no-server?body=x



=== TEST 13: variables of the response
--- alike
    CACHE_valid any 1m;
    add_header X-Is "$sent_http_content_type $sent_http_x_a $sent_http_etag $sent_http_last_modified $sent_http_location $sent_http_cache_control $status $body_bytes_sent $content_type $request_completion" always;
--- asked
/@/a?body=x&h=X-A:1&etag=v&lm=Wed,+01+Jan+2020+00:00:00+GMT&h=Cache-Control:max-age=60&h=Cache-Control:public
/@/b?body=x&status=404
/@/c?body=x&status=301&h=Location:http://elsewhere/
