# A lock that expired and was taken by another request is that one's: the first does not remove it.

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
