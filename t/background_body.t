# What a refresh in the background reads from the backend, whoever makes the page and whatever buffers it has:
# nobody is sent it.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

# With next to no buffers and no temporary files, nginx reads on only as far as somebody takes what it has read.
my $narrow = '';
for my $protocol (qw(proxy fastcgi scgi uwsgi)) {
    $narrow .= "${protocol}_buffer_size 4k; ${protocol}_buffers 2 4k; ${protocol}_busy_buffers_size 4k;"
        . " ${protocol}_max_temp_file_size 0;\n";
}

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', "$narrow\nmcache_max_size 64m;\n" . ($block->http_config // ''));
    $block->set_value('config', <<'EOC' . $block->config);
        mcache pages;
        mcache_key $uri;
        mcache_use_stale updating;
        mcache_background_update on;
        proxy_http_version 1.1;
EOC
});

run_tests();

__DATA__

=== TEST 1: with a length, in chunks, until the end of the connection, in parts, without buffering
--- config
    location / { proxy_pass http://origin; }
    location /unbuffered { proxy_buffering off; proxy_pass http://origin; }
--- steps
> GET /length?size=200000&h=X-Accel-Expires:1
< 200 MISS
> GET /chunked?size=200000&framing=chunked&h=X-Accel-Expires:1
< 200 MISS
> GET /close?size=200000&framing=close&h=X-Accel-Expires:1
< 200 MISS
> GET /parts?size=3000000&h=X-Accel-Expires:1
< 200 MISS
> GET /unbuffered?size=200000&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/length
@ status EXPIRED /expiry/chunked
@ status EXPIRED /expiry/close
@ status EXPIRED /expiry/parts
@ status EXPIRED /expiry/unbuffered
> GET /length?size=200000&h=X-Accel-Expires:60
< 200 STALE
> GET /chunked?size=200000&framing=chunked&h=X-Accel-Expires:60
< 200 STALE
> GET /close?size=200000&framing=close&h=X-Accel-Expires:60
< 200 STALE
> GET /parts?size=3000000&h=X-Accel-Expires:60
< 200 STALE
> GET /unbuffered?size=200000&h=X-Accel-Expires:60
< 200 STALE
@ status HIT /expiry/length
@ status HIT /expiry/chunked
@ status HIT /expiry/close
@ status HIT /expiry/parts
@ status HIT /expiry/unbuffered
@ whole /length?size=200000
= 200 HIT 200000 bytes, of fill 2
@ whole /chunked?size=200000
= 200 HIT 200000 bytes, of fill 2
@ whole /close?size=200000
= 200 HIT 200000 bytes, of fill 2
@ whole /parts?size=3000000
= 200 HIT 3000000 bytes, of fill 2
@ whole /unbuffered?size=200000
= 200 HIT 200000 bytes, of fill 2



=== TEST 2: from other modules
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_HTTP2_PORT http2;
        location / {
            proxy_pass http://127.0.0.1:$TEST_NGINX_ORIGIN_PORT;
        }
    }
--- config
    location /fastcgi {
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param REQUEST_URI $request_uri;
        fastcgi_pass 127.0.0.1:$TEST_NGINX_FASTCGI_PORT;
    }
    location /scgi {
        scgi_param REQUEST_METHOD $request_method;
        scgi_param REQUEST_URI $request_uri;
        scgi_pass 127.0.0.1:$TEST_NGINX_SCGI_PORT;
    }
    location /uwsgi {
        uwsgi_param REQUEST_METHOD $request_method;
        uwsgi_param REQUEST_URI $request_uri;
        uwsgi_pass 127.0.0.1:$TEST_NGINX_UWSGI_PORT;
    }
    location /grpc {
        grpc_pass grpc://127.0.0.1:$TEST_NGINX_HTTP2_PORT;
    }
--- steps
> GET /fastcgi?size=200000&h=X-Accel-Expires:1
< 200 MISS
> GET /scgi?size=200000&h=X-Accel-Expires:1
< 200 MISS
> GET /uwsgi?size=200000&h=X-Accel-Expires:1
< 200 MISS
> GET /grpc?size=200000&h=Cache-Control:max-age=1
< 200 MISS
@ status EXPIRED /expiry/fastcgi
@ status EXPIRED /expiry/scgi
@ status EXPIRED /expiry/uwsgi
@ status EXPIRED /expiry/grpc
> GET /fastcgi?size=200000&h=X-Accel-Expires:60
< 200 STALE
> GET /scgi?size=200000&h=X-Accel-Expires:60
< 200 STALE
> GET /uwsgi?size=200000&h=X-Accel-Expires:60
< 200 STALE
> GET /grpc?size=200000&h=Cache-Control:max-age=60
< 200 STALE
@ status HIT /expiry/fastcgi
@ status HIT /expiry/scgi
@ status HIT /expiry/uwsgi
@ status HIT /expiry/grpc
@ whole /fastcgi?size=200000
= 200 HIT 200000 bytes, of fill 2
@ whole /scgi?size=200000
= 200 HIT 200000 bytes, of fill 2
@ whole /uwsgi?size=200000
= 200 HIT 200000 bytes, of fill 2
@ whole /grpc?size=200000
= 200 HIT 200000 bytes, of fill 2



=== TEST 3: of what may not be stored, nothing is read
--- config
    location / { proxy_pass http://origin; }
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?size=200000&h=Cache-Control:no-store
< 200 STALE
@ settled
> GET /t?size=200000&h=X-Accel-Expires:60
<~ X-Mcache: (MISS|EXPIRED|STALE)



=== TEST 4: what becomes too large on the way, and what breaks off
--- config
    mcache_max_size 150k;
    location / { proxy_pass http://origin; }
--- steps
> GET /large?h=X-Accel-Expires:1
< 200 MISS
> GET /broken?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/large
@ status EXPIRED /expiry/broken
> GET /large?size=400000&framing=chunked&h=X-Accel-Expires:60
< 200 STALE
> GET /broken?size=100000&cut=short&h=X-Accel-Expires:60
< 200 STALE
@ settled
> GET /broken?h=X-Accel-Expires:60
< 200 STALE
@ status HIT /expiry/broken
> GET /broken
< 200 HIT
= /broken 3



=== TEST 5: the client of a HEAD that is filled with a GET, of a mirror, of auth_request
--- config
    location / { proxy_pass http://origin; }
    location /mirrored { mcache off; mirror /mirror; proxy_pass http://origin; }
    location /guarded { mcache off; auth_request /auth; proxy_pass http://origin; }
    location = /mirror { internal; proxy_pass http://origin/m?size=200000&h=X-Accel-Expires:60; }
    location = /auth { proxy_pass http://origin/a?size=200000&h=X-Accel-Expires:60; }
--- steps
> HEAD /t?size=200000&h=X-Accel-Expires:60
< 200 MISS
> GET /mirrored
< 200
> GET /guarded
< 200
@ status HIT /expiry/t
@ status HIT /expiry/mirror
> GET /auth
< 200 HIT



=== TEST 6: limit_rate goes on for the client that met the stale page
--- config
    location / {
        proxy_buffering off;
        limit_rate 100k;
        limit_rate_after 20k;
        proxy_pass http://origin;
    }
--- steps
> GET /t?size=60000&h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ whole /t?size=60000&pause=5&h=X-Accel-Expires:60
= 200 STALE 60000 bytes, of fill 1
@ status HIT /expiry/t



=== TEST 7: beside proxy_cache, which stores it, and which does not
--- http_config
    proxy_cache_path $TEST_NGINX_DIRECTORY/cache keys_zone=background:1m;
--- config
    proxy_cache background;
    proxy_cache_key $request_uri$http_x_turn;  # the steps of the testbed have one $uri
    proxy_cache_valid 1s;
    proxy_ignore_headers X-Accel-Expires;
    mcache_ignore_headers X-Accel-Expires;
    mcache_valid 1s;
    location / { proxy_pass http://origin; }
    location /not { proxy_no_cache 1; proxy_pass http://origin; }
--- steps
> GET /t?size=200000
< 200 MISS
> GET /not?size=200000
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /expiry/not
> GET /t?size=200000
> X-Turn: 2
< 200 STALE
> GET /not?size=200000
> X-Turn: 2
< 200 STALE
@ status HIT /t
@ status HIT /not
