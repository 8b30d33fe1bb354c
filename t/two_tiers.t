# An nginx with mcache whose backend is another one, with the same memcached and the same key: who is
# asked for a page does not wait for who asks for it.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'EOC' . ($block->config // ''));
    location ~ ^/inner(?<path>/.*) {
        mcache pages;
        mcache_key $path;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        mcache_use_stale updating;
        mcache_background_update on;
        add_header X-Fill $http_mcache_fill;
        proxy_pass http://origin$path$is_args$args;
    }
EOC
});

run_tests();

__DATA__

=== TEST 1: a cold page is fetched at once, and stored
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner/;
    }
--- steps
@ parallel 10 /t?delay=100
~ \A9 x /t\?delay=100: 200 HIT /t 1\n1 x /t\?delay=100: 200 MISS /t 1\n\z
@ count /t
= 1
@ settled
> GET /inner/t
< 200
= /t 1



=== TEST 2: so is a stale one, that the inner one would serve while it is refreshed
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner/;
    }
--- steps
> GET /t?h=X-Accel-Expires:1
< 200 MISS
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:60
< 200 EXPIRED
= /t 2
@ settled
> GET /t
< 200 HIT
= /t 2
@ count /t
= 2



=== TEST 3: and one in the raw format
--- config
    location ~ ^/deep(?<deep>/.*) {
        mcache pages;
        mcache_format raw;
        mcache_key $deep;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        add_header X-Fill $http_mcache_fill;
        proxy_pass http://origin$deep$is_args$args;
    }
    location / {
        mcache pages;
        mcache_format raw;
        mcache_key $uri;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/deep/;
    }
--- steps
> GET /t
< 200 MISS
= /t 1
@ settled
> GET /t
< 200 HIT



=== TEST 4: who makes such a field up waits as the others do
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_lock_timeout 30s;
        mcache_lock_age 30s;
        proxy_pass http://origin;
    }
    location /forged/ {
        proxy_set_header Mcache-Fill 00000000000000000000000000000000;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
    }
--- steps
@ begin first /t?gate=g
@ send forger /forged/t
@ send other /t
@ waits
@ count /t
= 1
@ open g
@ end first
= 200 MISS /t 1
@ end forger
~ 200 HIT /t 1$
@ end other
= 200 HIT /t 1
@ count /t
= 1



=== TEST 5: a request that fills for nobody says nothing
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 200 1m;
        mcache_lock on;
        mcache_no_store 1;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner/;
    }
--- steps
> GET /t
< 200 MISS
< ! X-Fill
