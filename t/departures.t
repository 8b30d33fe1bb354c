# Clients that leave, at each step of a request's journey and in each way: they close or reset their
# connection, close one half of it, reset a stream of HTTP/2 or close its connection. The fill that others
# may want goes on, the next client gets the page, nginx is left with nothing of who left, and its log has
# no error. The steps are in t/lib/testbed/departures.py.

use lib 't/lib';
use Test::Mcache memcached_options => ['-m', '512'];
use Test::Mcache::Expiry;
use Test::Mcache::Purge;
use Test::Nginx::Socket 'no_plan';

my @direct = qw(lookup local variants cold owner waiter backend body hit upload);
my @aged   = qw(refresh revalidation purge);
my @lied   = qw(value vary stored);
my @parts  = qw(parts part storing);
my %own    = (
    hit          => 'limit_rate $pace;',
    local        => 'mcache_local 8m;',
    refresh      => 'mcache_use_stale updating; mcache_background_update on;',
    revalidation => 'mcache_revalidate on;',
    purge        => 'mcache_purge $is_purge;',
);

sub locations {
    my ($pool, @names) = @_;
    return map { "location /$_/ { mcache $pool; @{[$own{$_} // '']} proxy_pass http://origin; }\n" } @names;
}
my $locations = CORE::join '', locations(pages => @direct, @aged), locations(lied => @lied),
    locations(parts => @parts), locations(tight => 'turn');
my @steps = (@direct, @aged, @lied, @parts, 'turn');
my $steps = CORE::join '',
    map { "\@ depart $_ \$TEST_NGINX_HTTP2_PORT\n= left: close, reset, half, stream, gone\n" } @steps;

Test::Base::spec_string(<<"EOB");
=== TEST 1: at each step, in each way
--- http_config
    map \$http_x_pace \$pace { default 0; 64k 64k; }
    mcache_pool lied { server \$TEST_NGINX_LIAR; timeout 60s; connect_timeout 10s; }
    mcache_pool parts { server \$TEST_NGINX_LIAR; timeout 60s; connect_timeout 10s; max_item_size 64k; }
    mcache_pool tight { server \$TEST_NGINX_MEMCACHED; timeout 60s; max_item_size 64k; large_buffers 64k; }
--- config
    listen \$TEST_NGINX_HTTP2_PORT http2;
    location = /status { mcache_status; }
    mcache_key \$uri;
    mcache_valid 5m;
    proxy_set_header Connection close;  # newer nginx would keep those connections, and they are counted
    mcache_max_size 16m;
    mcache_lock on;
    mcache_lock_timeout 60s;
    mcache_lock_age 60s;
    proxy_http_version 1.1;
    proxy_read_timeout 300s;
$locations
--- timeout: 300
--- steps
$steps
\@ departures
= @{[5 * @steps]}
--- no_error_log
[alert]
EOB
run_tests();
