# The directives of HTTP caching: wrong values are refused with the name and with what would be right;
# defaults and inheritance.

use lib 't/lib';
use Test::Mcache::Config;
use Test::More;

my @refused = (
    map({
        my $name = $_;
        (
            [location => "$name;",               qr/"$name"/],
            [location => "$name maybe;",         qr/"maybe" in "$name".*"on" or "off"/],
            [location => "$name on off;",        qr/"$name"/],
            [location => "$name on; $name off;", qr/"$name".*duplicate/],
            [main     => "$name on;",            qr/"$name" directive is not allowed/],
        )
    } qw(mcache_convert_head mcache_honor_request_cache_control mcache_revalidate
         mcache_background_update mcache_lock mcache_invalidate mcache_cache_status)),

    map({
        my $name = $_;
        (
            [location => "$name;",             qr/"$name"/],
            [location => "$name x;",           qr/"$name".*"x".*time/],
            [location => "$name -1;",          qr/"$name".*"-1".*time/],
            [location => "$name 1s 2s;",       qr/"$name"/],
            [location => "$name 1s; $name 2s;", qr/"$name".*duplicate/],
            [main     => "$name 1s;",          qr/"$name" directive is not allowed/],
        )
    } qw(mcache_keep_stale mcache_lock_timeout mcache_lock_age)),

    [location => 'mcache_use_stale;',                   qr/"mcache_use_stale"/],
    [location => 'mcache_use_stale http_501;',          qr/"mcache_use_stale".*http_501.*error.*http_429/],
    [location => 'mcache_use_stale error; mcache_use_stale timeout;', qr/"mcache_use_stale".*duplicate/],
    [location => 'mcache_use_stale "";',                qr/"mcache_use_stale".*updating/],
    [main     => 'mcache_use_stale error;',             qr/"mcache_use_stale" directive is not allowed/],

    [location => 'mcache_lock_waiters 0;',              qr/"mcache_lock_waiters".*"0".*1/],
    [location => 'mcache_lock_waiters x;',              qr/"mcache_lock_waiters".*"x".*number/],
    [location => 'mcache_lock_waiters 1; mcache_lock_waiters 2;', qr/"mcache_lock_waiters".*duplicate/],
    [location => 'mcache_min_uses;',                    qr/"mcache_min_uses"/],
    [location => 'mcache_min_uses 0;',                  qr/"mcache_min_uses".*"0".*1/],
    [location => 'mcache_min_uses x;',                  qr/"mcache_min_uses".*"x".*number/],
    [location => 'mcache_min_uses -1;',                 qr/"mcache_min_uses".*"-1"/],
    [location => 'mcache_min_uses 99999999999;',        qr/"mcache_min_uses".*"99999999999"/],
    [location => 'mcache_min_uses 1 2;',                qr/"mcache_min_uses"/],
    [location => 'mcache_min_uses 1; mcache_min_uses 2;', qr/"mcache_min_uses".*duplicate/],

    [location => 'mcache_max_range_offset;',            qr/"mcache_max_range_offset"/],
    [location => 'mcache_max_range_offset x;',          qr/"mcache_max_range_offset".*"x".*1m/],
    [location => 'mcache_max_range_offset -1;',         qr/"mcache_max_range_offset".*"-1"/],
    [location => 'mcache_max_range_offset 1 2;',        qr/"mcache_max_range_offset"/],
    [location => 'mcache_max_range_offset 1; mcache_max_range_offset 2;',
        qr/"mcache_max_range_offset".*duplicate/],

    [location => 'mcache_targeted_cache_control;',      qr/"mcache_targeted_cache_control"/],
    [location => 'mcache_targeted_cache_control "a b";',
        qr/"mcache_targeted_cache_control".*"a b".*CDN-Cache-Control/],
    [location => 'mcache_targeted_cache_control "";',   qr/"mcache_targeted_cache_control".*off/],
    [location => 'mcache_targeted_cache_control off X-Cache-Control;',
        qr/"mcache_targeted_cache_control".*"off"/],
    [location => 'mcache_targeted_cache_control X:;',   qr/"mcache_targeted_cache_control".*"X:"/],
    [location => 'mcache_targeted_cache_control A; mcache_targeted_cache_control B;',
        qr/"mcache_targeted_cache_control".*duplicate/],

    [location => 'mcache_early_refresh x;',             qr/"mcache_early_refresh".*"x".*10%/],
    [location => 'mcache_early_refresh 0%;',            qr/"mcache_early_refresh".*"0%"/],
    [location => 'mcache_early_refresh 101;',           qr/"mcache_early_refresh".*"101"/],
    [location => 'mcache_early_refresh 5%; mcache_early_refresh 5%;', qr/"mcache_early_refresh".*duplicate/],
    [location => 'mcache_heuristic;',                   qr/"mcache_heuristic"/],
    [location => 'mcache_heuristic x;',                 qr/"mcache_heuristic".*"x".*10%/],
    [location => 'mcache_heuristic 0%;',                qr/"mcache_heuristic".*"0%"/],
    [location => 'mcache_heuristic 101%;',              qr/"mcache_heuristic".*"101%"/],
    [location => 'mcache_heuristic -1%;',               qr/"mcache_heuristic".*"-1%"/],
    [location => 'mcache_heuristic 1.5%;',              qr/"mcache_heuristic".*"1.5%"/],
    [location => 'mcache_heuristic %;',                 qr/"mcache_heuristic".*"%"/],
    [location => 'mcache_heuristic off max=1d;',        qr/"mcache_heuristic"/],
    [location => 'mcache_heuristic 10% 1d;',            qr/"mcache_heuristic".*"1d".*max=/],
    [location => 'mcache_heuristic 10% max=;',          qr/"mcache_heuristic".*"max=".*max=1d/],
    [location => 'mcache_heuristic 10% max=x;',         qr/"mcache_heuristic".*"max=x"/],
    [location => 'mcache_heuristic 10% max=1d max=2d;', qr/"mcache_heuristic"/],
    [location => 'mcache_heuristic 10%; mcache_heuristic 20%;', qr/"mcache_heuristic".*duplicate/],
);

my @accepted = (
    map({ my $name = $_; map { [$_ => "$name on;"], [$_ => "$name off;"] } qw(http server location) }
        qw(mcache_convert_head mcache_honor_request_cache_control mcache_revalidate
           mcache_background_update mcache_lock mcache_invalidate mcache_cache_status)),
    map({ my $name = $_; map { [location => "$name $_;"] } qw(0 1s 10m 1h30m 30d) }
        qw(mcache_keep_stale mcache_lock_timeout mcache_lock_age)),
    map({ [location => "mcache_use_stale $_;"] }
        qw(error timeout invalid_header updating http_500 http_502 http_503 http_504 http_403
           http_404 http_429 off)),
    [http => 'mcache_use_stale error timeout invalid_header updating http_500 http_429;'],
    [location => 'mcache_lock_waiters 1;'],
    [location => 'mcache_min_uses 1;'],
    [location => 'mcache_min_uses 1000;'],
    [location => 'mcache_max_range_offset 0;'],
    [location => 'mcache_max_range_offset 1m;'],
    [location => 'mcache_max_range_offset 5g;'],
    [location => 'mcache_targeted_cache_control off;'],
    [location => 'mcache_targeted_cache_control My-Cache-Control CDN-Cache-Control;'],
    [location => 'mcache_early_refresh off;'],
    [location => 'mcache_early_refresh 10%;'],
    [location => 'mcache_heuristic off;'],
    [location => 'mcache_heuristic 10%;'],
    [location => 'mcache_heuristic 10;'],
    [location => 'mcache_heuristic 100% max=30d;'],
);

for my $case (@refused) {
    my ($context, $text, $message) = @$case;
    my ($status, $output) = nginx_t($context, $text);
    isnt($status, 0, "refused: $text");
    like($output, $message, "   ... and says what is wrong");
    like($output, qr/\[emerg\].* in \S+:\d+/, '   ... and where');
}

for my $case (@accepted) {
    my ($context, $text) = @$case;
    my ($status, $output) = nginx_t($context, $text);
    is($status, 0, "accepted in $context: $text") or diag($output);
    unlike($output, qr/\[(?:warn|error|crit|alert|emerg)\]/, '   ... without a word');
}

done_testing();
