# `nginx -t`: every directive's wrong values are refused with its name and with what would be right.

use lib 't/lib';
use Test::Mcache::Config;
use Test::More;

# Where the text goes, what it is, and what the message has to say.
my @refused = (
    # what a proxy_cache configuration leads to
    [http => 'mcache_path /data levels=1:2 keys_zone=one:10m;', qr/"mcache_path".*mcache_pool name/],
    [location => 'mcache_no_cache $cookie_a;',                  qr/"mcache_no_cache".*mcache_no_store/],

    # mcache_pool
    [http => 'mcache_pool;',                                  qr/"mcache_pool"/],
    [http => 'mcache_pool a b { server 127.0.0.1; }',         qr/"mcache_pool"/],
    [http => 'mcache_pool a;',                                qr/"mcache_pool".* no opening "\{"/],
    [http => 'mcache_pool off { server 127.0.0.1; }',         qr/mcache_pool.*"off"/],
    [http => 'mcache_pool a {}',                              qr/mcache_pool.*"server/],
    [http => 'mcache_pool a { server 127.0.0.1; } mcache_pool a { server 127.0.0.1; }',
        qr/mcache_pool.*"a".*(?:already|duplicate)/],
    [http => 'mcache_pool a { server 127.0.0.1; server 127.0.0.1:11211; }', qr/server.*already/],
    [http => 'mcache_pool a { server; }',                     qr/server.*address/],
    [http => 'mcache_pool a { server 127.0.0.1:0; }',         qr/server.*127\.0\.0\.1:0/],
    [http => 'mcache_pool a { server 127.0.0.1:70000; }',     qr/server.*127\.0\.0\.1:70000/],
    [http => 'mcache_pool a { server unix:; }',               qr/server.*unix:/],
    [http => 'mcache_pool a { server no-such-host.invalid; }', qr/server.*no-such-host\.invalid/],
    [http => 'mcache_pool a { server 127.0.0.1 weight=0; }',  qr/weight=/],
    [http => 'mcache_pool a { server 127.0.0.1 weight=-1; }', qr/weight=/],
    [http => 'mcache_pool a { server 127.0.0.1 weight=x; }',  qr/weight=/],
    [http => 'mcache_pool a { server 127.0.0.1 max_fails=x; }', qr/max_fails=/],
    [http => 'mcache_pool a { server 127.0.0.1 fail_timeout=x; }', qr/fail_timeout=/],
    [http => 'mcache_pool a { server 127.0.0.1 backup; }',    qr/backup.*weight=/],
    [http => join('', 'mcache_pool a {', map({ " server 127.0.1.$_;" } 1 .. 101), ' }'),
        qr/at most 100 servers, here are 101/],
    [http => 'mcache_pool a { server a.test resolve; }',      qr/"resolve" of mcache_pool "a": no resolver defined.*"resolver /],
    [http => 'mcache_pool a { server a.test resolve; server a.test resolve; } resolver 127.0.0.1;',
        qr/"a.test:11211" is in this pool already/],
    [http => 'mcache_pool a { server a.test resolve; server b.test resolve; replicas 2; } resolver 127.0.0.1;',
        qr/"resolve" of mcache_pool "a" cannot be combined with "replicas"/],
    [http => 'mcache_pool a { server a.test resolve=1; } resolver 127.0.0.1;', qr/resolve=1.*resolve/],
    [http => 'mcache_pool a { server 127.0.0.1; timeout 0; }', qr/timeout/],
    [http => 'mcache_pool a { server 127.0.0.1; timeout x; }', qr/timeout.*"x"/],
    [http => 'mcache_pool a { server 127.0.0.1; timeout; }',  qr/timeout/],
    [http => 'mcache_pool a { server 127.0.0.1; timeout 1s 2s; }', qr/timeout/],
    [http => 'mcache_pool a { server 127.0.0.1; timeout 1s; timeout 2s; }', qr/timeout.*duplicate/],
    [http => 'mcache_pool a { server 127.0.0.1; connect_timeout x; }', qr/connect_timeout.*"x"/],
    [http => 'mcache_pool a { server 127.0.0.1; connections 0; }', qr/connections.*1/],
    [http => 'mcache_pool a { server 127.0.0.1; connections x; }', qr/connections.*"x"/],
    [http => 'mcache_pool a { server 127.0.0.1; max_item_size x; }', qr/max_item_size.*"x".*1k/],
    [http => 'mcache_pool a { server 127.0.0.1; max_item_size 1; }', qr/max_item_size.*1k/],
    [http => 'mcache_pool a { server 127.0.0.1; distribution x; }', qr/distribution.*x.*ketama/],
    [http => 'mcache_pool a { server 127.0.0.1; hash x; }',   qr/hash.*x.*md5/],
    [http => 'mcache_pool a { server 127.0.0.1; queue 15; }', qr/"queue".*"15".*at least 16/],
    [http => 'mcache_pool a { server 127.0.0.1; queue x; }', qr/"queue".*"x".*number/],
    [http => 'mcache_pool a { server 127.0.0.1; queue 16; queue 16; }', qr/"queue".*duplicate/],
    [http => 'mcache_pool a { server 127.0.0.1; store_buffers 1k; }', qr/"store_buffers".*"1k".*64k/],
    [http => 'mcache_pool a { server 127.0.0.1; replicas 0; }', qr/"replicas".*"0".*1 to 4/],
    [http => 'mcache_pool a { server 127.0.0.1; replicas 5; }', qr/"replicas".*"5".*1 to 4/],
    [http => 'mcache_pool a { server 127.0.0.1; replicas x; }', qr/"replicas".*"x".*1 to 4/],
    [http => 'mcache_pool a { server 127.0.0.1; replicas 1; replicas 1; }', qr/"replicas".*duplicate/],
    [http => 'mcache_pool a { server 127.0.0.1; replicas 2; }',
        qr/"replicas 2" of mcache_pool "a" needs as many servers, but the pool has 1/],
    [http => 'mcache_pool a { server 127.0.0.1; on_failure retry; }',
        qr/"on_failure".*"retry" must be "miss" or "next"/],
    [http => 'mcache_pool a { server 127.0.0.1; on_failure next; }',
        qr/"on_failure next" of mcache_pool "a".*has 1; add one, or write "on_failure miss"/],
    [http => 'mcache_pool a { server 127.0.0.1; server 127.0.0.2; replicas 2; on_failure next; }',
        qr/"on_failure next" of mcache_pool "a".*in addition to the 2.*has 2/],
    [http => 'mcache_pool a { server 127.0.0.1; server 127.0.0.2; replicas 2; } server { mcache a;'
            . ' mcache_purge_log off; }',
        qr/"mcache_purge_log off".*"replicas" of mcache_pool "a".*"on"/],
    [http => 'server { mcache a; mcache_format raw; }'
            . ' mcache_pool a { server 127.0.0.1; server 127.0.0.2; on_failure next; }',
        qr/"mcache_format raw".*"on_failure next" of mcache_pool "a".*"mcache_format entry"/],
    [http => 'mcache_pool a { server 127.0.0.1; unknown 1; }', qr/unknown.*mcache_pool.*timeout/],
    [server => 'mcache_pool a { server 127.0.0.1; }',         qr/"mcache_pool" directive is not allowed/],

    # mcache
    [server   => 'mcache;',                    qr/"mcache"/],
    [server   => 'mcache pages 1;',            qr/"mcache"/],
    [server   => 'mcache page;',
        qr/there is no pool "page", but "pages"; use one of these, or define it with "mcache_pool page .* in the http/],
    [http     => 'mcache_pool more { server 127.0.0.1; } mcache on; server { mcache off; }',
        qr/there is no pool "on", but "pages", "more"; use one of these/],
    [pool     => 'mcache pages;',
        qr/there is no pool "pages"; define it with "mcache_pool pages \{ server 127.0.0.1:11211; \}"/],
    [server   => 'mcache $host;',              qr/"mcache".*\$host.*mcache_pool/],
    [server   => 'mcache "";',                 qr/"mcache".*mcache_pool/],
    [server   => 'mcache pages; mcache off;',  qr/"mcache".*duplicate/],
    [location => 'if ($arg_a) { mcache off; }', qr/"mcache" directive is not allowed/],
    [main     => 'mcache pages;',              qr/"mcache" directive is not allowed/],

    # the key
    [location => 'mcache_key;',                    qr/"mcache_key"/],
    [location => 'mcache_key a b;',                qr/"mcache_key"/],
    [location => 'mcache_key $no_such_thing;',     qr/unknown "no_such_thing" variable/],
    [location => 'mcache_key a; mcache_key b;',    qr/"mcache_key".*duplicate/],
    [location => 'mcache_key_prefix;',             qr/"mcache_key_prefix"/],
    [location => 'mcache_key_prefix a; mcache_key_prefix b;', qr/"mcache_key_prefix".*duplicate/],

    # what is looked up and stored
    [location => 'mcache_ignore;',                 qr/"mcache_ignore"/],
    [location => 'mcache_ignore "";',              qr/"mcache_ignore".*empty/],
    [location => 'mcache_ignore ~*;',              qr/"mcache_ignore".*~\*.*pattern/],
    [location => 'mcache_ignore ^/a (b;',          qr/"mcache_ignore".*\(b/],
    [location => 'mcache_ignore ^/a[;',            qr/"mcache_ignore".*\^\/a\[/],
    [location => 'mcache_store maybe;',            qr/"maybe" in "mcache_store".*"on" or "off"/],
    [location => 'mcache_store on; mcache_store off;', qr/"mcache_store".*duplicate/],
    [location => 'mcache_format xml;',             qr/"mcache_format".*xml.*"entry".*"raw"/],
    [location => 'mcache_format raw; mcache_format raw;', qr/"mcache_format".*duplicate/],
    [location => 'mcache_valid x;',                qr/"mcache_valid".*"x"/],
    [location => 'mcache_valid 200 x;',            qr/"mcache_valid".*"x"/],
    [location => 'mcache_valid 99 1m;',            qr/"mcache_valid".*"99"/],
    [location => 'mcache_valid 600 1m;',           qr/"mcache_valid".*"600"/],
    [location => 'mcache_valid abc 1m;',           qr/"mcache_valid".*"abc".*any/],
    [location => 'mcache_valid -1;',               qr/"mcache_valid".*"-1"/],
    [location => 'mcache_methods TRACE;',          qr/"mcache_methods".*TRACE.*GET.*HEAD.*POST/],
    [location => 'mcache_methods;',                qr/"mcache_methods"/],
    [location => 'mcache_bypass;',                 qr/"mcache_bypass"/],
    [location => 'mcache_bypass $no_such_thing;',  qr/unknown "no_such_thing" variable/],
    [location => 'mcache_no_store;',               qr/"mcache_no_store"/],
    [location => 'mcache_local;',                  qr/"mcache_local"/],
    [location => 'mcache_local x;',                qr/"mcache_local".*"x".*off.*1m/],
    [location => 'mcache_local 0;',                qr/"mcache_local".*"0".*off.*1m/],
    [location => 'mcache_local 1023k;',            qr/"mcache_local".*"1023k".*at least 1m/],
    [location => 'mcache_local -1m;',              qr/"mcache_local".*"-1m"/],
    [location => 'mcache_local 1m 2m;',            qr/"mcache_local"/],
    [location => 'mcache_local 1m; mcache_local off;', qr/"mcache_local".*duplicate/],
    [location => 'mcache_status xml;',             qr/"mcache_status".*"xml".*html, json, prometheus/],
    [location => 'mcache_status html json;',       qr/"mcache_status".*"json".*html, json, prometheus/],
    [location => 'mcache_status html keys=on x;',  qr/"mcache_status"/],
    [location => 'mcache_status keys=maybe;',      qr/"mcache_status".*"keys=maybe".*keys=off/],
    [location => 'mcache_status; mcache_status;',  qr/"mcache_status".*duplicate/],
    [http     => 'mcache_status;',                 qr/"mcache_status" directive is not allowed/],
    [location => 'mcache_max_size x;',             qr/"mcache_max_size".*"x".*(?:1m|size)/],
    [location => 'mcache_max_size 0;',             qr/"mcache_max_size".*"0".*above 0/],
    [location => 'mcache_max_size -1;',            qr/"mcache_max_size"/],
    [location => 'mcache_max_size 1 2;',           qr/"mcache_max_size"/],
    [location => 'mcache_max_size 1m; mcache_max_size 1m;', qr/"mcache_max_size".*duplicate/],
    [location => 'mcache_ignore_headers X-Other;', qr/"mcache_ignore_headers".*X-Other.*Cache-Control.*Set-Cookie/],
    [location => 'mcache_ignore_headers;',         qr/"mcache_ignore_headers"/],

    # purges
    [location => 'mcache_purge;',                  qr/"mcache_purge"/],
    [location => 'mcache_purge $no_such_thing;',   qr/unknown "no_such_thing" variable/],
    [location => 'if ($arg_a) { mcache_purge 1; }', qr/"mcache_purge" directive is not allowed/],
    [location => 'mcache_purge_soft maybe;',       qr/"maybe" in "mcache_purge_soft".*"on" or "off"/],
    [location => 'mcache_purge_soft on; mcache_purge_soft on;', qr/"mcache_purge_soft".*duplicate/],
    [location => 'mcache_purge_tags;',             qr/"mcache_purge_tags"/],
    [location => 'mcache_purge_tags a b;',         qr/"mcache_purge_tags"/],
    [location => 'mcache_purge_tags a; mcache_purge_tags b;', qr/"mcache_purge_tags".*duplicate/],
    [location => 'mcache_tags;',                   qr/"mcache_tags"/],
    [location => 'mcache_tags a b;',               qr/"mcache_tags"/],
    [location => 'mcache_tags $no_such_thing;',    qr/unknown "no_such_thing" variable/],
    [location => 'mcache_purge_log maybe;',        qr/"maybe" in "mcache_purge_log".*"on" or "off"/],
    [location => 'mcache pages; mcache_tags a; mcache_format raw;',
        qr/"mcache_tags".*"mcache_format raw".*"mcache_format entry".*"mcache_tags ''"/],
    [server   => 'mcache pages; mcache_tags a; location /b { mcache_format raw; }',
        qr/"mcache_tags".*"mcache_format raw"/],
    [location => 'mcache pages; mcache_tags a; mcache_purge_log off;',
        qr/"mcache_tags".*"mcache_purge_log off".*"on".*"mcache_tags ''"/],
    [location => 'mcache pages; mcache_purge_tags a; mcache_purge_log off;',
        qr/"mcache_purge_tags".*"mcache_purge_log off".*"on".*"mcache_purge_tags ''"/],

    [location => 'mcache_no_such_directive on;',   qr/unknown directive "mcache_no_such_directive"/],
    [location => 'set $mcache_status 1;',          qr/the duplicate "mcache_status" variable/],
);

my @accepted = (
    [http => 'mcache_pool a { server 127.0.0.1; }'],
    [http => 'mcache_pool a { server [::1]; server [::1]:11212; server localhost:11213; }'],
    [http => 'mcache_pool a { server unix:/tmp/none.sock weight=3 max_fails=0 fail_timeout=100ms; }'],
    [http => 'mcache_pool a { server 127.0.0.1; connections 2; connect_timeout 1s; timeout 2s;'
            . ' max_item_size 8m; distribution ketama; hash md5; }'],
    [http => 'mcache_pool a { server 127.0.0.1; queue 16; store_buffers 64k; }'],
    [http => 'mcache_pool a { server 127.0.0.1; replicas 1; on_failure miss; }'],
    [http => 'mcache_pool a { server 127.0.0.1; server 127.0.0.2; replicas 2; }'
            . ' server { mcache a; mcache_purge_log on; }'],
    [http => 'mcache_pool a { server 127.0.0.1; server 127.0.0.2; on_failure next; }'
            . ' server { mcache a; location /raw { mcache pages; mcache_format raw; } }'],
    map({ [http => "mcache_pool a { server 127.0.0.1; distribution $_; }"] }
        qw(modula consistent ketama)),
    map({ [http => "mcache_pool a { server 127.0.0.1; distribution modula; hash $_; }"] }
        qw(default md5 crc fnv1a_64)),
    [http => 'resolver 127.0.0.1; mcache_pool a { server a.test resolve; server a.test:11212 weight=2 resolve; }'],
    [http => 'mcache_pool a { server a.test resolve; server 127.0.0.1; } resolver 127.0.0.1 valid=5s;'],
    [http => 'mcache_pool a { server 127.0.0.1 resolve; server unix:/tmp/none.sock resolve; }'],
    [http => 'mcache late; mcache_pool late { server 127.0.0.1; }'],
    [http => 'mcache pages; mcache_key $uri; mcache_key_prefix a; mcache_ignore a; mcache_store on;'
            . ' mcache_format raw; mcache_valid 1m; mcache_methods GET; mcache_bypass a;'
            . ' mcache_no_store a; mcache_max_size 1m; mcache_local 1m; mcache_ignore_headers Vary;'],
    [server   => 'mcache pages; location /a { mcache off; } location /b { mcache pages; }'],
    [location => 'mcache_valid 1m; mcache_valid 404 410 1s; mcache_valid any 0;'],
    [location => 'mcache_ignore a; mcache_ignore b ~*c ~ d;'],
    [location => 'mcache_methods GET head POST;'],
    [location => 'mcache pages; mcache_purge $arg_a $arg_b; mcache_purge_soft on; mcache_purge_log on;'
            . ' mcache_purge_tags $http_a; mcache_tags $upstream_http_a;'],
    [location => 'mcache pages; mcache_purge $arg_a; mcache_purge_log off;'],
    [location => 'mcache_tags a; mcache_format raw;'],
    [server   => 'mcache pages; mcache_tags a; location /b { mcache_tags ""; mcache_format raw; }'],
    [server   => 'mcache pages; mcache_tags a; mcache_purge_tags b;'
            . ' location /b { mcache_tags ""; mcache_purge_tags ""; mcache_purge_log off; }'],
    [location => 'mcache_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;'],
);

# What nginx can only say when it has read everything: it no longer knows the line.
my $found_late = qr/no_such_thing/;

for my $case (@refused) {
    my ($context, $text, $message) = @$case;
    my ($status, $output) = nginx_t($context, $text);
    isnt($status, 0, "refused: $text");
    like($output, $message, "   ... and says what is wrong");
    like($output, qr/\[emerg\].* in \S+:\d+/, '   ... and where') if $text !~ $found_late;
}

# What has no effect is accepted with a warning.
my @warned = (
    [http => 'mcache_pool a { server 127.0.0.1; hash crc; }', qr/"hash" of mcache_pool "a".*ketama_weighted/],
);

for my $case (@accepted) {
    my ($context, $text) = @$case;
    my ($status, $output) = nginx_t($context, $text);
    is($status, 0, "accepted: $text") or diag($output);
    unlike($output, qr/\[(?:warn|error|crit|alert|emerg)\]/, '   ... without a word');
}

for my $case (@warned) {
    my ($context, $text, $message) = @$case;
    my ($status, $output) = nginx_t($context, $text);
    is($status, 0, "accepted: $text") or diag($output);
    like($output, qr/\[warn\].*$message/, '   ... with a warning');
}

done_testing();
