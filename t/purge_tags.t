# mcache_tags and mcache_purge_tags: all pages with a tag go away at once.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: the pages that have the tag, and no others
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
> GET /a?h=Cache-Tag:news,front
< 200 MISS
> GET /b?h=Cache-Tag:sport+news
< 200 MISS
> GET /c?h=Cache-Tag:newsletter
< 200 MISS
> GET /d
< 200 MISS
@ settled
> GET /a
< 200 HIT
> PURGE /any
> Cache-Tag: news
< 204
< Cache-Control: no-store
> GET /a?h=Cache-Tag:news,front
< 200 MISS
= /a 2
> GET /b?h=Cache-Tag:sport+news
< 200 MISS
= /b 2
> GET /c
< 200 HIT
> GET /d
< 200 HIT
@ settled
> GET /a
< 200 HIT
= /a 2
> PURGE /any
> Cache-Tag: sport, front
< 204
> GET /a
< 200 MISS
> GET /b
< 200 MISS
> GET /c
< 200 HIT
@ count /any
= 0



=== TEST 2: a page of the key is not purged with it, and without a tag it is
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
> GET /t
< 200 MISS
@ stored /t
> PURGE /t
> Cache-Tag: other
< 204
> GET /t
< 200 HIT
> PURGE /t
< 204
> GET /t
> Cache-Tag: other
< 200 MISS
= /t 2



=== TEST 3: mcache_purge_tags alone
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_tags "$upstream_http_surrogate_key all";
        proxy_pass http://origin;
    }
    location /purge {
        mcache pages;
        mcache_purge_tags $arg_tag;
        allow 127.0.0.1;
        deny all;
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=Surrogate-Key:one+two
< 200 MISS
@ stored /t
> GET /purge
< 200 MISS
= /purge 1
> GET /purge?tag=two
< 204
> GET /t
< 200 MISS
= /t 2
@ settled
> GET /t
< 200 HIT
> GET /purge?tag=one
< 204
> GET /t
< 200 HIT
> GET /purge?tag=all
< 204
> GET /t
< 200 MISS
> GET /purge?tag=,
< 400
= {"error":"no tag"}
> PURGE /purge?tag=two
> Purge-Key: /t
< 204



=== TEST 4: variants
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
> GET /t?h=Vary:X-V&h=Cache-Tag:a
> X-V: a
< 200 MISS
= /t 1
@ settled
> GET /t?h=Vary:X-V&h=Cache-Tag:b
> X-V: b
< 200 MISS
= /t 2
@ settled
> PURGE /
> Cache-Tag: a
< 204
> GET /t
> X-V: b
< 200 HIT
= /t 2
> GET /t?h=Vary:X-V&h=Cache-Tag:a
> X-V: a
< 200 MISS
= /t 3
@ settled
> GET /t
> X-V: a
< 200 HIT
= /t 3
> GET /t
> X-V: b
< 200 HIT
= /t 2



=== TEST 5: purged while it is being made: not from this fill
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
@ begin r /t?gate=g&h=Cache-Tag:a
> PURGE /
> Cache-Tag: a
< 204
@ open g
@ end r
= 200 MISS /t 1
@ settled
> GET /t?h=Cache-Tag:a
< 200 MISS
= /t 2
@ settled
> GET /t
< 200 HIT
= /t 2



=== TEST 6: who waits for a page that was begun before the purge is not given it
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 20s;
mcache_lock_age 20s;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
@ begin r /t?gate=g&h=Cache-Tag:a
> PURGE /
> Cache-Tag: a
< 204
@ send late /t?h=Cache-Tag:a
@ waits
@ open g
@ end r
= 200 MISS /t 1
@ end late
= 200 MISS /t 2
@ settled
> GET /t
< 200 HIT
= /t 2



=== TEST 7: revalidated with a 304: the tags stay, unless the 304 names others
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_revalidate on;
        mcache_tags $upstream_http_cache_tag;
        mcache_purge $is_purge;
        mcache_purge_tags $http_cache_tag;
        proxy_pass http://origin;
    }
    location ~ ^/expiry(?<expiring>/.*) {
        mcache pages;
        mcache_key $expiring;
        mcache_store off;
        proxy_pass http://origin;
    }
--- steps
> GET /t?etag=x&h=X-Accel-Expires:1&h=Cache-Tag:a
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?etag=x&h=X-Accel-Expires:60
< 200 REVALIDATED
= /t 1
@ settled
> GET /t
< 200 HIT
> PURGE /
> Cache-Tag: a
< 204
> GET /t?etag=x&h=X-Accel-Expires:1
< 200 MISS
= /t 3
@ status EXPIRED /expiry/t
> GET /t?etag=x&h=X-Accel-Expires:60&h=Cache-Tag:b
< 200 REVALIDATED
@ settled
> PURGE /
> Cache-Tag: a
< 204
> GET /t
< 200 HIT
> PURGE /
> Cache-Tag: b
< 204
> GET /t
< 200 MISS



=== TEST 8: hundreds of tags; too many, too long, or with control characters: not stored
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_tags $upstream_http_cache_tag;
        mcache_purge $is_purge;
        mcache_purge_tags $http_cache_tag;
        add_header X-Mcache $mcache_status;
        add_header X-Reason $mcache_reason;
        proxy_buffer_size 32k;
        proxy_buffers 8 32k;
        proxy_pass http://origin;
    }
    large_client_header_buffers 4 64k;
--- steps eval
my $many = CORE::join ',', map { "t$_" } 1 .. 1024;
my $more = "$many,one";
my $long = 'x' x 16384;
"> GET /t?h=Cache-Tag:$many\n< 200 MISS\n< X-Reason: miss\n\@ stored /t\n> GET /t\n< 200 HIT\n"
. "> PURGE /\n> Cache-Tag: t1025\n< 204\n> GET /t\n< 200 HIT\n> GET /t\n< 200 HIT\n"
. "> PURGE /\n> Cache-Tag: t777\n< 204\n> GET /t?h=Cache-Tag:$more\n< 200 MISS\n< X-Reason: tags\n"
. "\@ settled\n> GET /t?h=Cache-Tag:$long\n< 200 MISS\n< X-Reason: tags\n"
. "\@ settled\n> GET /t\n< 200 MISS\n< X-Reason: purged\n"
. "> PURGE /\n> Cache-Tag: $more\n< 400\n"
. "> GET /control?h=Cache-Tag:a%01b\n< 200 MISS\n< X-Reason: tags\n\@ not stored /control\n"



=== TEST 9: what the purge costs is two commands a server, not one a page
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_tags all;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps eval
CORE::join('', map { "> GET /$_\n< 200 MISS\n" } 1 .. 30) . "\@ settled\n"
. CORE::join('', map { "> GET /$_\n< 200 HIT\n" } 1 .. 30)
. "> PURGE /\n> Cache-Tag: all\n< 204\n"
. "\@ item %00purges\n~ \\Amcache-purges [0-9a-f]{16} 0\\ntag all\\n\\z\n"
. CORE::join('', map { "> GET /$_\n< 200 MISS\n" } 1 .. 30)



=== TEST 10: bypassed fills are stamped too
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_bypass $arg_new;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
> GET /t?new=1&h=Cache-Tag:a
< 200 BYPASS
@ stored /t
> GET /t
< 200 HIT
@ begin r /t?new=1&gate=g&h=Cache-Tag:a
> PURGE /
> Cache-Tag: a
< 204
@ open g
@ end r
= 200 BYPASS /t 2
@ settled
> GET /t
< 200 MISS
= /t 3
