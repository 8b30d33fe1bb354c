# Bodies that do not fit into one item lie in parts: stored while the origin sends, served as they
# come from memcached.

use lib 't/lib';
use Test::Mcache memcached_options => ['-m', '256'];
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    mcache_pool small { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; max_item_size 16k; }
    mcache_max_size 64m;
    mcache_valid 1m;
    proxy_http_version 1.1;
EOC
});

run_tests();

__DATA__

=== TEST 1: 10 MB, of known length
--- mcache:
--- steps
@ whole /t?size=10000000
= 200 MISS 10000000 bytes, of fill 1
@ stored http://localhost/t?size=10000000
@ parts 20
@ whole /t?size=10000000
= 200 HIT 10000000 bytes, of fill 1
@ count /t
= 1



=== TEST 2: and of unknown length
--- mcache:
--- steps
> GET /t?size=10000000&framing=chunked
< 200 MISS
@ stored http://localhost/t?size=10000000&framing=chunked
@ whole /t?size=10000000&framing=chunked
= 200 HIT 10000000 bytes, of fill 1
@ count /t
= 1



=== TEST 3: sizes around those of an item and of parts
--- mcache: mcache small;
--- steps
@ whole /one?size=15000
= 200 MISS 15000 bytes, of fill 1
@ whole /edge?size=15800
= 200 MISS 15800 bytes, of fill 1
@ whole /two?size=16384
= 200 MISS 16384 bytes, of fill 1
@ whole /more?size=16385
= 200 MISS 16385 bytes, of fill 1
@ stored http://localhost/one?size=15000
@ stored http://localhost/edge?size=15800
@ stored http://localhost/two?size=16384
@ stored http://localhost/more?size=16385
@ parts 7
@ whole /one?size=15000
= 200 HIT 15000 bytes, of fill 1
@ whole /edge?size=15800
= 200 HIT 15800 bytes, of fill 1
@ whole /two?size=16384
= 200 HIT 16384 bytes, of fill 1
@ whole /more?size=16385
= 200 HIT 16385 bytes, of fill 1



=== TEST 4: the first part is missing: a miss, and stored anew
--- mcache: mcache small; add_header X-Mcache $mcache_status; add_header X-Reason $mcache_reason;
--- steps
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 1
@ stored http://localhost/t?size=300000
@ parts 37
@ drop part 0
= dropped
> GET /t?size=300000
< 200 MISS
< X-Reason: part-missing
@ settled
@ parts 73
@ whole /t?size=300000
= 200 HIT 300000 bytes, of fill 2



=== TEST 5: or it is odd
--- mcache: mcache small;
--- steps
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 1
@ stored http://localhost/t?size=300000
@ spoil part 0
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 2
@ settled
@ whole /t?size=300000
= 200 HIT 300000 bytes, of fill 2



=== TEST 6: a later part is missing: a miss
--- mcache: mcache small;
--- steps
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 1
@ stored http://localhost/t?size=300000
@ drop part 30
= dropped
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 2
@ settled
@ whole /t?size=300000
= 200 HIT 300000 bytes, of fill 2



=== TEST 7: a later part is odd: the connection ends, and the next request is a miss
--- mcache: mcache small;
--- steps
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 1
@ stored http://localhost/t?size=300000
@ spoil part 30
@ whole /t?size=300000
= 200 HIT broken off, of fill 1
@ log part 31 of 37 of a large page is no longer in memcached
= 1
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 2
@ settled
@ whole /t?size=300000
= 200 HIT 300000 bytes, of fill 2
--- no_error_log
[alert]



=== TEST 8: HEAD reads no part
--- mcache: mcache small;
--- steps
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 1
@ stored http://localhost/t?size=300000
@ drop part 0
= dropped
> HEAD /t?size=300000
< 200 HIT
< Content-Length: 300000



=== TEST 9: conditions
--- mcache: mcache small;
--- steps
> GET /t?size=300000&etag=x
< 200 MISS
@ stored http://localhost/t?size=300000&etag=x
> GET /t?size=300000&etag=x
> If-None-Match: "x"
< 304 HIT
@ whole /t?size=300000&etag=x If-None-Match:"y"
= 200 HIT 300000 bytes, of fill 1
> GET /t?size=300000&etag=x
> If-Match: "y"
< 412 HIT



=== TEST 10: larger than mcache_max_size: nothing is left behind
--- mcache: mcache small; mcache_max_size 200k;
--- steps
@ whole /t?size=300000
= 200 MISS 300000 bytes, of fill 1
> GET /c?size=300000&framing=chunked
< 200 MISS
@ not stored http://localhost/t?size=300000
@ not stored http://localhost/c?size=300000&framing=chunked
@ parts 0



=== TEST 11: a response that is cut short is not stored, nor are its parts
--- mcache: mcache small;
--- steps
@ whole /t?size=300000&cut=short
= 200 MISS broken off, of fill 1
@ settled
@ parts 0
@ not stored http://localhost/t?size=300000&cut=short



=== TEST 12: each variant has parts of its own
--- mcache: mcache small;
--- steps
@ whole /t?size=100000&h=Vary:Cookie Cookie:a
= 200 MISS 100000 bytes, of fill 1
@ whole /t?size=100000&h=Vary:Cookie Cookie:b
= 200 MISS 100000 bytes, of fill 2
@ settled
@ whole /t?size=100000&h=Vary:Cookie Cookie:a
= 200 HIT 100000 bytes, of fill 1
@ whole /t?size=100000&h=Vary:Cookie Cookie:b
= 200 HIT 100000 bytes, of fill 2
@ delete http://localhost/t?size=100000&h=Vary:Cookie
= deleted
@ whole /t?size=100000&h=Vary:Cookie Cookie:a
= 200 MISS 100000 bytes, of fill 3



=== TEST 13: the raw format knows no parts
--- mcache
mcache small;
mcache_format raw;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
> GET /t?size=300000
< 200 MISS
< X-Reason: too-large
@ not stored http://localhost/t?size=300000
@ parts 0



=== TEST 14: a client without gzip
--- mcache: mcache small; gunzip on;
--- steps
> GET /t?noise=300000&gzip=1
> Accept-Encoding: gzip
< 200 MISS
@ stored http://localhost/t?noise=300000&gzip=1
> GET /t?noise=300000&gzip=1
< 200 HIT
<!~ Content-Length:
~ \A([0-9a-f]{3000}){100}\z



=== TEST 15: compressed by nginx
--- mcache: mcache small; gzip on; gzip_types text/plain;
--- steps
> GET /t?noise=300000
< 200 MISS
@ stored http://localhost/t?noise=300000
@ curl --compressed -o /dev/null -w %{http_code}:%{size_download} http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t?noise=300000
~ ^200:1\d{5}$



=== TEST 16: a file of nginx's own
--- config
    location / {
        mcache small;
    }
--- user_files eval
">>> file\n" . "0123456789" x 30000
--- steps
> GET /file
< 200 MISS
@ stored http://localhost/file
> GET /file
< 200 HIT
< Content-Length: 300000
~ \A((0123456789){100}){300}\z
