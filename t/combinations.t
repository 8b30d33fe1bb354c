# HEAD, Range and If-* in combination, for each kind of page and in each state of the cache: each answer
# is what RFC 9110 says, and what proxy_cache answers but where that departs from it. What is compared,
# and where the two differ, is in t/lib/testbed/combinations.py.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

# Those of a line side by side: what has to grow stale does so in the same seconds.
my @cases = (
    (map { "hit/$_" } qw(both weak date bare parts local file vary chunked empty missing)),
    (map { "miss/$_" } qw(both weak date parts vary empty missing)),
    CORE::join(' ', map { ("stale/$_", "updating/$_", "revalidated/$_") } qw(both parts vary)),
);
my $steps = CORE::join '', map { "\@ combine $_\n= right\n" } @cases;

sub locations {
    my ($cache, $path, $on, $local) = @_;
    my $common = "${cache}_key \$uri; ${cache}_valid any 5m; proxy_pass http://\$to\$request_uri;";
    my $updating = "${cache}_use_stale updating; ${cache}_background_update on;";
    return <<"EOC";
    location /$path/ { $on ${cache}_use_stale error; $common }
    location /$path/hit/local { $local $common }
    location /$path/hit/file { $local $common }
    location /$path/revalidated/ { $on ${cache}_revalidate on; $common }
    location /$path/updating/ { $on $updating $common }
EOC
}

my $mcache = 'add_header X-Mcache $mcache_status always; add_header X-Local $mcache_local always;';
my $proxy = 'proxy_cache disk; add_header X-Mcache $upstream_cache_status always;';
my $config = locations('mcache', 'mcache', "mcache small; $mcache", "mcache pages; mcache_local 8m; $mcache")
    . locations('proxy_cache', 'proxy', $proxy, $proxy);

# How many were compared is of interest to who reads the report.
add_response_body_check(sub {
    my ($block, $body) = @_;
    Test::More::diag($body) if $body =~ /^\d+ combinations$/m;
});

Test::Base::spec_string(<<"EOB");
=== TEST 1: combinations
--- http_config
    mcache_pool small { server \$TEST_NGINX_MEMCACHED; timeout 10s; connect_timeout 10s; max_item_size 16k; }
    proxy_cache_path cache keys_zone=disk:1m;
    upstream dead { server 127.0.0.1:1; }
    map \$arg_to \$to { default origin; dead dead; }
    proxy_http_version 1.1;
    proxy_read_timeout 300s;
    proxy_force_ranges on;
    max_ranges 5;
    keepalive_requests 1000000;
    sendfile on;
--- config
$config
--- timeout: 300
--- steps
$steps
\@ combinations
~ ^\\d{5,} combinations\$
--- no_error_log
[alert]
EOB
run_tests();
