# Of the local tier: a large page that is asked for again and again lies in a file of memory, from
# which sendfile() sends it. Where a filter wants its bytes they come from memory as before.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', 'charset_map koi8-r windows-1251 { 74 7A; }');
    $block->set_value('config', <<'EOC');
        listen 127.0.0.1:$TEST_NGINX_HTTP2_PORT http2;
        add_header X-Local $mcache_local always;
        sendfile on;
        tcp_nopush on;
        mcache pages;
        mcache_key $uri;
        mcache_valid 10m;
        mcache_local 8m;
        location / { proxy_pass http://origin; }
        location /gzip { rewrite ^ /t break; proxy_pass http://origin; gzip on; gzip_types *; gzip_proxied any; }
        location /sub { rewrite ^ /t break; proxy_pass http://origin; sub_filter t T; sub_filter_once off; sub_filter_types *; }
        location /charset { rewrite ^ /t break; proxy_pass http://origin; source_charset koi8-r; charset windows-1251; }
        location /copied { rewrite ^ /t break; proxy_pass http://origin; sendfile off; }
        location /limited { rewrite ^ /t break; proxy_pass http://origin; limit_rate 1000k; }
EOC
    # Nine times from the tier.
    $block->set_value('steps', <<'EOS' . $block->steps);
> GET /t?size=200000&etag=x
< 200 MISS
@ stored /t
@ local 10 /t
= 1 of 1
@ memory files
= 1
EOS
});

run_tests();

__DATA__

=== TEST 1: whole, in part, and as long as it is the page
--- steps
@ whole /t?size=200000
= 200 HIT 200000 bytes, of fill 1
@ whole /t?size=200000 Range:bytes=0-0
= 206 HIT bytes 0-0/200000, of fill 1
@ whole /t?size=200000 Range:bytes=100001-150000
= 206 HIT bytes 100001-150000/200000, of fill 1
@ whole /t?size=200000 Range:bytes=-1
= 206 HIT bytes 199999-199999/200000, of fill 1
> GET /t
> Range: bytes=0-3,199996-199999
< 206 HIT
~ ^Content-Range: bytes 199996-199999/200000
> GET /t
> If-None-Match: "x"
< 304 HIT
> HEAD /t
< 200 HIT
< X-Local: 1
< Content-Length: 200000
@ delete /t
@ whole /t?size=200000
= 200 MISS 200000 bytes, of fill 2
@ stored /t
@ whole /t?size=200000
= 200 HIT 200000 bytes, of fill 2
@ memory files
= 0



=== TEST 2: with filters that read or change the body
--- steps
@ curl -i -o /dev/null -w %{http_code}:%{size_download} -H Accept-Encoding:gzip http://127.0.0.1:$TEST_NGINX_SERVER_PORT/gzip
~ ^200:\d{3,4}$
@ curl --compressed http://127.0.0.1:$TEST_NGINX_SERVER_PORT/gzip
~ \A/t 1 /t 1\b
@ curl http://127.0.0.1:$TEST_NGINX_SERVER_PORT/sub
~ \A/T 1 /T 1\b
@ curl http://127.0.0.1:$TEST_NGINX_SERVER_PORT/charset
~ \A/z 1 /z 1\b
@ curl -o /dev/null -w %{http_code}:%{size_download} http://127.0.0.1:$TEST_NGINX_SERVER_PORT/copied
== 200:200000
@ curl -o /dev/null -w %{http_code}:%{size_download} http://127.0.0.1:$TEST_NGINX_SERVER_PORT/limited
== 200:200000
@ whole /t?size=200000
= 200 HIT 200000 bytes, of fill 1



=== TEST 3: HTTP/2
--- steps
@ nghttp -n -s http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t
~ 200 +195K /t
@ curl --http2-prior-knowledge -o /dev/null -w %{http_code}:%{size_download} http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t
== 200:200000



=== TEST 4: a slow client is sent the page that it began with
--- steps
@ slow reader /t?size=200000
@ delete /t
@ whole /t?size=200000
= 200 MISS 200000 bytes, of fill 2
@ stored /t
@ local 12 /t
= 1 of 1
@ go on reader
= 200 HIT 200000 bytes, of fill 1
