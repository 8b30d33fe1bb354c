# A pipeline that has lost its step must not hand one user another user's page.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: replies that change places
--- http_config
    mcache_pool liar { server $TEST_NGINX_LIAR fail_timeout=50ms; timeout 500ms; }
--- mcache: mcache liar; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /a?body=a
< 200 MISS
> GET /b?body=b
< 200 MISS
@ stored /a
@ stored /b
> GET /a
< 200 HIT
== a
@ lie swapped
@ in flight 1 /a?body=a /b?body=b
~ \A1 x /a\?body=a: 200 (DOWN|MISS) a\n1 x /b\?body=b: 200 (DOWN|MISS) b\n
@ lie truth
@ status HIT /a?body=a
@ status HIT /b?body=b
> GET /a?body=a
== a
> GET /b?body=b
== b



=== TEST 2: a reply too many
--- http_config
    mcache_pool liar { server $TEST_NGINX_LIAR fail_timeout=50ms; timeout 500ms; }
--- mcache: mcache liar; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /a?body=a
< 200 MISS
> GET /b?body=b
< 200 MISS
@ stored /a
@ stored /b
@ lie extra
> GET /a?body=a
< 200
== a
> GET /b?body=b
< 200
== b
> GET /none?body=none
< 200
== none
@ parallel 20 /a?body=a /b?body=b /none?body=none
~ \A(\d+ x /a\?body=a: 200 \w+ a\n)+(\d+ x /b\?body=b: 200 \w+ b\n)+(\d+ x /none\?body=none: 200 \w+ none\n)+\z
@ lie truth
@ status HIT /a?body=a



=== TEST 3: many keys in one pipeline, cut off in the middle of a value
--- http_config
    mcache_pool liar { server $TEST_NGINX_LIAR fail_timeout=50ms; timeout 500ms; }
--- mcache: mcache liar; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /a?body=a
< 200 MISS
> GET /b?body=b
< 200 MISS
> GET /c?body=c
< 200 MISS
@ stored /a
@ stored /b
@ stored /c
@ lie close-within
@ in flight 5 /a?body=a /b?body=b /c?body=c
~ \A5 x /a\?body=a: 200 DOWN a\n5 x /b\?body=b: 200 DOWN b\n5 x /c\?body=c: 200 DOWN c\n
@ lie truth
@ status HIT /a?body=a



=== TEST 4: clients that left do not shift the replies of those who stay
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /a?body=a
< 200 MISS
> GET /b?body=b
< 200 MISS
@ stored /a
@ stored /b
@ half abandon 10 /a?body=a
= 5 x /a?body=a: 200 HIT a
@ abandon 1 /a /b /none
@ parallel 10 /a?body=a /b?body=b
~ \A10 x /a\?body=a: 200 HIT a\n10 x /b\?body=b: 200 HIT b\n\z



=== TEST 5: a lookup that timed out, whose reply comes later
--- http_config
    mcache_pool quick { server $TEST_NGINX_MEMCACHED fail_timeout=50ms; timeout 100ms; connect_timeout 1s; }
--- mcache: mcache quick; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /a?body=a
< 200 MISS
> GET /b?body=b
< 200 MISS
@ stored /a
@ stored /b
> GET /a?body=a
< 200 HIT
@ memcached stop
> GET /a?body=a
< 200 DOWN
== a
@ memcached resume
@ status HIT /b?body=b
> GET /b?body=b
< 200 HIT
== b
> GET /a?body=a
< 200 HIT
== a
