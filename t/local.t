# mcache_local: hot values come from the worker's memory, after memcached has said that they still
# stand. X-Local is 1 where one did.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    return if defined $block->config || defined $block->mcache;
    my $location = $block->location // '';
    $block->set_value('config', <<"EOC");
        add_header X-Local \$mcache_local always;
        mcache_local 8m;
        location / {
            mcache pages;
            mcache_key \$uri;
            mcache_valid 10m;
            mcache_purge \$is_purge;
            mcache_tags \$upstream_http_cache_tag;
            mcache_purge_tags \$http_cache_tag;
            $location
            proxy_pass http://origin;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: the third request's value is not sent by memcached any more, and it is asked once
--- steps
> GET /t?size=100000
< 200 MISS
<!~ X-Local:.*
@ stored /t
> GET /t
< 200 HIT
<!~ X-Local:.*
> GET /t
< 200 HIT
< X-Local: 1
< Content-Length: 100000
@ asked bytes_written /t
~ ^\d{1,4}$
@ asked cmd_get /t
= 2
@ count /t
= 1



=== TEST 2: without it memcached sends the value each time
--- location: mcache_local off;
--- steps
> GET /t?size=100000
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
@ asked bytes_written /t
~ ^\d{6}$
> GET /t
< 200 HIT
<!~ X-Local:.*



=== TEST 3: identical requests of a turn share the question
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m; mcache_local 8m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
> GET /t
< 200 HIT
@ one turn 20 /t
~ \A20 x /t: 200 HIT /t 1\nlookups 1\n\z



=== TEST 4: purged, then filled anew
--- steps
> GET /t
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
> PURGE /t
< 204
> GET /t
< 200 MISS
<!~ X-Local:.*
= /t 2
@ stored /t
> GET /t
< 200 HIT
<!~ X-Local:.*
= /t 2
> GET /t
< 200 HIT
< X-Local: 1
= /t 2



=== TEST 5: purged by tag
--- steps
> GET /t?h=Cache-Tag:news
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
> PURGE /any
> Cache-Tag: news
< 204
> GET /t
< 200 MISS
= /t 2



=== TEST 6: everything under a key
--- steps
> GET /shop/t
< 200 MISS
@ stored /shop/t
@ local 2 /shop/t
= 1 of 1
> PURGE /shop/*
< 204
> GET /shop/t
< 200 MISS
= /shop/t 2



=== TEST 7: a soft purge
--- location: mcache_purge_soft on;
--- steps
> GET /t
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
> PURGE /t
< 204
@ begin refresh /t?gate=g
> GET /t
< 200 UPDATING
<!~ X-Local:.*
= /t 1
@ open g
@ end refresh
= 200 STALE /t 1
@ holds /t /t 2
> GET /t
< 200 HIT
= /t 2
> GET /t
< 200 HIT
< X-Local: 1
= /t 2



=== TEST 8: the application deletes the page, and writes one
--- steps
> GET /t
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
@ delete /t
> GET /t
< 200 MISS
= /t 2
@ stored /t
@ local 2 /t
= 1 of 1
@ set lasting /t 100 written
> GET /t
< 200 HIT
<!~ X-Local:.*
== written
> GET /t
< 200 HIT
< X-Local: 1
== written
@ set lasting /t 100 rewritten
> GET /t
< 200 HIT
<!~ X-Local:.*
== rewritten
@ append /t more
> GET /t
< 200 HIT
<!~ X-Local:.*
= rewrittenmore



=== TEST 9: what never expires cannot be known again for sure behind a proxy, and is not kept
--- steps
@ set /t written
@ local 3 /t
= 0 of 1
> GET /t
< 200 HIT
== written



=== TEST 10: neither is what the application keeps there besides pages
--- steps
@ set flagged /t 1 pickled
@ local 3 /t
= 0 of 1
> GET /t
< 200 MISS
= /t 4



=== TEST 11: expiry, and the page revalidated
--- location: mcache_revalidate on;
--- steps
> GET /t?etag=a&h=X-Accel-Expires:1
< 200 MISS
= /t 1
@ stored /t
@ status EXPIRED /expiry/t
> GET /t?etag=a&h=X-Accel-Expires:60&h=X-Version:2
< 200 REVALIDATED
= /t 1
@ holds /t X-Version
> GET /t
< 200 HIT
<!~ X-Local:.*
< X-Version: 2
= /t 1
> GET /t
< 200 HIT
< X-Local: 1
< X-Version: 2
= /t 1



=== TEST 12: stale where the backend fails, as without the local tier
--- location: mcache_use_stale http_500; mcache_keep_stale 10m;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ stored /t
@ status EXPIRED /expiry/t
> GET /t?status=500
< 200 STALE
< X-Local: 1
= /t 1
> GET /t?status=500
< 200 STALE
< X-Local: 1
= /t 1



=== TEST 13: variants
--- steps
> GET /t?h=Vary:X-Kind&echo=X-Kind
> X-Kind: one
< 200 MISS
@ settled
> GET /t?h=Vary:X-Kind&echo=X-Kind
> X-Kind: two
< 200 MISS
@ settled
> GET /t
> X-Kind: one
< 200 HIT
> GET /t
> X-Kind: two
< 200 HIT
> GET /t
> X-Kind: one
< 200 HIT
< X-Local: 1
= X-Kind: one
> GET /t
> X-Kind: two
< 200 HIT
< X-Local: 1
= X-Kind: two
> PURGE /t
< 204
> GET /t?h=Vary:X-Kind&echo=X-Kind
> X-Kind: two
< 200 MISS



=== TEST 14: after a reload the worker's memory is empty
--- steps
> GET /t
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
@ reload
@ quit worker
> GET /t
< 200 HIT
<!~ X-Local:.*
= /t 1
> GET /t
< 200 HIT
< X-Local: 1



=== TEST 15: without memcached nothing is served that it cannot confirm
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=100ms; }
--- config
    add_header X-Local $mcache_local always;
    mcache_local 8m;
    location / {
        mcache quick;
        mcache_key $uri;
        mcache_valid 10m;
        mcache_use_stale error timeout updating http_500;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
@ memcached kill
> GET /t
< 200 DOWN
<!~ X-Local:.*
= /t 2
> GET /t?status=500
< 500 DOWN
@ memcached start
@ status MISS /t
@ stored /t
> GET /t
< 200 HIT
<!~ X-Local:.*
> GET /t
< 200 HIT
< X-Local: 1



=== TEST 16: a memcached that was restarted gives the same CAS to another page
--- steps
@ memcached kill
@ memcached start
@ set lasting /t 100 before
@ note cas /t
> GET /t
< 200 HIT
== before
> GET /t
< 200 HIT
< X-Local: 1
== before
@ memcached kill
@ memcached start
@ set lasting /t 100 after!
@ cas /t
= as noted
> GET /t
< 200 HIT
<!~ X-Local:.*
== after!



=== TEST 17: also where a pool has several connections to a server
--- http_config
    mcache_pool wide { server $TEST_NGINX_MEMCACHED; connections 3; timeout 10s; connect_timeout 10s; }
--- config
    add_header X-Local $mcache_local always;
    mcache_local 8m;
    location / {
        mcache wide;
        mcache_key $uri;
        mcache_valid 10m;
        proxy_pass http://origin;
    }
--- steps
@ memcached kill
@ memcached start
@ set lasting /t 100 before
@ note cas /t
@ local 2 /t
= 1 of 1
@ parallel 20 /t /a /b /c /d
@ settled
@ parallel 20 /t /a /b /c /d
@ local 1 /t
= 1 of 1
@ memcached kill
@ memcached start
@ set lasting /t 100 after!
@ cas /t
= as noted
> GET /t
< 200 HIT
== after!



=== TEST 18: locations with other keys, formats and sizes share the tier and not the pages
--- config
    add_header X-Local $mcache_local always;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 10m;
        mcache_local 1m;
        proxy_pass http://origin;
    }
    location /raw {
        mcache pages;
        mcache_key $uri;
        mcache_valid 10m;
        mcache_format raw;
        mcache_local 8m;
        proxy_pass http://origin;
    }
    location /off {
        mcache pages;
        mcache_key $uri;
        mcache_valid 10m;
        proxy_pass http://origin;
    }
--- steps
> GET /t?size=500000
< 200 MISS
> GET /raw/t
< 200 MISS
> GET /off/t
< 200 MISS
@ settled
@ local 2 /t /raw/t /off/t
= 2 of 3
> GET /raw/t
< 200 HIT
< X-Local: 1
= /raw/t 1
> GET /off/t
< 200 HIT
<!~ X-Local:.*



=== TEST 19: a scan of ten times as many cold pages takes no hot one's place
--- config
    add_header X-Local $mcache_local always;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 10m;
        mcache_local 1m;
        proxy_pass http://origin$uri?size=64000;
    }
--- steps
@ local 6 /hot/1..10
= 10 of 10
@ local 2 /cold/1..100
~ ^\d+ of 100$
@ local 1 /hot/1..10
= 10 of 10



=== TEST 20: a large page in parts: its manifest alone is kept
--- location: mcache_max_size 10m;
--- steps
> GET /t?size=3000000
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
@ asked bytes_written /t
~ ^3\d{6}$
> GET /t
< 200 HIT
< Content-Length: 3000000
> PURGE /t
< 204
> GET /t
< 200 MISS



=== TEST 21: conditions, ranges and HEAD
--- steps
> GET /t?body=0123456789&etag=x
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
> GET /t
> If-None-Match: "x"
< 304 HIT
< X-Local: 1
> GET /t
> Range: bytes=2-4
< 206 HIT
< X-Local: 1
== 234
> HEAD /t
< 200 HIT
< X-Local: 1
< Content-Length: 10
> GET /t
< 200 HIT
== 0123456789



=== TEST 22: a slow client keeps the page that it began with
--- steps
> GET /t?size=900000
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
@ slow reader /t
@ delete /t
> GET /t?size=900001
< 200 MISS
@ stored /t
@ local 2 /t
= 1 of 1
@ go on reader
~ ^200 HIT.*900000



=== TEST 23: harmless where mcache is off
--- config
    mcache_local 8m;
    location / {
        proxy_pass http://origin;
    }
    location /off {
        mcache off;
        mcache_local 2m;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200
> GET /off/t
< 200
