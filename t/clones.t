# Clone subrequests, to which nginx copies the content handler of the request that makes them.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: slice, in a location whose `if` holds
--- mcache
mcache_valid 1m;
slice 10;
proxy_set_header Range $slice_range;
if ($http_user_agent ~ Safari) {
    set $safari 1;
}
--- steps
> GET /t?range=1&etag=x&noise=30
> User-Agent: Safari
< 200 MISS
~ \A\w{30}\z



=== TEST 2: proxy_cache_background_update below mcache, in a location whose `if` holds
--- http_config
    proxy_cache_path html/below keys_zone=below:1m;
--- mcache
mcache_key $uri;
mcache_no_store 1;
proxy_cache below;
proxy_cache_key $uri;
proxy_cache_use_stale updating;
proxy_cache_background_update on;
add_header X-Mcache $upstream_cache_status;
if ($request_method = GET) {
    set $get 1;
}
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
= /t 1
@ status STALE /t?h=X-Accel-Expires:60
@ status HIT /t
> GET /t
< 200 HIT
= /t 2



=== TEST 3: a clone of a request that is a hit
--- http_config
    proxy_cache_path html/below keys_zone=below:1m;
--- mcache
mcache_valid 1m;
if ($request_method = GET) {
    set $get 1;
}
slice 10;
add_header X-Mcache $mcache_status;
add_header X-Slice $slice_range;
--- steps
> GET /t?noise=30
< 200 MISS
@ stored http://localhost/t?noise=30
> GET /t?noise=30
< 200 HIT
~ \A\w{30}\z
