# TLS to memcached.

use lib 't/lib';
use Test::Mcache memcached => ['tls', 'tcp'];
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my ($block) = @_;
    my $lines = $block->pool // return;
    my ($server, $rest) = split /\n/, $lines, 2;
    $block->set_value('http_config', <<"EOC" . ($block->http_config // ''));
    mcache_pool secret {
        server $server fail_timeout=50ms;
        tls on;
        $rest
    }
EOC
    $block->set_value('config', <<'EOC' . ($block->config // ''));
        location / {
            mcache secret;
            mcache_key $uri;
            mcache_valid 1m;
            proxy_pass http://origin;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: pages are stored and served
--- pool
$TEST_NGINX_MEMCACHED
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
--- steps
> GET /t?h=X-Origin:1
< 200 MISS
= /t 1
@ stored /t
> GET /t
< 200 HIT
< X-Origin: 1
= /t 1
@ delete /t
= deleted
> GET /t
< 200 MISS



=== TEST 2: large pages, and many at once
--- pool
$TEST_NGINX_MEMCACHED
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
timeout 10s;
connect_timeout 10s;
--- steps
> GET /t?noise=1000000
< 200 MISS
> GET /u?noise=70000
< 200 MISS
@ stored /t
@ stored /u
@ in flight 20 /t /u /v?body=v
~ \A20 x /t: 200 HIT \(1000000 bytes\)\n20 x /u: 200 HIT \(70000 bytes\)\n20 x /v\?body=v: 200 MISS v\n
> GET /u
< 200 HIT
~ \A[0-9a-f]{30000}[0-9a-f]{30000}[0-9a-f]{10000}\z



=== TEST 3: memcached is restarted
--- pool
$TEST_NGINX_MEMCACHED
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
--- steps
> GET /t
< 200 MISS
@ stored /t
@ memcached kill
@ memcached start
> GET /t
< 200 MISS
= /t 2
@ stored /t
> GET /t
< 200 HIT



=== TEST 4: the handshake hangs
--- pool
$TEST_NGINX_MEMCACHED
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
connect_timeout 100ms;
timeout 5s;
--- steps
@ memcached stop
> GET /t
< 200 DOWN
= /t 1
@ memcached resume
@ log \[error\].*mcache.*secret.*: no TLS handshake in time
@ status MISS|HIT /t



=== TEST 5: a certificate that somebody else has signed
--- pool
$TEST_NGINX_MEMCACHED
tls_trusted_certificate $TEST_NGINX_DIRECTORY/other-ca.pem;
--- steps
> GET /t
< 200 DOWN
= /t 1
@ log \[error\].*mcache.*secret.*: its certificate does not verify: 
> GET /t
< 200 DOWN



=== TEST 6: ... and nobody looks
--- pool
$TEST_NGINX_MEMCACHED
tls_verify off;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT



=== TEST 7: a certificate for another name
--- pool
$TEST_NGINX_MEMCACHED
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
tls_name elsewhere.test;
--- steps
> GET /t
< 200 DOWN
= /t 1
@ log \[error\].*mcache.*secret.*: its certificate is not for "elsewhere.test"



=== TEST 8: a server without TLS
--- pool
$TEST_NGINX_MEMCACHED_2
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
--- steps
> GET /t
< 200 DOWN
= /t 1
@ log \[error\].*mcache.*secret.*: (TLS handshake failed|no TLS handshake in time)



=== TEST 9: a server with TLS, and a pool without
--- http_config
    mcache_pool open { server $TEST_NGINX_MEMCACHED fail_timeout=50ms; }
--- mcache: mcache open; mcache_key $uri; mcache_valid 1m;
--- steps
> GET /t
< 200 DOWN
= /t 1
@ log \[error\].*mcache.*"open" failed



=== TEST 10: the name is asked for, and sessions are resumed
--- pool
$TEST_NGINX_TLS_FRONT
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
tls_name memcached.test;
connections 2;
timeout 10s;
connect_timeout 10s;
--- steps
> GET /t
< 200 MISS
@ stored /t
@ parallel 10 /t /u?delay=50&body=u
~ 10 x /t: 200 HIT /t 1\n
@ handshakes
= 2 handshakes, 1 resumed, memcached.test



=== TEST 11: an address is no name to ask for
--- pool
$TEST_NGINX_TLS_FRONT
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
--- steps
> GET /t
< 200 MISS
@ handshakes
= 1 handshakes, 0 resumed, none



=== TEST 12: who shows no certificate where one is wanted
--- pool
$TEST_NGINX_TLS_STRICT
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
--- steps
> GET /t
< 200 DOWN
= /t 1
@ handshakes
~ ^0 handshakes



=== TEST 13: who shows one
--- pool
$TEST_NGINX_TLS_STRICT
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
tls_certificate $TEST_NGINX_DIRECTORY/client.pem;
tls_certificate_key $TEST_NGINX_DIRECTORY/client.key;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT



=== TEST 14: a reload
--- pool
$TEST_NGINX_MEMCACHED
tls_trusted_certificate $TEST_NGINX_DIRECTORY/ca.pem;
timeout 10s;
connect_timeout 10s;
--- steps
> GET /t
< 200 MISS
@ stored /t
@ in flight reload 5 /t
~ \A5 x /t: 200 HIT /t 1\Z
@ quit worker
> GET /t
< 200 HIT
