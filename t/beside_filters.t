# What other filters send for the same request, and subrequests whose body goes elsewhere than to the client.

use lib 't/lib';
use Test::Mcache;
use Test::Mcache::Expiry;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', ($block->http_config // '') . "mcache_max_size 64m;\n");
});

run_tests();

__DATA__

=== TEST 1: addition around a page that stands in
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_revalidate on;
        mcache_use_stale http_503;
        add_before_body /head;
        add_after_body /foot;
        addition_types *;
        proxy_pass http://origin;
    }
    location = /head { return 200 [; }
    location = /foot { return 200 ]; }
--- steps
> GET /t?h=X-Accel-Expires:1&etag=a
< 200 MISS
~ \A\[/t 1\n\]\z
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:1&etag=a
< 200 REVALIDATED
~ \A\[/t 1\n\]\z
@ status EXPIRED /expiry/t
> GET /t?status=503
< 200 STALE
~ \A\[/t 1\n\]\z
> HEAD /t?status=503
< 200 STALE
=



=== TEST 2: addition around a page in parts
--- config
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_revalidate on;
        mcache_use_stale http_503;
        add_before_body /head;
        add_after_body /foot;
        addition_types *;
        proxy_pass http://origin;
    }
    location = /head { return 200 [; }
    location = /foot { return 200 ]; }
--- steps
> GET /t?h=X-Accel-Expires:1&etag=a&size=3000000
< 200 MISS
@ parts 6
@ status EXPIRED /expiry/t
> GET /t?h=X-Accel-Expires:1&etag=a&size=3000000
< 200 REVALIDATED
~ \A\[(.{50000}){60}\]\z
@ status EXPIRED /expiry/t
> GET /t?status=503
< 200 STALE
~ \A\[(.{50000}){60}\]\z
> GET /t?h=X-Accel-Expires:60&etag=a&size=3000000
< 200 REVALIDATED
> GET /t
< 200 HIT
~ \A\[(.{50000}){60}\]\z



=== TEST 3: SSI takes pages in parts into memory, and puts a stub in place of an empty one
--- config
    subrequest_output_buffer_size 4m;
    ssi_value_length 4m;
    location / {
        mcache pages;
        mcache_key $uri;
        mcache_revalidate on;
        proxy_pass http://origin;
    }
    location = /page {
        ssi on;
        ssi_types *;
        proxy_pass http://origin;
    }
--- steps
> GET /part?h=X-Accel-Expires:60&size=3000000
< 200 MISS
> GET /empty?h=X-Accel-Expires:1&etag=a&body=
< 200 MISS
=
@ parts 6
@ status EXPIRED /expiry/empty
> GET /page?body=<!--%23block+name="b"-->stub<!--%23endblock-->[<!--%23include+virtual="/part"+set="v"--><!--%23echo+var="v"-->][<!--%23include+virtual="/empty?etag=a"+stub="b"-->]
< 200
~ \A\[(.{50000}){60}\]\[stub\]\z



=== TEST 4: HEAD: the body turns out too large for the store, and the connection goes on
--- config
    location / {
        mcache pages;
        mcache_max_size 1000;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
    location /unbuffered/ {
        mcache pages;
        mcache_max_size 1000;
        mcache_valid 1m;
        proxy_buffering off;
        proxy_pass http://origin;
    }
--- steps
@ curl -I -o /dev/null http://localhost:$TEST_NGINX_SERVER_PORT/t?size=3000000&framing=chunked --next -s -w "%{num_connects} " http://localhost:$TEST_NGINX_SERVER_PORT/a --next -I -o /dev/null -s http://localhost:$TEST_NGINX_SERVER_PORT/unbuffered/t?size=3000000&framing=chunked --next -s -w "%{num_connects}\n" http://localhost:$TEST_NGINX_SERVER_PORT/b
~ \A/a 1\n0 /b 1\n0\n\z



=== TEST 5: a client leaves while its request waits for another's fill: its post_action is run alone
--- config
    location / {
        mcache pages;
        mcache_valid 1m;
        mcache_lock on;
        mcache_lock_timeout 1m;
        mcache_lock_age 1m;
        post_action /done;
        proxy_pass http://origin;
    }
    location = /done {
        mcache off;
        proxy_pass http://origin/done?gate=done;
    }
--- steps
@ begin first /t?gate=fill
@ arrivals fill 1
@ send second /t?gate=fill
@ leave second
@ arrivals done 1
@ open fill
@ stored http://localhost/t?gate=fill
@ settled
@ open done
@ end first
~ /t 1
@ count /t
= 1
@ count /done
= 2
