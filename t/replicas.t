# `replicas`: pages lie on several memcacheds, so that one may go. A purge holds without it, and it
# does not bring old pages back.
#
# A server that stands still executes later what it was sent before it was out of use: a request
# finds out that it is away, and then comes the purge.

use lib 't/lib';
use Test::Mcache memcached => ['tcp', 'tcp', 'tcp'];
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    mcache_pool two {
        server $TEST_NGINX_MEMCACHED fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_2 fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_3 fail_timeout=100ms;
        timeout 300ms;
        replicas 2;
    }
    mcache_pool both {
        server $TEST_NGINX_MEMCACHED fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_2 fail_timeout=100ms;
        timeout 300ms;
        replicas 2;
    }
    mcache two;
    mcache_key $uri;
    mcache_valid 10m;
    mcache_keep_stale 10m;
    mcache_tags $upstream_http_cache_tag;
    mcache_purge $is_purge;
    mcache_purge_tags $http_cache_tag;
EOC
    $block->set_value('config', ($block->config // '') . <<'EOC');
        add_header X-Reason $mcache_reason;
        add_header X-Server $mcache_server;
        location / { proxy_pass http://origin; }
        location /over { mcache_bypass $arg_over; proxy_pass http://origin; }
        location /min { mcache_min_uses 2; proxy_pass http://origin; }
        location /lock { mcache_lock on; proxy_pass http://origin; }
        location /soft { mcache_purge_soft on; proxy_pass http://origin; }
        location /form { mcache_invalidate on; mcache_key $request_uri; proxy_pass http://origin; }
        location /both { mcache both; proxy_pass http://origin; }
        location /behind {
            mcache_use_stale updating;
            mcache_background_update on;
            mcache_purge_soft on;
            proxy_pass http://origin;
        }
        location /parts { mcache_max_size 64m; proxy_pass http://origin; }
EOC
});

run_tests();

__DATA__

=== TEST 1: one of the two goes, and comes back empty
--- steps
> GET /t
< 200 MISS
@ copies 2 /t
@ primary /t
= HIT
@ it kill
> GET /t
< 200 HIT
= /t 1
> GET /t
< 200 HIT
= /t 1
@ log others stand in for it until it answers again
= 1
@ it start
@ status MISS /t
@ copies 2 /t
@ by /t
= HIT by it: /t 2



=== TEST 2: all that may hold it are gone
--- steps
> GET /both/t
< 200 MISS
@ copies 2 /both/t
@ memcached kill 1
@ memcached kill 2
> GET /both/t
< 200 DOWN
= /both/t 2
> PURGE /both/t
< 502



=== TEST 3: a purge takes both away
--- steps
> GET /t
< 200 MISS
@ copies 2 /t
> PURGE /t
< 204
@ copies 0 /t
> PURGE /t
< 404
> GET /t
< 200 MISS
= /t 2



=== TEST 4: a purge by key while one hangs, which comes back with the page
--- steps
> GET /t
< 200 MISS
@ copies 2 /t
@ primary /t
@ it stop
> GET /t
< 200 HIT
> PURGE /t
< 204
> GET /t
< 200 MISS
= /t 2
@ it resume
@ not again /t /t 1



=== TEST 5: by tag
--- steps
> GET /t?h=Cache-Tag:news
< 200 MISS
@ copies 2 /t
@ primary /t
@ it stop
> GET /t
< 200 HIT
> PURGE /
> Cache-Tag: news
< 204
> GET /t?h=Cache-Tag:news
< 200 MISS
= /t 2
@ it resume
@ not again /t /t 1



=== TEST 6: by beginning
--- steps
> GET /t
< 200 MISS
@ copies 2 /t
@ primary /t
@ it stop
> GET /t
< 200 HIT
> PURGE /*
< 204
> GET /t
< 200 MISS
= /t 2
@ it resume
@ not again /t /t 1



=== TEST 7: softly: what the one that was away has is gone
--- steps
> GET /soft/t
< 200 MISS
@ copies 2 /soft/t
@ primary /soft/t
@ it stop
> PURGE /soft/t
< 204
@ it resume
@ status HIT /soft/t
@ not again /soft/t /soft/t 1



=== TEST 8: by an unsafe method
--- steps
> GET /form/t
< 200 MISS
@ copies 2 /form/t
@ primary /form/t
@ it stop
> GET /form/t
< 200 HIT
> POST /form/t\nx=1
< 200
> GET /form/t
< 200 MISS
= /form/t 3
@ it resume
@ not again /form/t /form/t 1



=== TEST 9: a second server that knows nothing of it does not vouch: the first one lost its log
--- steps
> GET /t
< 200 MISS
@ copies 2 /t
@ primary /t
@ it stop
> GET /t
< 200 HIT
> PURGE /t
< 204
@ others flush
@ it resume
@ not again /t /t 1



=== TEST 10: of two servers, one hangs at the purge, and the other is gone before it is back
--- steps
> GET /both/t
< 200 MISS
@ copies 2 /both/t
@ primary /both/t
@ it stop
> GET /both/t
< 200 HIT
> PURGE /both/t
< 204
@ memcached start 3
@ others kill
@ it resume
@ not again /both/t /both/t 1



=== TEST 11: the server that stays good when the other goes serves what it has
--- steps
> GET /both/t
< 200 MISS
@ copies 2 /both/t
@ primary /both/t
@ others kill
> GET /both/t
< 200 HIT
= /both/t 1
@ others start
> GET /both/t
< 200 HIT
= /both/t 1
> GET /both/t
< 200 HIT
= /both/t 1



=== TEST 12: a fill that is older than the purge does not come back on either
--- steps
@ begin r /t?gate=g
> PURGE /t
< 404
@ open g
@ end r
= 200 MISS /t 1
@ not stored /t
> GET /t
< 200 MISS
@ copies 2 /t



=== TEST 13: nor on one that hung at the purge
--- steps
> GET /t
< 200 MISS
@ copies 2 /t
@ primary /t
> PURGE /t
< 204
@ copies 0 /t
@ begin r /t?gate=g
@ it stop
> PURGE /t
< 204
@ it resume
@ open g
@ end r
= 200 MISS /t 2
@ not again /t /t 2



=== TEST 14: an old page on the second server does not outlive a fill that replaced it on the first
--- steps
> GET /t
< 200 MISS
@ copies 2 /t
@ primary /t
@ it flush
> GET /t
< 200 MISS
= /t 2
@ copies 2 /t
@ settled
@ it kill
> GET /t
< 200 HIT
= /t 2



=== TEST 15: a refresh in the background is stored on both
--- steps
> GET /behind/t
< 200 MISS
@ copies 2 /behind/t
@ primary /behind/t
> PURGE /behind/t
< 204
@ by /behind/t
= STALE by it: /behind/t 1
@ status HIT /behind/t
= HIT
@ settled
@ it kill
> GET /behind/t
< 200 HIT
= /behind/t 2



=== TEST 16: so is what is fetched by mcache_bypass, and a purge wins over it on both
--- steps
> GET /over/t
< 200 MISS
@ copies 2 /over/t
@ primary /over/t
> GET /over/t?over=1
< 200 BYPASS
= /over/t 2
@ settled
> GET /over/t
< 200 HIT
= /over/t 2
@ it kill
> GET /over/t
< 200 HIT
= /over/t 2
@ begin r /over/t?over=1&gate=g
> PURGE /over/t
< 204
@ open g
@ end r
= 200 BYPASS /over/t 3
@ copies 0 /over/t



=== TEST 17: variants
--- steps
> GET /v?h=Vary:X-Kind
> X-Kind: a
< 200 MISS
> GET /v?h=Vary:X-Kind
> X-Kind: b
< 200 MISS
@ copies 2 /v
> GET /v
> X-Kind: a
< 200 HIT
= /v 1
@ memcached kill 1
> GET /v
> X-Kind: b
< 200 HIT
= /v 2
> PURGE /v
< 204
@ copies 0 /v
> GET /v
> X-Kind: a
< 200 MISS
= /v 3



=== TEST 18: the lock and the count of uses go with the page
--- steps
> GET /lock/t
< 200 MISS
@ copies 2 /lock/t
@ primary /lock/t
@ it kill
> GET /lock/t
< 200 HIT
> GET /min/t
< 200 MISS
< X-Reason: min-uses
> GET /min/t
< 200 MISS
< X-Reason: miss
> GET /min/t
< 200 HIT
= /min/t 2



=== TEST 19: a private response leaves nothing behind on either
--- steps
> GET /lock/p?h=Cache-Control:private
< 200 MISS
> GET /lock/p
< 200 MISS
@ copies 2 /lock/p
> GET /lock/p
< 200 HIT



=== TEST 20: a large page and its parts
--- steps
@ whole /parts/t?size=3000000
= 200 MISS 3000000 bytes, of fill 1
@ copies 2 /parts/t
@ whole /parts/t?size=3000000
= 200 HIT 3000000 bytes, of fill 1
@ settled
@ memcached kill 2
@ whole /parts/t?size=3000000
= 200 HIT 3000000 bytes, of fill 1
@ count /parts/t
= 1
> PURGE /parts/t
< 204
@ whole /parts/t?size=3000000
= 200 MISS 3000000 bytes, of fill 2



=== TEST 21: three copies of three, and two servers are away at the purge
--- http_config
    mcache_pool three {
        server $TEST_NGINX_MEMCACHED fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_2 fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_3 fail_timeout=100ms;
        timeout 300ms;
        replicas 3;
    }
--- config
    location /three { mcache three; proxy_pass http://origin; }
--- steps
> GET /three/t
< 200 MISS
@ copies 3 /three/t
@ primary /three/t
@ it stop
> GET /three/t
< 200 HIT
= /three/t 1
> PURGE /three/t
< 204
> GET /three/t
< 200 MISS
= /three/t 2
@ it resume
@ not again /three/t /three/t 1



=== TEST 22: where all that may hold it are gone, the requests of a worker share a fetch
--- config
    location /share {
        mcache both;
        mcache_lock on;
        mcache_lock_timeout 30s;
        proxy_pass http://origin;
    }
--- steps
@ memcached kill 1
@ memcached kill 2
> GET /share/other
< 200 DOWN
@ begin first /share/t?gate=g1
@ send a /share/t?gate=g2
@ send b /share/t?gate=g2
@ send c /share/t?gate=g2
@ open g1
@ end first
= 200 DOWN /share/t 1
@ arrivals g2 1
@ open g2
@ end a
~ ^200 (DOWN|HIT) /share/t 2$
@ end b
~ ^200 (DOWN|HIT) /share/t 2$
@ end c
~ ^200 (DOWN|HIT) /share/t 2$
@ count /share/t
= 2
