# A page that is made in another location than the one that looked it up is that location's: on a hit as on a fill.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', ($block->config // '') . <<'EOC');
        add_header X-Reason $mcache_reason always;
        location ^~ /dav/ {
            alias html/;
            dav_methods PUT DELETE;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: its filters and header fields: try_files, a front controller, error_page, index
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        try_files /none @app;
    }
    location /front/ {
        try_files /none /index.php?$args;
    }
    location /missing/ {
        root html;
        error_page 404 = @app;
    }
    location /folder/ {
        alias html/;
        index index.php;
    }
    location @app {
        sub_filter / |;
        sub_filter_types *;
        add_header X-Mcache $mcache_status;
        add_header X-Frame-Options DENY;
        expires 5m;
        proxy_pass http://origin;
    }
    location ~ \.php$ {
        sub_filter / |;
        sub_filter_types *;
        add_header X-Mcache $mcache_status;
        add_header X-Frame-Options DENY;
        expires 5m;
        proxy_pass http://origin;
    }
--- user_files
>>> index.php
--- steps
> GET /t
< 200 MISS
< X-Frame-Options: DENY
= |t 1
@ stored http://localhost/t
> GET /t
< 200 HIT
< X-Frame-Options: DENY
< Cache-Control: max-age=300
= |t 1
> HEAD /t
< 200 HIT
< X-Frame-Options: DENY
> GET /front/t
< 200 MISS
= |index.php 1
@ stored http://localhost/front/t
> GET /front/t
< 200 HIT
< X-Frame-Options: DENY
< Cache-Control: max-age=300
= |index.php 1
> GET /missing/t
< 200 MISS
= |missing/t 1
@ stored http://localhost/missing/t
> GET /missing/t
< 200 HIT
< X-Frame-Options: DENY
= |missing/t 1
> GET /folder/
< 200 MISS
~ \A\|folder/index.php 1
@ stored http://localhost/folder/
> GET /folder/
< 200 HIT
< X-Frame-Options: DENY
~ \A\|folder/index.php 1



=== TEST 2: its access rules; who is refused takes the page from nobody
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        try_files /none @app;
    }
    location @app {
        if ($http_x_user = "") {
            return 403;
        }
        proxy_pass http://origin;
    }
--- steps
> GET /t
> X-User: alice
< 200 MISS
= /t 1
@ stored /t
> GET /t
< 403
> GET /t
> X-User: alice
< 200 HIT
= /t 1



=== TEST 3: what it says of the cache
--- config
    mcache pages;
    mcache_valid 1m;
    location / {
        try_files /none /index.php?$args;
    }
    location ~ \.php$ {
        mcache_bypass $cookie_session;
        mcache_no_store $cookie_session;
        proxy_pass http://origin;
    }
--- steps
> GET /t
> Cookie: session=1
< 200 BYPASS
= /index.php 1
@ not stored http://localhost/t
> GET /t
< 200 MISS
= /index.php 2
@ stored http://localhost/t
> GET /t
> Cookie: session=1
< 200 BYPASS
= /index.php 3
> GET /t
< 200 HIT
= /index.php 2



=== TEST 4: requests are led elsewhere from now on: the page gives way
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        root html;
        try_files $uri @app;
    }
    location @app {
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored /t
> PUT /dav/t\nfile
< 201
> GET /t
< 200 MISS
< X-Reason: other-location
== file
@ gone /t
> GET /t
< 200 MISS
== file
@ stored /t
> GET /t
< 200 HIT
== file



=== TEST 5: a page in parts, stale and refreshed behind
--- config
    mcache_max_size 64m;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale updating;
        mcache_background_update on;
        try_files /none @app;
    }
    location @app {
        proxy_pass http://origin;
    }
--- steps
> GET /t?h=X-Accel-Expires:1&size=3000000
< 200 MISS
@ parts 6
@ status EXPIRED /expiry/t
@ whole /t?h=X-Accel-Expires:60&size=3000000
= 200 STALE 3000000 bytes, of fill 1
@ status HIT /t
@ whole /t?size=3000000 Range:bytes=2000000-2000099
= 206 HIT bytes 2000000-2000099/3000000, of fill 2



=== TEST 6: in place of an error page, a stale page goes through the location that asked the backend
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_use_stale error;
        add_header X-Mcache $mcache_status;
        add_header X-At page:$uri;
        proxy_pass http://$arg_to;
        error_page 502 /sorry;
    }
    location = /sorry {
        add_header X-At sorry;
        root html;
    }
--- user_files
>>> sorry
sorry
--- steps
> GET /t?to=127.0.0.1:$TEST_NGINX_ORIGIN_PORT&h=X-Accel-Expires:1
< 200 MISS
= /t 1
@ status EXPIRED /expiry/t
> GET /t?to=127.0.0.1:1
< 200 STALE
< X-At: page:/t
= /t 1



=== TEST 7: the raw format cannot say where a page belongs
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_format raw;
        try_files /none @app;
    }
    location @app {
        proxy_pass http://origin;
    }
    location /app/ {
        rewrite ^ /x last;
    }
    location = /x {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        mcache_format raw;
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
< X-Reason: other-location
= /t 1
@ not stored /t
> GET /app/
< 200 MISS
@ stored /x



=== TEST 8: two servers with locations of the same names and backends of their own
--- http_config
    mcache pages;
    mcache_valid 1m;
    server {
        listen unix:$TEST_NGINX_SERVROOT/other.sock;
        server_name localhost;
        location / {
            try_files /none @app;
        }
        location @app {
            add_header X-Mcache $mcache_status;
            rewrite ^ /other$uri break;
            proxy_pass http://127.0.0.1:$TEST_NGINX_ORIGIN_PORT;
        }
    }
--- config
    location / {
        try_files /none @app;
    }
    location @app {
        proxy_pass http://origin;
    }
--- steps
> GET /t
< 200 MISS
= /t 1
@ stored http://localhost/t
@ curl --unix-socket $TEST_NGINX_SERVROOT/other.sock http://localhost/t
~ \A/other/
> GET /t
< 200
~ \A/t \d
