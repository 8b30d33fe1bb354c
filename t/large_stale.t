# A large page that is stale: served, kept by a 304, refreshed, waited for.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    mcache_max_size 64m;
    proxy_http_version 1.1;
EOC
});

run_tests();

__DATA__

=== TEST 1: a 304 keeps the parts
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
@ whole /t?size=3000000&etag=a&h=X-Accel-Expires:1&h=X-Version:1
= 200 MISS 3000000 bytes, of fill 1
@ parts 6
@ status EXPIRED /expiry/t
@ whole /t?size=3000000&etag=a&h=X-Accel-Expires:60&h=X-Version:2
= 200 REVALIDATED 3000000 bytes, of fill 1
@ count /t
= 2
@ settled
@ parts 6
> GET /t
< 200 HIT
< X-Version: 2
< Content-Length: 3000000
~ \A(/t 1 )+\S*\z
@ whole /t?size=3000000 Range:bytes=2000000-2999999
= 206 HIT bytes 2000000-2999999/3000000, of fill 1



=== TEST 2: a part is missing: the whole is asked for
--- mcache: mcache_key $uri; mcache_revalidate on;
--- steps
@ whole /t?size=3000000&etag=a&h=X-Accel-Expires:1
= 200 MISS 3000000 bytes, of fill 1
@ status EXPIRED /expiry/t
@ drop part 0
= dropped
@ whole /t?size=3000000&etag=a&h=X-Accel-Expires:60
= 200 MISS 3000000 bytes, of fill 2
@ settled
@ whole /t?size=3000000
= 200 HIT 3000000 bytes, of fill 2



=== TEST 3: in place of an error
--- mcache: mcache_key $uri; mcache_use_stale http_500;
--- steps
@ whole /t?size=3000000&h=X-Accel-Expires:1
= 200 MISS 3000000 bytes, of fill 1
@ status EXPIRED /expiry/t
> GET /t?status=500
< 200 STALE
< Content-Length: 3000000
~ \A(/t 1 )+\S*\z
> GET /t?status=500&size=3000000
> Range: bytes=1000000-1000002
< 206 STALE
< Content-Range: bytes 1000000-1000002/3000000
> HEAD /t?status=500
< 200 STALE
< Content-Length: 3000000



=== TEST 4: or of a backend that is not there
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error;
        proxy_pass http://origin;
    }
    location /dead {
        mcache pages;
        mcache_key /t;
        mcache_use_stale error;
        proxy_pass http://127.0.0.1:1;
    }
--- steps
@ whole /t?size=3000000&h=X-Accel-Expires:1
= 200 MISS 3000000 bytes, of fill 1
@ status EXPIRED /expiry/t
> GET /dead
< 200 STALE
< Content-Length: 3000000
~ \A(/t 1 )+\S*\z
--- no_error_log
[alert]



=== TEST 5: refreshed in the background
--- mcache: mcache_key $uri; mcache_use_stale updating; mcache_background_update on;
--- steps
@ whole /t?size=3000000&h=X-Accel-Expires:1
= 200 MISS 3000000 bytes, of fill 1
@ status EXPIRED /expiry/t
@ whole /t?size=3000000&h=X-Accel-Expires:60
= 200 STALE 3000000 bytes, of fill 1
@ status HIT /t
@ whole /t?size=3000000
= 200 HIT 3000000 bytes, of fill 2
@ count /t
= 2



=== TEST 6: refreshed in the background by a 304
--- mcache
mcache_key $uri;
mcache_use_stale updating;
mcache_background_update on;
mcache_revalidate on;
--- steps
@ whole /t?size=3000000&etag=a&h=X-Accel-Expires:1
= 200 MISS 3000000 bytes, of fill 1
@ status EXPIRED /expiry/t
@ whole /t?size=3000000&etag=a&h=X-Accel-Expires:60
= 200 STALE 3000000 bytes, of fill 1
@ status HIT /t
@ whole /t?size=3000000
= 200 HIT 3000000 bytes, of fill 1
@ count /t
= 2



=== TEST 7: those who wait for a large page get it when it is stored
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ parallel 10 /t?size=3000000&delay=300
~ \A9 x \S+ 200 HIT \(3000000 bytes\)\n1 x \S+ 200 MISS \(3000000 bytes\)\n\z
@ count /t
= 1
@ drop part 0
= dropped
@ parallel 10 /t?size=3000000&delay=300
~ \A9 x \S+ 200 HIT \(3000000 bytes\)\n1 x \S+ 200 MISS \(3000000 bytes\)\n\z
@ count /t
= 2



=== TEST 8: included by SSI, in order
--- config
    location /page {
        ssi on;
        ssi_types text/plain;
        proxy_pass http://origin;
    }
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
@ whole /a?size=3000000
= 200 MISS 3000000 bytes, of fill 1
@ whole /b?size=2000000
= 200 MISS 2000000 bytes, of fill 1
@ settled
> GET /page?body=(<!--%23%20include%20virtual="/a"%20--><!--%23%20include%20virtual="/b"%20--><!--%23%20include%20virtual="/a"%20-->)
~ \A\((/a 1 )+\S*(/b 1 )+\S*/?(/a 1 )+\S*\)\z
@ count /a
= 1



=== TEST 9: a soft purge
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_background_update on;
--- steps
@ whole /t?size=3000000
= 200 MISS 3000000 bytes, of fill 1
@ stored /t
@ mark stale /t
= stale
@ whole /t?size=3000000
= 200 STALE 3000000 bytes, of fill 1
@ status HIT /t
@ whole /t?size=3000000
= 200 HIT 3000000 bytes, of fill 2



=== TEST 10: it would be served while it is refreshed behind, but a part is missing: one fetch, in the foreground
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_use_stale updating;
mcache_background_update on;
--- steps
@ whole /t?size=3000000&h=X-Accel-Expires:1
= 200 MISS 3000000 bytes, of fill 1
@ status EXPIRED /expiry/t
@ drop part 2
= dropped
@ whole /t?size=3000000&h=X-Accel-Expires:60
= 200 MISS 3000000 bytes, of fill 2
@ settled
@ whole /t?size=3000000
= 200 HIT 3000000 bytes, of fill 2
@ count /t
= 2



=== TEST 11: a part is lost while another request refreshes the page: its page is waited for
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
mcache_use_stale updating;
--- steps
@ whole /t?size=3000000&h=X-Accel-Expires:1
= 200 MISS 3000000 bytes, of fill 1
@ status EXPIRED /expiry/t
@ begin refresher /t?size=3000000&h=X-Accel-Expires:60&gate=g
@ whole /t?size=3000000
= 200 UPDATING 3000000 bytes, of fill 1
@ drop part 2
= dropped
@ send waiter /t?size=3000000
@ waits
@ open g
@ end refresher
= 200 EXPIRED (3000000 bytes)
@ end waiter
= 200 HIT (3000000 bytes)
@ count /t
= 2
