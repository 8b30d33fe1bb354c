# Many clients that take 1 KB of a page and no more, 20 or 40 over HTTP/1.1 and as many over one connection of HTTP/2:
# the worker's memory stays within bounds, others are served meanwhile, who goes on gets the page, and
# send_timeout ends the others. The figure of each step is how many KB the memory may grow by.

use lib 't/lib';
use Test::Mcache memcached_options => ['-m', '256'];
use Test::Nginx::Socket 'no_plan';

my %pools = (
    small  => '',
    parts  => 'max_item_size 64k; large_buffers 3m;',    # each may have a part
    narrow => 'max_item_size 64k; large_buffers 400k;',  # one in five may
    whole  => '',
    shared => 'large_buffers 8m;',                       # one connection may have 1 MB
    pieces => 'max_item_size 128k; large_buffers 8m;',
);
my $pools = CORE::join '',
    map { "mcache_pool $_ { server \$TEST_NGINX_MEMCACHED; timeout 60s; connect_timeout 60s; $pools{$_} }\n" } sort keys %pools;
my $locations = '';
for my $name (sort keys %pools) {
    for my $time (['patient', '60s'], ['hasty', '1s']) {
        $locations .= "location ~ ^/$time->[0](?<page>/$name.*) { mcache $name; mcache_key \$page;"
            . " send_timeout $time->[1]; proxy_pass http://origin\$page\$is_args\$args; }\n";
    }
}

Test::Base::spec_string(<<"EOB");
=== TEST 1: in parts, with memory for all and for some; in one piece; small
--- http_config
$pools
--- config
    listen 127.0.0.1:\$TEST_NGINX_HTTP2_PORT http2;
    listen 127.0.0.2:\$TEST_NGINX_HTTP2_PORT sndbuf=8k;
    location = /status { mcache_status; }
    mcache_max_size 32m;
    mcache_valid 5m;
    mcache_lock_timeout 1s;
    proxy_http_version 1.1;
    proxy_set_header Connection close;  # newer nginx would keep those connections, and they are counted
    proxy_read_timeout 300s;
$locations
--- timeout: 300
--- steps
\@ crowd 40 /small?size=48000 \$TEST_NGINX_HTTP2_PORT 10000
= right
\@ crowd 40 /parts?size=4000000 \$TEST_NGINX_HTTP2_PORT 10000
= right
\@ crowd 20 /narrow?size=2000000 \$TEST_NGINX_HTTP2_PORT 10000
= right
\@ crowd 40 /whole?size=900000 \$TEST_NGINX_HTTP2_PORT 10000
= right



=== TEST 2: one connection does not take the memory that others need
--- http_config
$pools
--- config
    listen 127.0.0.1:\$TEST_NGINX_HTTP2_PORT http2;
    location = /status { mcache_status; }
    mcache_max_size 32m;
    mcache_valid 5m;
    mcache_lock_timeout 60s;
    proxy_http_version 1.1;
    proxy_set_header Connection close;
$locations
--- timeout: 60
--- steps
\@ greedy 60 /shared?size=300000 \$TEST_NGINX_HTTP2_PORT 6000
= 200 HIT 300000 bytes
\@ greedy 60 /pieces?size=600000 \$TEST_NGINX_HTTP2_PORT 8000
= 200 HIT 600000 bytes
EOB
run_tests();
