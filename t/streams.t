# Responses that may never end: nobody waits for one, and a client that leaves ends its own.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', ($block->config // '') . <<'EOC');
    mcache_key $uri;
    mcache_valid 1m;
    mcache_lock on;
    mcache_lock_timeout 60s;
    mcache_lock_age 60s;
    proxy_http_version 1.1;
    add_header X-Reason $mcache_reason always;
    location / { mcache pages; proxy_pass http://origin; }
    location /unbuffered/ { mcache pages; proxy_buffering off; proxy_pass http://origin; }
    location /deaf/ { mcache pages; proxy_ignore_headers X-Accel-Buffering; proxy_pass http://origin; }
EOC
});

run_tests();

__DATA__

=== TEST 1: clients that left leave nothing behind
--- steps
@ slow a /sse?endless=1&framing=chunked&h=Content-Type:text/event-stream
@ slow b /sse?endless=1&framing=chunked&h=Content-Type:text/event-stream
@ slow c /asked?endless=1&framing=close&h=X-Accel-Buffering:no
@ slow d /asked?endless=1&framing=close&h=X-Accel-Buffering:no
@ slow e /unbuffered/log?endless=1&framing=chunked
@ slow f /unbuffered/log?endless=1&framing=chunked
@ slow g /long?endless=1&h=Content-Type:text/event-stream;%20charset=utf-8
@ streams 7
@ turn away a
@ turn away b
@ turn away c
@ turn away d
@ turn away e
@ turn away f
@ turn away g
@ streams 0
= 0



=== TEST 2: nor do they keep an old worker
--- steps
@ slow a /sse?endless=1&framing=chunked&h=Content-Type:text/event-stream
@ turn away a
@ reload
@ quit worker
= one worker



=== TEST 3: who waits is let go when the header comes
--- steps
@ begin a /t?endless=1&framing=chunked&h=X-Accel-Buffering:no&gate=g
= begun
@ send b /t?endless=1&framing=chunked&h=X-Accel-Buffering:no&gate=h
@ send c /t?endless=1&framing=chunked&h=X-Accel-Buffering:no&gate=h
@ waits
@ open g
@ arrivals h 2
= 2
@ open h
@ streams 3
= 3
@ leave a
@ leave b
@ leave c
@ streams 0
= 0



=== TEST 4: a client that leaves before the header
--- steps
@ begin a /t?endless=1&framing=chunked&h=X-Accel-Buffering:no&gate=g
@ leave a
@ open g
@ streams 0
= 0
> GET /__nginx
~ Writing: 1 



=== TEST 5: what is too large ends with its client too, from where that is known
--- config
    location /large { mcache pages; mcache_max_size 4k; proxy_pass http://origin; }
--- steps
@ slow a /large?endless=1&framing=chunked&size=1000
@ slow b /larger?endless=1
@ streams 2
@ turn away a
@ turn away b
@ streams 0
= 0



=== TEST 6: the reason, and what is stored all the same
--- steps
> GET /sse?h=Content-Type:text/event-stream
< 200 MISS
< X-Reason: stream
> GET /sse?h=Content-Type:text/event-stream
< 200 MISS
> GET /asked?h=X-Accel-Buffering:No
< 200 MISS
< X-Reason: stream
> GET /unbuffered/chunks?framing=chunked
< 200 MISS
< X-Reason: stream
> GET /unbuffered/page
< 200 MISS
@ stored /unbuffered/page
> GET /unbuffered/page
< 200 HIT
> GET /deaf/page?h=X-Accel-Buffering:no
< 200 MISS
@ stored /deaf/page
> GET /deaf/page
< 200 HIT
> GET /asked-yes?h=X-Accel-Buffering:yes
< 200 MISS
@ stored /asked-yes



=== TEST 7: HTTP/2: a stream that is reset
--- config
    listen $TEST_NGINX_HTTP2_PORT http2;
--- steps
@ nghttp leaves g http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?endless=1&framing=chunked&h=X-Accel-Buffering:no&gate=g
= left
@ open g
@ streams 0
= 0
