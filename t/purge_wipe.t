# A key that ends in an asterisk: everything under it goes away, by one line in a log. What becomes of that
# log, it never brings an old page back.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    return if defined $block->config || defined $block->mcache || defined $block->bare;
    $block->set_value('config', <<'EOC');
        location / {
            mcache pages;
            mcache_key_prefix site-;
            mcache_key $request_uri;
            mcache_valid 1m;
            mcache_purge $is_purge;
            add_header X-Mcache $mcache_status;
            add_header X-Reason $mcache_reason;
            proxy_pass http://origin;
        }
        location /other/ {
            mcache pages;
            mcache_key_prefix other-;
            mcache_key $request_uri;
            mcache_valid 1m;
            mcache_purge $is_purge;
            proxy_pass http://origin;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: what begins so, whatever follows
--- steps
> GET /blog/
< 200 MISS
> GET /blog/1?page=2
< 200 MISS
> GET /blog
< 200 MISS
> GET /other/blog/
< 200 MISS
@ settled
> PURGE /blog/*
< 204
< Cache-Control: no-store
> GET /blog/
< 200 MISS
< X-Reason: purged
= /blog/ 2
> GET /blog/1?page=2
< 200 MISS
> GET /blog
< 200 HIT
> GET /other/blog/
< 200 HIT
@ settled
> GET /blog/
< 200 HIT
= /blog/ 2



=== TEST 2: the whole site, and no other
--- steps
> GET /a
< 200 MISS
> GET /b/c
< 200 MISS
> GET /other/a
< 200 MISS
@ settled
> GET /other/a
< 200 HIT
> PURGE /*
< 204
> GET /a
< 200 MISS
> GET /b/c
< 200 MISS
> GET /other/a
< 200 HIT
@ settled
> GET /a
< 200 HIT



=== TEST 3: an asterisk elsewhere is a character like any other
--- steps
> GET /*/a
< 200 MISS
> GET /x/a
< 200 MISS
@ settled
> PURGE /*/a
< 204
> GET /*/a
< 200 MISS
> GET /x/a
< 200 HIT
> PURGE /*/b
< 404



=== TEST 4: nothing to wipe is done as well
--- steps
> PURGE /nothing/*
< 204
> GET /nothing/1
< 200 MISS
@ settled
> GET /nothing/1
< 200 HIT
> PURGE /nothing/*
< 204
> GET /nothing/1
< 200 MISS



=== TEST 5: the log is lost: everything is gone, and nothing comes back
--- steps
> GET /a
< 200 MISS
@ settled
> GET /a
< 200 HIT
> PURGE /b*
< 204
> GET /a
< 200 HIT
@ delete site-%00purges
= deleted
> GET /a
< 200 MISS
= /a 2
@ settled
> GET /a
< 200 HIT
= /a 2



=== TEST 6: memcached is flushed, or restarted, between page and purge
--- steps
> GET /a
< 200 MISS
@ settled
@ memcached flush
> PURGE /a*
< 204
> GET /a
< 200 MISS
= /a 2
@ settled
> GET /a
< 200 HIT
@ memcached kill
@ memcached start
> GET /a
< 200 MISS
= /a 3
@ settled
> GET /a
< 200 HIT
> PURGE /a*
< 204
> GET /a
< 200 MISS
= /a 4



=== TEST 7: an old page, put back as it was, stays purged
--- steps
> GET /a
< 200 MISS
@ settled
@ keep site-/a
> PURGE /a*
< 204
> GET /a
< 200 MISS
= /a 2
@ settled
@ put back site-/a
> GET /a
< 200 MISS
= /a 3
@ settled
@ delete site-%00purges
= deleted
@ put back site-/a
> GET /a
< 200 MISS
= /a 4
@ settled
> GET /a
< 200 HIT
= /a 4



=== TEST 8: an entry without a stamp, as one is stored where the log is off
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_purge $is_purge;
        proxy_pass http://origin;
    }
    location ~ ^/off(?<of>/.*) {
        mcache pages;
        mcache_key $of;
        mcache_valid 1m;
        mcache_purge_log off;
        proxy_pass http://origin;
    }
--- steps
> GET /off/a
< 200 MISS
@ stored /a
> GET /off/a
< 200 HIT
> GET /a
< 200 MISS
= /a 1
@ settled
> GET /a
< 200 HIT
> GET /off/a
< 200 HIT
= /a 1



=== TEST 9: a log that is none is replaced
--- steps
> GET /a
< 200 MISS
@ settled
> GET /a
< 200 HIT
@ set site-%00purges nonsense
> GET /a
< 200 MISS
@ settled
> GET /a
< 200 HIT
= /a 2
@ item site-%00purges
~ \Amcache-purges [0-9a-f]{16} 0\n\z
@ set site-%00purges
> GET /a
< 200 MISS
@ settled
> GET /a
< 200 HIT
= /a 3



=== TEST 10: what an application appends by hand
--- steps
> GET /a/1
< 200 MISS
> GET /b/1
< 200 MISS
@ settled
@ append site-%00purges under /a/
= stored
> GET /a/1
< 200 MISS
> GET /b/1
< 200 HIT
@ settled
> GET /a/1
< 200 HIT
@ append site-%00purges a line that is none
= stored
> GET /a/1
< 200 MISS
> GET /b/1
< 200 MISS
@ settled
> GET /a/1
< 200 HIT



=== TEST 11: a line that was not ended makes the log anew
--- steps
> GET /a
< 200 MISS
@ settled
@ append open site-%00purges under /b
= stored
> GET /a
< 200 MISS
@ settled
> GET /a
< 200 HIT
= /a 2
@ item site-%00purges
~ \Amcache-purges [0-9a-f]{16} 0\n\z



=== TEST 12: a log that has become long is shortened; what is younger than the rest stands
--- steps
> GET /old
< 200 MISS
@ settled
@ append many site-%00purges 5000
= stored
> GET /old
< 200 HIT
@ shorter site-%00purges
= shorter
@ reload
@ quit worker
> GET /old
< 200 MISS
< X-Reason: purged
= /old 2
@ settled
> GET /old
< 200 HIT
= /old 2
> PURGE /old*
< 204
> GET /old
< 200 MISS



=== TEST 13: a server that stores nothing, but removes: then all is gone, and the purge is done
--- http_config
    mcache_pool liar { server $TEST_NGINX_LIAR; }
--- mcache
mcache liar;
mcache_key $uri;
mcache_valid 1m;
mcache_purge $is_purge;
--- steps
> GET /a
< 200 MISS
@ settled
> GET /a
< 200 HIT
@ lie refuse-store
> PURGE /a*
< 204
@ lie truth
@ lies %00purges nothing
> GET /a
< 200 MISS
= /a 2



=== TEST 14: a log that is as long as an item may be: then all is gone, and the purge is done
--- steps
> GET /a
< 200 MISS
@ settled
> GET /a
< 200 HIT
@ append until full site-%00purges
= full
> PURGE /a*
< 204
> GET /a
< 200 MISS
= /a 2
@ settled
> GET /a
< 200 HIT



=== TEST 15: control characters cannot be wiped
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $is_purge;
--- steps
> PURGE /a%0Ab*
< 400
= {"error":"control character in a key that ends in *"}
> PURGE /a%7F*
< 400
> PURGE /a%0Ab
< 404
> GET /a%20b/c
< 200 MISS
@ settled
> PURGE /a%20b/*
< 204
> GET /a%20b/c
< 200 MISS



=== TEST 16: where the log is off, or pages are raw, a wipe is refused
--- config
    location /off {
        mcache pages;
        mcache_key $uri;
        mcache_purge $is_purge;
        mcache_purge_log off;
        proxy_pass http://origin;
    }
    location /raw {
        mcache pages;
        mcache_key $uri;
        mcache_purge $is_purge;
        mcache_format raw;
        proxy_pass http://origin;
    }
--- steps
> PURGE /off*
< 400
= {"error":"a key that ends in * needs mcache_purge_log on and mcache_format entry here"}
> PURGE /raw*
< 400
@ set /off written
> PURGE /off
< 204
@ set /raw written
> PURGE /raw
< 204



=== TEST 17: a site of its own for each host
--- mcache
mcache_key_prefix $http_x_site-;
mcache_key $request_uri;
mcache_valid 1m;
mcache_purge $is_purge;
--- steps
> GET /a
> X-Site: one
< 200 MISS
> GET /a
> X-Site: two
< 200 MISS
@ settled
> PURGE /*
> X-Site: one
< 204
> GET /a
> X-Site: two
< 200 HIT
> GET /a
> X-Site: one
< 200 MISS
