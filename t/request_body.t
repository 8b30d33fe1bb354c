# $request_body in the key: the body is read before the key is made.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value('config', <<'EOC' . $block->config);
        mcache pages;
        mcache_valid 1m;
        mcache_methods GET HEAD POST;
        add_header X-Reason $mcache_reason;
EOC
    return;
});

run_tests();

__DATA__

=== TEST 1: another body is another page, by whatever way it comes into the key
--- http_config
    map $request_body $mapped { default map:$request_body; }
--- config
    location / {
        mcache_key $uri|$request_body;
        proxy_pass http://origin;
    }
    location /map {
        mcache_key $uri|$mapped;
        proxy_pass http://origin;
    }
    location /prefix {
        mcache_key_prefix $request_body;
        mcache_key $uri;
        proxy_pass http://origin;
    }
--- steps
> POST /t\nalice
< 200 MISS
= /t 1
> POST /map\nalice
< 200 MISS
= /map 1
> POST /prefix\nalice
< 200 MISS
= /prefix 1
@ settled
> POST /t\nbob
< 200 MISS
= /t 2
> POST /t\nalice
< 200 HIT
= /t 1
> POST /map\nbob
< 200 MISS
= /map 2
> POST /map\nalice
< 200 HIT
= /map 1
> POST /prefix\nbob
< 200 MISS
= /prefix 2
> POST /prefix\nalice
< 200 HIT
= /prefix 1



=== TEST 2: what the rewrite phase made of the body was made too early: no page
--- config
    location / {
        set $body $request_body;
        mcache_key $uri|$body;
        proxy_pass http://origin;
    }
--- steps
> POST /t\nalice
< 200 BYPASS
< X-Reason: no-key
= /t 1
> POST /t\nbob
< 200 BYPASS
< X-Reason: no-key
= /t 2
> GET /t
< 200 MISS
@ settled
> GET /t
< 200 HIT



=== TEST 3: a body that is not in memory names no page
--- config
    client_body_buffer_size 1k;
    location / {
        mcache_key $uri|$request_body;
        proxy_pass http://origin;
    }
    location /without {
        mcache_key $uri;
        proxy_pass http://origin;
    }
--- steps eval
my $long = 'x' x 3000;
qq{
> POST /t\\n$long
< 200 BYPASS
< X-Reason: body-too-large
= /t 1
> POST /t\\n$long
< 200 BYPASS
= /t 2
> POST /without\\n$long
< 200 MISS
\@ settled
> POST /without\\n$long
< 200 HIT
}



=== TEST 4: a body that comes later than the header, and one in chunks
--- config
    location / {
        mcache_key $uri|$request_body;
        proxy_pass http://origin;
    }
--- steps
@ curl -s -m 5 --expect100-timeout 4 -H Expect:100-continue --data-binary alice http://localhost:$TEST_NGINX_SERVER_PORT/t
= /t 1
@ settled
@ curl -s -m 5 -H Transfer-Encoding:chunked --data-binary alice http://localhost:$TEST_NGINX_SERVER_PORT/t
= /t 1
@ curl -s -m 5 -H Transfer-Encoding:chunked --data-binary bob http://localhost:$TEST_NGINX_SERVER_PORT/t
= /t 2
@ curl -s -m 5 --data-binary bob http://localhost:$TEST_NGINX_SERVER_PORT/t
= /t 2



=== TEST 5: the backend gets the body
--- config
    location / {
        mcache_key $uri|$request_body;
        proxy_pass http://origin;
    }
--- steps
> POST /t?echo=Content-Length\nalice
< 200 MISS
= Content-Length: 5
