# mcache_purge_log: by default where the pool has purges, and only there; inheritance; what a lookup costs.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: without any purge in the configuration there is no log
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ settled
> GET /t
< 200 HIT
@ lies %00purges nothing
@ asked cmd_get /t
= 1



=== TEST 2: with one, every location of the pool has it, in another server block too
--- http_config
    mcache_pool other { server $TEST_NGINX_MEMCACHED; }
    server {
        listen $TEST_NGINX_SERVER_PORT;
        server_name other;
        location / { mcache pages; mcache_purge 1; deny all; proxy_pass http://origin; }
    }
--- config
    location / {
        mcache pages;
        mcache_key_prefix a-;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /other {
        mcache other;
        mcache_key_prefix b-;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /off {
        mcache pages;
        mcache_key_prefix c-;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_purge_log off;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
> GET /other
< 200 MISS
> GET /off
< 200 MISS
@ settled
@ lies a-%00purges body
@ lies b-%00purges nothing
@ lies c-%00purges nothing
> GET /t
< 200 HIT
@ asked cmd_get /t
= 2
@ asked cmd_get /other
= 1
@ asked cmd_get /off
= 1



=== TEST 3: mcache_tags and mcache_purge_tags count too; an empty one does not
--- http_config
    mcache_pool other { server $TEST_NGINX_MEMCACHED; }
    mcache_pool third { server $TEST_NGINX_MEMCACHED; }
--- config
    location /a {
        mcache other;
        mcache_key_prefix a-;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_tags all;
        proxy_pass http://origin;
    }
    location /b {
        mcache third;
        mcache_key_prefix b-;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_tags "";
        mcache_purge_tags "";
        proxy_pass http://origin;
    }
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
@ settled
@ lies a-%00purges body
@ lies b-%00purges nothing



=== TEST 4: what is said above holds below, unless it is said there
--- config
    mcache pages;
    mcache_key $uri;
    mcache_valid 1m;
    mcache_purge $is_purge;
    mcache_tags $upstream_http_cache_tag;
    mcache_purge_tags $http_cache_tag;
    location / {
        proxy_pass http://origin;
    }
    location /none {
        mcache_purge 0;
        proxy_pass http://origin;
    }
    location /soft {
        mcache_purge_soft on;
        proxy_pass http://origin;
        location /soft/hard {
            mcache_purge_soft off;
            proxy_pass http://origin;
        }
    }
    location /keys {
        mcache_purge_tags "";
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=Cache-Tag:x
< 200 MISS
> GET /soft?h=Cache-Tag:y
< 200 MISS
> GET /soft/hard
< 200 MISS
@ settled
> PURGE /none
< 200 BYPASS
> PURGE /
> Cache-Tag: x
< 204
> GET /t
< 200 MISS
> PURGE /soft
> Cache-Tag: y
< 204
> GET /soft
< 200 STALE
> PURGE /soft/hard
< 204
> GET /soft/hard
< 200 MISS
> PURGE /keys
> Cache-Tag: y
< 404



=== TEST 5: requests of one turn ask for the log once
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_purge $is_purge;
--- steps
> GET /a
< 200 MISS
> GET /b
< 200 MISS
> GET /c
< 200 MISS
@ settled
> GET /a
< 200 HIT
@ one turn 10 /a /b /c
~ lookups 4$



=== TEST 6: a page whose log another worker or nginx has moved on
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_tags $upstream_http_cache_tag;
mcache_purge $is_purge;
mcache_purge_tags $http_cache_tag;
--- steps
> GET /t?h=Cache-Tag:x
< 200 MISS
@ settled
> GET /t
< 200 HIT
@ append %00purges tag none
= stored
@ asked cmd_get /t
= 3
@ asked cmd_get /t
= 2
@ append %00purges tag x
= stored
> GET /t
< 200 MISS
