# mcache_purge_soft: stale instead of gone. Everybody is served at once, one request refreshes.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    return if defined $block->config || defined $block->mcache;
    $block->set_value('config', <<'EOC');
        location / {
            mcache pages;
            mcache_key $uri;
            mcache_valid 10m;
            mcache_tags $upstream_http_cache_tag;
            mcache_purge $is_purge;
            mcache_purge_soft on;
            mcache_purge_tags $http_cache_tag;
            add_header X-Mcache $mcache_status;
            add_header X-Reason $mcache_reason;
            proxy_pass http://origin;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: a page
--- steps
> GET /t
< 200 MISS
@ stored /t
> PURGE /t
< 204
@ lies /t page
@ begin refresh /t?gate=g
> GET /t
< 200 UPDATING
< X-Reason: purged
= /t 1
@ open g
@ end refresh
= 200 STALE /t 1
@ holds /t /t 2
> GET /t
< 200 HIT
= /t 2
@ count /t
= 2



=== TEST 2: nothing there, a stub, a marker, the application's body: as a hard purge
--- mcache
mcache_key $uri;
mcache_valid 10m;
mcache_lock on;
mcache_purge $is_purge;
mcache_purge_soft on;
--- steps
> PURGE /t
< 404
@ begin r /t?gate=g
@ lies /t stub
> PURGE /t
< 404
@ lies /t nothing
@ open g
@ end r
= 200 MISS /t 1
@ not stored /t
> GET /t?h=Cache-Control:private
< 200 MISS
@ lies /t marker
> PURGE /t
< 404
@ lies /t nothing
@ set /t written
> PURGE /t
< 204
@ lies /t nothing



=== TEST 3: how long the page is then kept is mcache_keep_stale
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1h;
        mcache_keep_stale 5m;
        mcache_purge $is_purge;
        mcache_purge_soft on;
        proxy_pass http://origin;
    }
    location /none {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1h;
        mcache_keep_stale 0;
        mcache_purge $is_purge;
        mcache_purge_soft on;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
@ stored /t
> PURGE /t
< 204
@ item /t
<~ X-TTL: (?:300|29\d)
> GET /none
< 200 MISS
@ stored /none
> PURGE /none
< 204
@ lies /none nothing



=== TEST 4: a tag
--- steps
> GET /a?h=Cache-Tag:x
< 200 MISS
> GET /b?h=Cache-Tag:y
< 200 MISS
@ settled
> PURGE /
> Cache-Tag: x
< 204
@ begin refresh /a?gate=g&h=Cache-Tag:x
> GET /a
< 200 UPDATING
< X-Reason: purged
= /a 1
> GET /a
< 200 UPDATING
> GET /b
< 200 HIT
@ open g
@ end refresh
= 200 STALE /a 1
@ holds /a /a 2
> GET /a
< 200 HIT
= /a 2
@ count /a
= 2



=== TEST 5: everything under a key
--- steps
> GET /blog/1
< 200 MISS
> GET /t
< 200 MISS
@ settled
> PURGE /blog/*
< 204
> GET /t
< 200 HIT
> GET /blog/1
< 200 STALE
= /blog/1 1
@ holds /blog/1 /blog/1 2
> GET /blog/1
< 200 HIT
= /blog/1 2



=== TEST 6: one that must be revalidated is not served stale
--- steps
> GET /t?h=Cache-Control:max-age=600,must-revalidate&h=Cache-Tag:x
< 200 MISS
@ settled
> PURGE /
> Cache-Tag: x
< 204
> GET /t?h=Cache-Control:max-age=600,must-revalidate&h=Cache-Tag:x
< 200 EXPIRED
= /t 2
@ settled
> GET /t
< 200 HIT
> PURGE /t
< 204
> GET /t?h=Cache-Control:max-age=600
< 200 EXPIRED
= /t 3



=== TEST 7: revalidated with a 304 it is fresh again
--- mcache
mcache_key $uri;
mcache_revalidate on;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_soft on;
mcache_purge_tags $http_cache_tag;
--- steps
> GET /t?etag=x&h=X-Accel-Expires:60&h=Cache-Tag:x
< 200 MISS
@ stored /t
> PURGE /
> Cache-Tag: x
< 204
> GET /t?etag=x&h=X-Accel-Expires:60
< 200 STALE
= /t 1
@ status HIT /t
> PURGE /
> Cache-Tag: x
< 204
> GET /t?etag=x&h=X-Accel-Expires:60
< 200 STALE
= /t 1



=== TEST 8: a hard purge after a soft one
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 10m;
        mcache_purge $is_purge;
        mcache_purge_soft on;
        proxy_pass http://origin;
    }
    location ~ ^/hard(?<hard>/.*) {
        mcache pages;
        mcache_key $hard;
        mcache_purge $is_purge;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
@ settled
> PURGE /t*
< 204
> PURGE /hard/t*
< 204
> GET /t
< 200 MISS
= /t 2
@ settled
> PURGE /t
< 204
> PURGE /hard/t
< 204
> GET /t
< 200 MISS
= /t 3



=== TEST 9: variants: each is served once more, and then all are fetched anew
--- steps
> GET /t?h=Vary:X-V
> X-V: a
< 200 MISS
= /t 1
@ settled
> GET /t?h=Vary:X-V
> X-V: b
< 200 MISS
= /t 2
@ settled
> PURGE /t
< 204
> GET /t?h=Vary:X-V
> X-V: a
< 200 STALE
= /t 1
@ settled
> GET /t?h=Vary:X-V
> X-V: b
< 200 MISS
= /t 4



=== TEST 10: several keys, some of them softly
--- steps
> GET /a
< 200 MISS
> GET /b/1
< 200 MISS
@ set /c written
@ settled
> PURGE /
> Purge-Key: /a
> Purge-Key: /b/*
> Purge-Key: /c
> Purge-Key: /d
< 200
= {"results":[{"key":"/a","result":"purged"},{"key":"/b/*","result":"purged"},{"key":"/c","result":"purged"},{"key":"/d","result":"not found"}]}
> GET /a
< 200 STALE
> GET /b/1
< 200 STALE
> GET /c
< 200 MISS
