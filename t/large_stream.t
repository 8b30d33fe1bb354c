# What happens while a large body is on its way to a client.

use lib 't/lib';
use Test::Mcache memcached => ['tcp', 'tcp'], memcached_options => ['-m', '256'];
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    mcache_pool small { server $TEST_NGINX_MEMCACHED; max_item_size 16k; }
    mcache_pool two {
        server $TEST_NGINX_MEMCACHED max_fails=1 fail_timeout=60s;
        server $TEST_NGINX_MEMCACHED_2 max_fails=1 fail_timeout=60s;
    }
    mcache_max_size 64m;
    mcache_valid 1m;
    proxy_http_version 1.1;
    sendfile off;
EOC
});

run_tests();

__DATA__

=== TEST 1: a client that is slow gets it all, and others are not held up
--- mcache:
--- steps
@ whole /t?size=20000000
= 200 MISS 20000000 bytes, of fill 1
@ stored http://localhost/t?size=20000000
@ slow a /t?size=20000000
@ slow b /t?size=20000000
@ whole /t?size=20000000
= 200 HIT 20000000 bytes, of fill 1
@ go on a
= 200 HIT 20000000 bytes, of fill 1
@ go on b
= 200 HIT 20000000 bytes, of fill 1



=== TEST 2: deleted in mid-stream: the old body whole
--- mcache:
--- steps
@ whole /t?size=20000000
= 200 MISS 20000000 bytes, of fill 1
@ stored http://localhost/t?size=20000000
@ slow a /t?size=20000000
@ delete http://localhost/t?size=20000000
= deleted
@ go on a
= 200 HIT 20000000 bytes, of fill 1
@ whole /t?size=20000000
= 200 MISS 20000000 bytes, of fill 2



=== TEST 3: filled anew in mid-stream: the old body whole, never mixed
--- mcache: mcache_key $uri; mcache_bypass $arg_fresh;
--- steps
@ whole /t?size=20000000
= 200 MISS 20000000 bytes, of fill 1
@ stored /t
@ slow a /t?size=20000000
@ whole /t?size=20000000&fresh=1
= 200 BYPASS 20000000 bytes, of fill 2
@ settled
@ whole /t?size=20000000
= 200 HIT 20000000 bytes, of fill 2
@ go on a
= 200 HIT 20000000 bytes, of fill 1



=== TEST 4: everything is gone in mid-stream: broken off, never short in silence
--- mcache:
--- steps
@ whole /t?size=30000000
= 200 MISS 30000000 bytes, of fill 1
@ stored http://localhost/t?size=30000000
@ slow a /t?size=30000000
@ memcached flush
@ go on a
= 200 HIT broken off, of fill 1
@ log of 58 of a large page is no longer in memcached
= 1



=== TEST 5: memcached is killed in mid-stream
--- mcache:
--- steps
@ whole /t?size=30000000
= 200 MISS 30000000 bytes, of fill 1
@ stored http://localhost/t?size=30000000
@ slow a /t?size=30000000
@ memcached kill
@ go on a
= 200 HIT broken off, of fill 1
@ log of 58 of a large page cannot be read from memcached
= 1
@ whole /t?size=30000000
= 200 DOWN 30000000 bytes, of fill 2



=== TEST 6: one of two servers is dead: its parts are misses, and the response comes from the backend
--- mcache: mcache two;
--- steps
@ whole /t?size=10000000
= 200 MISS 10000000 bytes, of fill 1
@ stored http://localhost/t?size=10000000
@ whole /t?size=10000000
= 200 HIT 10000000 bytes, of fill 1
@ memcached kill 2
@ parallel 1 /one/more /to/see /that/it /is/dead /by/now
@ whole /t?size=10000000
~ ^200 (MISS|DOWN) 10000000 bytes, of fill 2$



=== TEST 7: a client that leaves
--- mcache:
--- steps
@ whole /t?size=20000000
= 200 MISS 20000000 bytes, of fill 1
@ stored http://localhost/t?size=20000000
@ slow a /t?size=20000000
@ turn away a
@ abort /t?size=20000000
@ whole /t?size=20000000
= 200 HIT 20000000 bytes, of fill 1
--- no_error_log
[alert]
[crit]



=== TEST 8: no room for another: it waits for its turn, and goes to the backend when that does not come
--- http_config
    mcache_pool narrow { server $TEST_NGINX_MEMCACHED; large_buffers 600k; }
--- mcache
mcache narrow;
mcache_lock_timeout 300ms;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
@ whole /t?size=20000000
= 200 MISS 20000000 bytes, of fill 1
@ stored http://localhost/t?size=20000000
@ slow a /t?size=20000000
> GET /t?size=20000000
< 200 MISS
< X-Reason: busy
@ go on a
= 200 HIT 20000000 bytes, of fill 1
@ whole /t?size=20000000
= 200 HIT 20000000 bytes, of fill 1



=== TEST 9: the one whose turn comes is served
--- http_config
    mcache_pool narrow { server $TEST_NGINX_MEMCACHED; large_buffers 600k; }
--- mcache: mcache narrow; mcache_lock_timeout 20s;
--- steps
@ whole /t?size=20000000
= 200 MISS 20000000 bytes, of fill 1
@ stored http://localhost/t?size=20000000
@ slow a /t?size=20000000
@ send b /t?size=20000000
@ send c /t?size=20000000
@ turn away a
@ end b
= 200 HIT (20000000 bytes)
@ end c
= 200 HIT (20000000 bytes)



=== TEST 10: HTTP/2
--- config
    listen 127.0.0.1:$TEST_NGINX_HTTP2_PORT http2;
    location / {
        mcache pages;
        proxy_pass http://origin;
    }
--- steps
@ whole /t?size=10000000
= 200 MISS 10000000 bytes, of fill 1
@ stored http://localhost/t?size=10000000
@ curl -H Host:localhost --http2-prior-knowledge -o /dev/null -w %{http_code}:%{http_version}:%{size_download} http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?size=10000000
~ ^200:2:10000000$
@ curl -H Host:localhost --http2-prior-knowledge -r 5000000-9000000 -o /dev/null -w %{http_code}:%{http_version}:%{size_download} http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?size=10000000
~ ^206:2:4000001$
@ spoil part 15
@ curl -H Host:localhost --http2-prior-knowledge -o /dev/null http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t?size=10000000
~ curl: \(92\) HTTP/2 stream



=== TEST 11: several on one HTTP/2 connection
--- config
    listen 127.0.0.1:$TEST_NGINX_HTTP2_PORT http2;
    location / {
        mcache pages;
        mcache_key $uri;
        proxy_pass http://origin;
    }
--- steps
@ whole /t?size=10000000
= 200 MISS 10000000 bytes, of fill 1
@ stored /t
@ nghttp -n -s -m 5 http://127.0.0.1:$TEST_NGINX_HTTP2_PORT/t
~ (200 +9M.*){5}



=== TEST 12: limit_rate
--- mcache: limit_rate 20m;
--- steps
@ whole /t?size=5000000
= 200 MISS 5000000 bytes, of fill 1
@ stored http://localhost/t?size=5000000
@ whole /t?size=5000000
= 200 HIT 5000000 bytes, of fill 1



=== TEST 13: a reload while clients are being served
--- mcache:
--- steps
@ whole /t?size=20000000
= 200 MISS 20000000 bytes, of fill 1
@ stored http://localhost/t?size=20000000
@ slow a /t?size=20000000
@ reload
@ whole /t?size=20000000
= 200 HIT 20000000 bytes, of fill 1
@ go on a
= 200 HIT 20000000 bytes, of fill 1
@ quit worker



=== TEST 14: a part that comes in drops is given up, and the response comes from the backend
--- http_config
    mcache_pool patient { server $TEST_NGINX_LIAR; timeout 10s; connect_timeout 10s; }
    mcache_pool hasty { server $TEST_NGINX_LIAR; timeout 300ms; connect_timeout 10s; }
--- config
    mcache_key $arg_size;
    location = /filled {
        mcache patient;
        proxy_pass http://origin;
    }
    location = /t {
        mcache hasty;
        proxy_pass http://origin;
    }
--- steps
@ whole /filled?size=3000000
= 200 MISS 3000000 bytes, of fill 1
@ stored 3000000
@ lie drip
@ whole /t?size=3000000
= 200 DOWN 3000000 bytes, of fill 1



=== TEST 15: what was read ahead for clients that have stalled is given up for another
--- http_config
    mcache_pool narrow { server $TEST_NGINX_MEMCACHED; max_item_size 64k; large_buffers 280k; }
--- mcache: mcache narrow; mcache_lock_timeout 20s;
--- steps
@ whole /t?size=8000000
= 200 MISS 8000000 bytes, of fill 1
@ stored http://localhost/t?size=8000000
@ slow a /t?size=8000000
@ slow b /t?size=8000000
@ whole /t?size=8000000
= 200 HIT 8000000 bytes, of fill 1
@ go on a
= 200 HIT 8000000 bytes, of fill 1
@ go on b
= 200 HIT 8000000 bytes, of fill 1



=== TEST 16: what has taken it in by SSI, and whose end is the connection's, is not short in silence either
--- config
    location / {
        mcache pages;
        proxy_pass http://origin;
    }
    location = /page {
        ssi on;
        ssi_types *;
        chunked_transfer_encoding off;
        return 200 '<!--# include virtual="/t?size=30000000" -->behind';
    }
--- steps
@ whole /page
= 200 - 30000006 bytes, of no fill
@ settled
@ slow a /page
@ memcached flush
@ go on a
= 200 - broken off, of no fill
@ log of 58 of a large page is no longer in memcached
= 1
