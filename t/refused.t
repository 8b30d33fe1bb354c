# memcached answers one command with an error: that command has failed, and the server stays in use for all
# else. Where memcached may have taken the data block of a store for commands, the connection is begun anew.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

my $classic = ($ENV{MCACHE_TEST_SERVER} // '') eq 'classic';
my $look    = $classic ? "\@ refuse gets SERVER_ERROR backend failure\n\@ refuse get" : '@ refuse mg';
my @store   = $classic ? qw(set cas) : qw(ms);
my $count   = $classic ? 'incr' : 'ma';
my $remove  = $classic ? 'delete' : 'md';

# A server that was taken out of use would stay so.
my $pool = '    mcache_pool liar { server $TEST_NGINX_LIAR fail_timeout=100s; timeout 10s; connect_timeout 10s; }';
my $start = <<'EOC';
--- config
    mcache_key $uri;
    mcache_valid 1m;
    add_header X-Reason $mcache_reason;
    location / {
        mcache liar;
        proxy_pass http://origin;
    }
    location /counted {
        mcache liar;
        mcache_min_uses 2;
        proxy_pass http://origin;
    }
    location /purge/ {
        mcache liar;
        mcache_key /$arg_key;
        mcache_purge 1;
    }
--- no_error_log
failed:
[crit]
[alert]
--- steps
> GET /front
< 200 MISS
@ stored /front
> GET /front
< 200 HIT
EOC

sub block {
    my ($name, $steps) = @_;
    return "=== $name\n--- http_config\n$pool\n$start$steps\n\n";
}

my $spec = block('a count', <<"EOB");
\@ refuse $count CLIENT_ERROR cannot increment or decrement non-numeric value
> GET /counted
< 200 MISS
= /counted 1
\@ log refused a command for .*: CLIENT_ERROR cannot increment
> GET /front
< 200 HIT
EOB

$spec .= block('a lookup', <<"EOB");
$look SERVER_ERROR backend failure
> GET /front
< 200 DOWN
< X-Reason: refused
= /front 2
> GET /front
< 200 DOWN
= /front 3
# Once, with the server's name.
\@ log memcached 127.0.0.1:\\d+ of pool "liar" refused to look up ".*": SERVER_ERROR backend failure
= 1
\@ lie truth
\@ refuse none none
> GET /front
< 200 HIT
EOB

for my $error ('SERVER_ERROR out of memory storing object', 'CLIENT_ERROR bad command line format|ERROR|ERROR', 'ERROR|ERROR|ERROR') {
    my $refusals = CORE::join '', map { "\@ refuse $_ $error\n" } @store;
    $spec .= block("a store: $error", <<"EOB");
$refusals> GET /t
< 200 MISS
= /t 1
\@ log did not store "/t": @{[$error =~ s/\|.*//r]}
> GET /front
< 200 HIT
\@ parallel 4 /front /front?2
= 4 x /front: 200 HIT /front 1
= 4 x /front?2: 200 HIT /front 1
\@ refuse none none
> GET /other
< 200 MISS
EOB
}

$spec .= block('a purge is not acknowledged', <<"EOB");
\@ refuse $remove SERVER_ERROR backend failure
> GET /purge/?key=front
< 502
> GET /t
< 200 MISS
\@ stored /t
> GET /t
< 200 HIT
EOB

Test::Base::spec_string($spec);
run_tests();
