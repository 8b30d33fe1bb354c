# Whose the lock is, and until when: one that expired and was taken by another request is that one's,
# and the first does not remove it.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: the third request waits for the second
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 1s;
        proxy_pass http://origin;
    }
    location /patient/ {
        mcache pages;
        mcache_key /t;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        proxy_pass http://origin/t;
    }
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin first /t?gate=g1&status=500&body=first
@ send second /patient/?gate=g2&h=X-Accel-Expires:60&body=second
@ arrivals g2 1
@ open g1
@ end first
= 500 EXPIRED first
@ send third /patient/?body=third
@ waits
@ count /t
= 3
@ open g2
@ end second
= 200 EXPIRED second
@ end third
= 200 HIT second



=== TEST 2: the lock is given back when memcached has acknowledged the page, not before
It may lie on another server, where the next one gets it while the page is still on its way.
--- http_config
    mcache_pool late { server $TEST_NGINX_LIAR; timeout 30s; }
--- mcache
mcache late;
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin refresh /t?gate=g&h=X-Accel-Expires:60
@ lies /t%00lock stub
@ lie late
@ open g
@ end refresh
= 200 EXPIRED /t 2
@ holds /t /t 2
@ settled
@ lies /t%00lock stub
@ lie truth
@ lies /t%00lock nothing



=== TEST 3: so is it where the page was revalidated
--- http_config
    mcache_pool late { server $TEST_NGINX_LIAR; timeout 30s; }
--- mcache
mcache late;
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
mcache_revalidate on;
--- steps
> GET /t?h=X-Accel-Expires:1&etag=a
< 200 MISS
@ status EXPIRED /expiry/t
@ begin refresh /t?gate=g&etag=a&h=X-Accel-Expires:60&h=X-New:1
@ lies /t%00lock stub
@ lie late
@ open g
@ end refresh
= 200 REVALIDATED /t 1
@ holds /t X-New
@ settled
@ lies /t%00lock stub
@ lie truth
@ lies /t%00lock nothing



=== TEST 4: a page that is not stored gives it back at once, and a page that memcached refuses when it does
--- http_config
    mcache_pool late { server $TEST_NGINX_LIAR; timeout 30s; }
--- mcache
mcache late;
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin refresh /t?gate=g1&h=Cache-Control:private
@ lies /t%00lock stub
@ lie late
@ open g1
@ end refresh
= 200 EXPIRED /t 2
@ lies /t%00lock nothing
@ lie truth
@ begin refresh /t?gate=g2&h=X-Accel-Expires:60
@ lies /t%00lock stub
@ delete /t
@ open g2
@ end refresh
= 200 EXPIRED /t 3
@ lies /t%00lock nothing
@ lies /t nothing



=== TEST 5: of a page in parts it is kept until memcached has acknowledged all of them, and the page
--- http_config
    mcache_pool late { server $TEST_NGINX_LIAR; timeout 30s; max_item_size 16k; }
--- mcache
mcache late;
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
# So that the connection for large values is there.
> GET /other?size=50000&h=X-Accel-Expires:60
< 200 MISS
@ stored /other
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ begin refresh /t?gate=g&size=50000&h=X-Accel-Expires:60
@ lies /t%00lock stub
@ lie late
@ open g
@ end refresh
= 200 EXPIRED (50000 bytes)
@ parts 14
@ lies /t%00lock stub
@ holds /t /t 1
@ lie truth
@ lies /t%00lock nothing
> GET /t
< 200 HIT
< Content-Length: 50000
