# `on_failure next`: while a memcached is out of use another stands in for it, the gutter. A purge
# reaches it, and holds although the server that is away did not hear of it.

use lib 't/lib';
use Test::Mcache memcached => ['tcp', 'tcp', 'tcp'];
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    mcache_pool next {
        server $TEST_NGINX_MEMCACHED fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_2 fail_timeout=100ms;
        server $TEST_NGINX_MEMCACHED_3 fail_timeout=100ms;
        timeout 300ms;
        on_failure next;
    }
    mcache next;
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
        location /min { mcache_min_uses 2; proxy_pass http://origin; }
        location /lock { mcache_lock on; proxy_pass http://origin; }
        location /soft { mcache_purge_soft on; proxy_pass http://origin; }
        location /parts { mcache_max_size 64m; proxy_pass http://origin; }
EOC
});

run_tests();

__DATA__

=== TEST 1: the page's server goes, and comes back empty
--- steps
> GET /t
< 200 MISS
@ holder /t
@ it kill
> GET /t
< 200 MISS
= /t 2
@ copies 1 /t
@ by /t
= HIT by another: /t 2
@ item /t
<~ X-TTL: (?:30|2\d)
@ it start
@ status MISS /t
@ copies 2 /t
@ by /t
= HIT by it: /t 3



=== TEST 2: while the server is up the gutter is not read
--- steps
> GET /t
< 200 MISS
@ holder /t
@ it stop
> GET /t
< 200 MISS
= /t 2
@ status HIT /t
@ by /t
= HIT by another: /t 2
@ it resume
@ not again /t /t 3
@ by /t
= HIT by it: /t 1



=== TEST 3: a purge while it hangs reaches the gutter, and it does not bring the page back
--- steps
> GET /t
< 200 MISS
@ holder /t
@ it stop
> GET /t
< 200 MISS
= /t 2
@ status HIT /t
> PURGE /t
< 204
> GET /t
< 200 MISS
= /t 3
@ it resume
@ not again /t /t 1



=== TEST 4: a purge when it is back takes the gutter's page, too
--- steps
> GET /t
< 200 MISS
@ holder /t
@ it stop
> GET /t
< 200 MISS
= /t 2
@ status HIT /t
@ it resume
@ not again /t /t 3
> PURGE /t
< 204
@ copies 0 /t
@ it stop
> GET /t
< 200 MISS
= /t 3
@ it resume



=== TEST 5: by tag, and by beginning
--- steps
> GET /t?h=Cache-Tag:news
< 200 MISS
> GET /u
< 200 MISS
@ holder /t
@ it stop
@ status HIT /t?h=Cache-Tag:news
> PURGE /
> Cache-Tag: news
< 204
@ status HIT /t?h=Cache-Tag:news
> PURGE /*
< 204
@ status MISS /t?h=Cache-Tag:news
= MISS
> GET /u
< 200 MISS
@ it resume
@ not again /t /t 1
@ not again /t /t 2



=== TEST 6: variants, whose index was on the server that missed the purge
--- steps
> GET /a?h=Vary:X-Kind
< 200 MISS
> GET /b?h=Vary:X-Kind
< 200 MISS
> GET /c?h=Vary:X-Kind
< 200 MISS
@ holder /a
@ it stop
@ status MISS|HIT /a
> PURGE /a
< 204
@ it resume
@ index not again /a /a 1
@ holder /b
@ it stop
@ status MISS|HIT /b
> PURGE /b
< 204
@ it resume
@ index not again /b /b 1
@ holder /c
@ it stop
@ status MISS|HIT /c
> PURGE /c
< 204
@ it resume
@ index not again /c /c 1



=== TEST 7: softly
--- steps
> GET /soft/t
< 200 MISS
@ holder /soft/t
@ it stop
> PURGE /soft/t
< 204
@ it resume
@ not again /soft/t /soft/t 1



=== TEST 8: the lock and the count of uses
--- steps
> GET /lock/t
< 200 MISS
@ holder /lock/t
@ it kill
@ begin r /lock/t?gate=g
@ send s /lock/t
@ open g
@ end r
= 200 MISS /lock/t 2
@ end s
= 200 HIT /lock/t 2
> GET /min/t
< 200 MISS
< X-Reason: min-uses
> GET /min/t
< 200 MISS
< X-Reason: miss
> GET /min/t
< 200 HIT



=== TEST 9: a fill that is older than the purge, into the gutter
--- steps
> GET /t
< 200 MISS
@ holder /t
@ it kill
@ status HIT /t
> PURGE /t
< 204
@ begin r /t?gate=g
> PURGE /t
< 204
@ open g
@ end r
~ ^200 MISS /t 3
@ copies 0 /t
> GET /t
< 200 MISS



=== TEST 10: a large page
--- steps
@ whole /parts/t?size=3000000
= 200 MISS 3000000 bytes, of fill 1
@ holder /parts/t
@ it kill
@ whole /parts/t?size=3000000
= 200 MISS 3000000 bytes, of fill 2
@ copies 1 /parts/t
@ whole /parts/t?size=3000000
= 200 HIT 3000000 bytes, of fill 2



=== TEST 11: nobody is left who could be told
--- steps
> GET /t
< 200 MISS
@ memcached kill 1
@ memcached kill 2
@ memcached kill 3
> PURGE /t
< 502
> PURGE /*
< 502



=== TEST 12: a log that cannot be found is made, to say who missed a purge
--- steps
> GET /t
< 200 MISS
@ holder /t
@ others flush
@ it stop
> GET /t
< 200 MISS
= /t 2
> PURGE /t
< 204
@ it resume
@ not again /t /t 1
