# The default key: pages of two backends under one URL are two pages, as with proxy_cache.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('http_config', ($block->http_config // '') . <<'EOC');
    upstream a { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    upstream b { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    map $http_x_to $to { default a; b b; }
    server {
        listen $TEST_NGINX_SERVER_PORT;
        server_name a b;
        default_type text/plain;
        return 200 $host;
    }
EOC
    $block->set_value('config', <<'EOC' . $block->config);
        mcache pages;
        mcache_valid 1m;
EOC
    return;
});

run_tests();

__DATA__

=== TEST 1: another location of the same URL
--- config
    location / {
        if ($http_x_to = b) {
            proxy_pass http://b;
        }
        proxy_pass http://a;
    }
--- steps
> GET /t
< 200 MISS
== a
@ settled
> GET /t
< 200 HIT
== a
> GET /t
> X-To: b
< 200 MISS
== b
@ settled
> GET /t
> X-To: b
< 200 HIT
== b
> GET /t
< 200 MISS
== a
@ settled
> GET /t
< 200 HIT
== a
> GET /t
> X-To: b
> Mcache-Backend: a
< 200 HIT
== b



=== TEST 2: a backend that a variable names
--- config
    location / {
        mcache_purge $is_purge;
        add_header X-Mcache $mcache_status;
        add_header X-Backend $mcache_backend;
        proxy_pass http://$to;
    }
--- steps
> GET /t
< 200 MISS
< X-Backend: a
== a
> GET /t
> X-To: b
< 200
< X-Backend: b
== b
@ settled
> GET /t
< 200
== a
> GET /t
> X-To: b
< 200
== b
@ settled
> GET /t
< 200 HIT
== a
> GET /t
> X-To: b
< 200 HIT
== b
> PURGE /t
< 204
> GET /t
< 200 MISS
== a
@ settled
> GET /t
> X-To: b
< 200 MISS
== b



=== TEST 3: in the raw format the key names the backend
--- config
    location / {
        mcache_format raw;
        proxy_pass http://$to;
    }
--- steps
> GET /t
< 200 MISS
== a
> GET /t
> X-To: b
< 200 MISS
== b
@ stored http+a://localhost/t
@ stored http+b://localhost/t
> GET /t
< 200 HIT
== a
> GET /t
> X-To: b
< 200 HIT
== b



=== TEST 4: with a key of one's own it is as the key says
--- config
    location / {
        mcache_key $uri;
        proxy_pass http://$to;
    }
    location /named {
        mcache_key $mcache_backend:$uri;
        proxy_pass http://$to;
    }
--- steps
> GET /t
< 200 MISS
== a
> GET /named
< 200 MISS
== a
@ settled
> GET /t
> X-To: b
< 200 HIT
== a
> GET /named
> X-To: b
< 200 MISS
== b
@ stored b:/named



=== TEST 5: pages that vary, and a fill that waits for another backend's
--- config
    location / {
        mcache_lock on;
        mcache_lock_timeout 5s;
        proxy_pass http://$to;
    }
    location /vary {
        add_header X-Mcache $mcache_status;
        proxy_pass http://origin/vary?h=Vary:X-Lang;
    }
--- steps
> GET /t
< 200 MISS
== a
> GET /t
> X-To: b
< 200 MISS
== b
@ settled
> GET /t
> X-To: b
< 200 HIT
== b
> GET /vary
> X-Lang: de
< 200 MISS
> GET /vary
> X-Lang: en
< 200 MISS
@ settled
> GET /vary
> X-Lang: de
< 200 HIT



=== TEST 6: two servers of the same host whose pages are made in another location
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        mcache_valid 1m;
        location / {
            mcache pages;
            try_files /none @internal;
        }
        location @internal {
            proxy_pass http://b;
        }
    }
--- config
    location / {
        try_files /none @public;
    }
    location @public {
        mcache off;
        proxy_pass http://a;
    }
    location /internal/ {
        mcache off;
        proxy_set_header Host localhost;
        proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/;
    }
--- steps
> GET /internal/t
< 200
== b
@ settled
> GET /t
< 200
== a
@ settled
> GET /internal/t
< 200
== b
> GET /t
< 200
== a
