# mcache_lock: of requests for the same cold page, one asks the backend.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: one request to the backend
--- mcache: mcache_valid 1m; mcache_lock on;
--- steps
@ parallel 20 /t?delay=300
~ \A19 x /t\?delay=300: 200 HIT /t 1\n1 x /t\?delay=300: 200 MISS /t 1\n\z
@ count /t
= 1



=== TEST 2: off is the default
--- mcache: mcache_valid 1m;
--- steps
@ parallel 5 /t?delay=300&body=x
~ \A5 x /t\?delay=300&body=x: 200 MISS x\n\z
@ count /t
= 5



=== TEST 3: other pages are not held up
--- mcache: mcache_valid 1m; mcache_lock on; mcache_lock_timeout 30s;
--- steps
@ parallel 3 /a?delay=300 /b?delay=300 /c?delay=300
~ \A2 x /a\?delay=300: 200 HIT /a 1\n1 x /a\?delay=300: 200 MISS /a 1\n2 x /b\?delay=300: 200 HIT /b 1\n1 x /b\?delay=300: 200 MISS /b 1\n2 x /c\?delay=300: 200 HIT /c 1\n1 x /c\?delay=300: 200 MISS /c 1\n\z



=== TEST 4: mcache_lock_timeout: who waited too long asks the backend and does not store
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 200ms;
add_header X-Mcache $mcache_status;
add_header X-Reason $mcache_reason;
--- steps
@ curl -Z --parallel-immediate --no-progress-meter -o /dev/null -o /dev/null -o /dev/null -w "%{http_code} %header{x-mcache} %header{x-reason}.\n" http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t?delay=1000 http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t?delay=1000 http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t?delay=1000
~ ^200 MISS (miss)?\.$
~ ^200 MISS lock-timeout\.\n.*^200 MISS lock-timeout\.$
@ count /t
= 3
@ settled
> GET /t
< 200 HIT
= /t 1



=== TEST 5: mcache_lock_age: a backend that is slower than that is asked once more
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 1s;
--- steps
@ parallel 2 /t?delay=5000&body=x
~ \A2 x /t\?delay=5000&body=x: 200 MISS x\n\z
@ count /t
= 2



=== TEST 6: a response that may not be stored lets the next one go
--- mcache
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ parallel 4 /t?delay=50&h=Cache-Control:private&body=x
~ \A4 x /t\?delay=50&h=Cache-Control:private&body=x: 200 MISS x\n\z
@ count /t
= 4
@ parallel 3 /u?delay=50&status=500&body=x
~ \A3 x /u\?delay=50&status=500&body=x: 500 MISS x\n\z
@ count /u
= 3
@ parallel 3 /v?delay=50&h=Set-Cookie:a=b&body=x
~ \A3 x /v\?delay=50&h=Set-Cookie:a=b&body=x: 200 MISS x\n\z



=== TEST 7: a backend that is down lets the next one go
--- http_config
    upstream dead { server 127.0.0.1:1; }
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        add_header X-Mcache $mcache_status always;
        proxy_pass http://dead;
    }
--- steps
@ parallel 4 /t
~ \A4 x /t: 502 MISS \(\d+ bytes\)|4 x /t: 502 MISS .*\n\z



=== TEST 8: a response that breaks off lets the next one go
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
proxy_http_version 1.1;
--- steps
@ curl -s -o /dev/null http://localhost:$TEST_NGINX_SERVER_PORT/t?cut=short&size=1000
> GET /t
< 200 MISS
= /t 2



=== TEST 9: the client of the first request leaves: the others get its page
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ curl -s --max-time 0.3 -o /dev/null http://localhost:$TEST_NGINX_SERVER_PORT/t?delay=1500
> GET /t
< 200 HIT
= /t 1
@ count /t
= 1



=== TEST 10: a page that has expired
--- mcache: mcache_key $uri; mcache_lock on;
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
@ parallel 5 /t?delay=300&h=X-Accel-Expires:60
~ \A1 x /t\?delay=300&h=X-Accel-Expires:60: 200 EXPIRED /t 2\n4 x /t\?delay=300&h=X-Accel-Expires:60: 200 HIT /t 2\n\z
@ count /t
= 2



=== TEST 11: a page with variants
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_lock on;
--- steps
@ parallel 5 /t?delay=300&h=Vary:X-Kind
~ \A4 x \S+ 200 HIT /t 1\n1 x \S+ 200 MISS /t 1\n\z
@ count /t
= 1



=== TEST 12: without memcached nobody waits in vain (how often the backend is asked: lock_shared.t)
--- mcache
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 30s;
mcache_lock_age 30s;
--- steps
@ memcached kill
@ parallel 5 /t?body=x
~ \A\d x /t\?body=x: 200 DOWN x\n(\d x /t\?body=x: 200 HIT x\n)?\z



=== TEST 13: where nothing is stored nobody waits
--- mcache: mcache_store off; mcache_lock on; mcache_lock_timeout 30s;
--- steps
@ parallel 5 /t?body=x&delay=200
~ \A5 x /t\?body=x&delay=200: 200 MISS x\n\z
@ count /t
= 5



=== TEST 14: HEAD and GET wait for each other
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_lock on;
--- steps
@ curl -Z --parallel-immediate --no-progress-meter -s -o /dev/null -o /dev/null -I http://localhost:$TEST_NGINX_SERVER_PORT/t?delay=400 --next -s -o /dev/null http://localhost:$TEST_NGINX_SERVER_PORT/t?delay=400
@ count /t
= 1



=== TEST 15: Cache-Status says that the request waited for another
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_cache_status on;
--- steps
@ curl -Z --parallel-immediate --no-progress-meter -s -o /dev/null -o /dev/null -w "%header{cache-status}\n" http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t?delay=400 http://127.0.0.1:$TEST_NGINX_SERVER_PORT/t?delay=400
~ ^.*fwd=uri-miss.*; collapsed



=== TEST 16: a response that cannot be stored lets all the others go after three in a row
--- mcache
mcache_key $uri;
mcache_tags $upstream_http_cache_tag;
mcache_valid 1m;
mcache_lock on;
mcache_lock_timeout 60s;
mcache_lock_age 60s;
--- steps
> GET /name?h=X/A:b
< 200
> GET /name?h=X/A:b
< 200
@ begin first /name?gate=first&h=X/A:b
@ send a /name?gate=others&h=X/A:b
@ send b /name?gate=others&h=X/A:b
@ send c /name?gate=others&h=X/A:b
@ open first
@ arrivals others 3
> GET /tags?h=Cache-Tag:%01
< 200
> GET /tags?h=Cache-Tag:%01
< 200
@ begin second /tags?gate=second&h=Cache-Tag:%01
@ send d /tags?gate=more
@ send e /tags?gate=more
@ send f /tags?gate=more
@ open second
@ arrivals more 3



=== TEST 17: mcache_lock_age ends before mcache_lock_timeout: one takes over, and the others get its page
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
mcache_lock_age 1s;
mcache_lock_timeout 1500ms;
--- steps
@ begin first /t?gate=g
@ send a /t
@ send b /t
@ send c /t
@ end a
~ ^200 (MISS|HIT) /t 2$
@ end b
~ ^200 (MISS|HIT) /t 2$
@ end c
~ ^200 (MISS|HIT) /t 2$
@ open g
@ end first
= 200 MISS /t 1
@ count /t
= 2
