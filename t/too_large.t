# Pages that are too large to be stored: once that is known, the backend is asked as the client asks.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', ($block->config // '') . <<'EOC');
    mcache_key $uri;
    mcache_valid 1m;
    mcache_max_size 4k;
    proxy_http_version 1.1;
    add_header X-Reason $mcache_reason always;
    add_header X-Got $upstream_status always;
    location / { mcache pages; mcache_bypass $arg_fresh; proxy_pass http://origin; }
    location /lock/ { mcache pages; mcache_lock on; proxy_pass http://origin; }
EOC
});

run_tests();

__DATA__

=== TEST 1: a range
--- steps
> GET /t?size=20000&range=1
> Range: bytes=0-3
< 206 MISS
< X-Got: 200
< X-Reason: too-large
== /t 1
> GET /t?size=20000&range=1
> Range: bytes=0-3
< 206 MISS
< X-Got: 206
< X-Reason: too-large
== /t 2
> GET /chunks?size=20000&range=1&framing=chunked
< 200 MISS
> GET /chunks?size=20000&range=1
> Range: bytes=0-9
< 206 MISS
< X-Got: 206
> GET /lock/t?size=20000&range=1
< 200 MISS
> GET /lock/t?size=20000&range=1
> Range: bytes=0-9
< 206 MISS
< X-Got: 206
> GET /t?size=20000&range=1&fresh=1
> Range: bytes=0-9
< 206 BYPASS
< X-Got: 206



=== TEST 2: a condition
--- steps
> GET /t?size=20000&etag=v
< 200 MISS
> GET /t?size=20000&etag=v
> If-None-Match: "v"
< 304 MISS
< X-Got: 304



=== TEST 3: another page is none the wiser, and one that is small again is stored
--- steps
> GET /t?size=20000
< 200 MISS
> GET /other?size=200
< 200 MISS
@ stored /other
> GET /t?size=200
< 200 MISS
< X-Reason: too-large
> GET /t?size=200
< 200 MISS
< X-Reason: miss
@ stored /t
> GET /t?size=20000
< 200 HIT
< Content-Length: 200



=== TEST 4: as it is seen by a range of it
--- steps
> GET /t?size=20000&range=1
< 200 MISS
> GET /t?size=200&range=1
> Range: bytes=0-9
< 206 MISS
< X-Got: 206
> GET /t?size=200&range=1
> Range: bytes=0-9
< 206 MISS
< X-Got: 200
@ stored /t
