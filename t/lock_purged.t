# A page that is deleted while a request waits for its refresh is gone for that request too.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: it does not stand in for an error
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
mcache_use_stale http_500;
--- steps
> GET /t?h=X-Accel-Expires:1&body=deleted
< 200 MISS
@ status EXPIRED /expiry/t
@ begin first /t?gate=g&h=Cache-Control:private&body=first
@ send second /t?status=500&body=second
@ waits
@ delete /t
= deleted
@ end second
~ \A500 \S+ second\n\z
@ open g
@ end first
~ \A200 \S+ first\n\z



=== TEST 2: nor is it what a validator is sent for
--- mcache
mcache_key $uri;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
mcache_revalidate on;
--- steps
> GET /t?h=X-Accel-Expires:1&etag=1&body=deleted
< 200 MISS
@ status EXPIRED /expiry/t
@ begin first /t?gate=g&h=Cache-Control:private&body=first
@ send second /t?etag=1&body=second
@ waits
@ delete /t
= deleted
@ end second
~ \A200 \S+ second\n\z
@ open g
@ end first
~ \A200 \S+ first\n\z
