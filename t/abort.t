# Clients that leave early.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

run_tests();

__DATA__

=== TEST 1: while their lookup is under way
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ abandon 20 /t /none
= abandoned
> GET /t
< 200 HIT
= /t 1
> GET /other
< 200 MISS
@ stored http://localhost/other



=== TEST 2: some leave, the others who wait for the same key are served
--- http_config
    mcache_pool patient { server $TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; }
--- mcache: mcache patient; mcache_valid 1m;
--- steps
> GET /t
< 200 MISS
@ stored http://localhost/t
@ half abandon 20 /t
= 10 x /t: 200 HIT /t 1



=== TEST 3: in the middle of a large hit
--- mcache: mcache_valid 1m; limit_rate 100k;
--- steps
@ set sized http://localhost/t 900000
@ abort /t
= left after 200
@ abort /t
= left after 200
@ set http://localhost/t small
> GET /t
< 200 HIT
== small



=== TEST 4: in the middle of a fill: nothing that is not complete is served to the next
--- mcache: mcache_key $uri; mcache_valid 1m; proxy_buffering off;
--- steps
@ abort /t?size=20000&pause=300
= left after 200
@ settled
> GET /t?size=20000
< Content-Length: 20000
~ \A(/t [12] )+



=== TEST 5: the fill goes on, and is stored
--- mcache: mcache_key $uri; mcache_valid 1m;
--- steps
@ abort /t?size=200000&pause=200
= left after 200
@ stored /t
> GET /t
< 200 HIT
< Content-Length: 200000
~ \A(/t 1 )+\z



=== TEST 6: with proxy_ignore_client_abort, too
--- mcache: mcache_key $uri; mcache_valid 1m; proxy_ignore_client_abort on;
--- steps
@ abort /t?size=20000&pause=200
= left after 200
@ stored /t
> GET /t
< 200 HIT
< Content-Length: 20000
~ \A(/t 1 )+



=== TEST 7: with much of the body on its way to who leaves, some of it in a file
--- mcache: mcache_key $uri; mcache_valid 1m; mcache_max_size 16m;
--- steps
@ slow a /1?size=3000000&halfway=g
@ arrivals g 1
@ turn away a
@ slow b /2?size=3000000&halfway=h
@ arrivals h 1
@ turn away b
@ open g
@ open h
@ stored /1
@ stored /2
@ whole /1?size=3000000
= 200 HIT 3000000 bytes, of fill 1
@ whole /2?size=3000000
= 200 HIT 3000000 bytes, of fill 1



=== TEST 8: a fill that limit_conn counts ends with its client, and is not held against the next request
--- http_config
    limit_conn_zone $server_name zone=one:1m;
--- mcache
mcache_key $uri;
mcache_valid 1m;
mcache_lock on;
limit_conn one 1;
--- steps
@ begin a /t?gate=g
> GET /t
< 503
@ leave a
@ status MISS|HIT /other
@ open g
> GET /t
< 200 MISS
= /t 2
@ stored /t
> GET /t
< 200 HIT
= /t 2
@ begin b /half?size=20000&halfway=h
> GET /t
< 503
@ leave b
@ status HIT /t
@ open h
@ settled
@ not stored /half


=== TEST 9: while a filter holds the body back
nginx reads on when it has its buffers back, of which SSI holds one for what is included to come first.
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /pages/ {
        ssi on;
        ssi_types *;
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_buffer_size 4k;
        proxy_buffers 2 4k;
        proxy_busy_buffers_size 4k;
        proxy_max_temp_file_size 0;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/made/;
    }
    location /pages/unbuffered/ {
        ssi on;
        ssi_types *;
        mcache pages;
        mcache_key $uri;
        mcache_valid 1m;
        proxy_buffering off;
        proxy_buffer_size 4k;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/made/;
    }
    location /made/ {
        set $k "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
        set $m "$k$k$k$k$k$k$k$k$k$k";
        set $n "$m$m$m$m$m$m$m$m$m$m";
        return 200 "<!--# include virtual=\"/part/$arg_gate?gate=$arg_gate\" -->$n$n$n$n$n";
    }
--- steps
@ begin a /pages/1?gate=g
@ leave a
@ open g
@ stored /pages/1
@ begin b /pages/unbuffered/1?gate=h
@ leave b
@ open h
@ stored /pages/unbuffered/1
