# mcache_lock: a fill that comes to nothing for the others. The next in line takes over, one at a
# time, and what can be served stale stays.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

# A client whose request is odd, as the others see it: the same page, by way of another server.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', ($block->config // '') . <<'EOC');
    location /authorized/ {
        proxy_set_header Authorization x;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
    }
    location /head/ {
        proxy_method HEAD;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
    }
    location /no-store/ {
        proxy_set_header Cache-Control no-store;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
    }
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        mcache_no_store $arg_personal;
        mcache_convert_head off;
        mcache_honor_request_cache_control on;
        mcache_use_stale error http_500;
        proxy_pass http://origin;
    }
EOC
});

run_tests();

__DATA__

=== TEST 1: a request with Authorization is not stored: the next takes over alone, the others get its page
--- steps
@ begin first /authorized/t?gate=g1
@ send a /t?gate=g2
@ send b /t?gate=g2
@ send c /t?gate=g2
@ waits
@ open g1
@ end first
~ ^200 MISS /t 1$
@ arrivals g2 1
@ waits
@ count /t
= 2
@ open g2
@ end a
~ ^200 (MISS|HIT) /t 2$
@ end b
~ ^200 (MISS|HIT) /t 2$
@ end c
~ ^200 (MISS|HIT) /t 2$



=== TEST 2: those with Authorization are not let in one after the other
--- steps
@ begin first /authorized/t?gate=g1
@ send a /authorized/t?gate=g2
@ send b /authorized/t?gate=g2
@ send c /authorized/t?gate=g2
@ waits
@ open g1
@ arrivals g2 3
@ send d /authorized/t?gate=g2
@ arrivals g2 4



=== TEST 3: one whose response sets a cookie
--- steps
@ begin first /t?gate=g1&h=Set-Cookie:a
@ send a /t?gate=g2
@ send b /t?gate=g2
@ waits
@ open g1
@ end first
~ ^200 MISS /t 1$
@ arrivals g2 1
@ waits
@ count /t
= 2
@ open g2
@ end a
~ ^200 (MISS|HIT) /t 2$
@ end b
~ ^200 (MISS|HIT) /t 2$



=== TEST 4: one that the backend answers with an error, and one that it does not understand
--- steps
@ begin first /t?gate=g1&status=500
@ send second /t?gate=g2&status=400
@ waits
@ open g1
@ end first
~ ^500 MISS
@ arrivals g2 1
@ send a /t?gate=g3
@ send b /t?gate=g3
@ waits
@ count /t
= 2
@ open g2
@ end second
~ ^400 MISS
@ arrivals g3 1
@ waits
@ count /t
= 3
@ open g3
@ end a
~ ^200 (MISS|HIT) /t 3$
@ end b
~ ^200 (MISS|HIT) /t 3$



=== TEST 5: what asks itself not to be stored holds nobody, and is not held
--- steps
@ begin personal /t?gate=g1&personal=1
@ begin first /t?gate=g2
@ lies /t stub
@ open g2
@ end first
= 200 MISS /t 2
@ open g1
@ end personal
= 200 MISS /t 1
> GET /t
< 200 HIT
= /t 2
@ begin head /head/u?gate=g3
@ begin other /u?gate=g4
@ open g4
@ end other
= 200 MISS /u 2
@ open g3
@ begin unstored /no-store/v?gate=g5
@ begin further /v?gate=g6
@ open g6
@ end further
= 200 MISS /v 2
@ open g5
@ end unstored
~ ^200 MISS /v 1$



=== TEST 6: but it waits for another's page
--- steps
@ begin first /t?gate=g1
@ send personal /t?gate=g2&personal=1
@ waits
@ open g1
@ end first
= 200 MISS /t 1
@ end personal
= 200 HIT /t 1
@ count /t
= 1



=== TEST 7: the page that stands by for a dead backend stays
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?personal=1
< 200 EXPIRED
> GET /t
> Authorization: x
< 200 EXPIRED
> HEAD /t
< 200 EXPIRED
> GET /t?h=Set-Cookie:a
< 200 EXPIRED
> GET /t?h=Cache-Control:private
< 200 EXPIRED
> GET /t?h=Cache-Control:private
< 200 EXPIRED
> GET /t?h=Cache-Control:private
< 200 EXPIRED
@ lies /t page
> GET /t?status=500
< 200 STALE
= /t 1



=== TEST 8: what mcache_no_store says of the response is not what it says of the request
--- config
    location /by-response {
        mcache pages;
        mcache_key $uri;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_no_store $upstream_http_x_personal$said;
        proxy_pass http://origin;
    }
--- http_config
    map $upstream_http_x_said $said {
        ~(yes) 1;
        default "";
    }
--- steps
> GET /by-response?h=X-Personal:1
< 200 MISS
> GET /by-response?h=X-Said:yes
< 200 MISS
> GET /by-response
< 200 MISS
@ settled
> GET /by-response?h=X-Said:yes
< 200 HIT



=== TEST 9: a private variant does not free those who wait for another
--- steps
> GET /t?h=Vary:X-V&h=X-Accel-Expires:1
< 200 MISS
> GET /t?h=Vary:X-V&h=X-Accel-Expires:1
> X-V: 1
< 200 MISS
@ status EXPIRED /expiry/t
@ status EXPIRED /with/expiry/t
@ begin one /t?gate=g1&h=Vary:X-V
@ begin other /with/t?gate=g2&h=Vary:X-V&h=Cache-Control:private
@ send a /t?gate=g3&h=Vary:X-V
@ waits
@ open g2
@ end other
~ ^200 (EXPIRED|MISS) /t
@ count /t
= 4
@ waits
@ open g1
@ end one
~ ^200 EXPIRED /t
@ end a
~ ^200 HIT /t
@ count /t
= 4
--- config
    location /with/ {
        proxy_set_header X-V 1;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
    }



=== TEST 10: what makes the next one take the lock lasts as long as that, so that nobody joins it
--- steps
> GET /t?h=Set-Cookie:a
< 200 MISS
@ lies /t marker
@ item /t
<~ X-TTL: [23]\d
