# Backends that break the rules of HTTP, FastCGI, SCGI and uwsgi, or hardly keep them: what the client gets,
# and what is stored. Whatever it is, a client gets the same as without mcache, on a fill as on a hit,
# and it is one response. The answers are in t/lib/testbed/answers.py; newer nginx refuses more of them.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

my @stored  = ('200 stored miss');
my @refused = ('502 not stored status');
my @cut     = ('200 cut not stored miss');
my @invalid = ('200 not stored header-invalid', @refused);
my @stream  = ('200(?: cut)? not stored stream');
my @nothing = ('(?:nothing|200 cut) not stored.*');

my @answers = (
    cached => [
        # nginx 1.22 takes an interim response for the final one, newer ones pass over it.
        ['(?:1\d\d(?: cut)? not stored status|200 stored miss|502 not stored status)'] =>
            '100 100-100 102 103 199 100-alone 100-with-length 101',
        [@stored] => 'no-reason odd-reason reason-with-nul http-2',
        ['205 stored miss']     => '205-with-body',
        ['204 not stored miss'] => '204-with-body',
        ['(000|304|600|999) not stored status'] => 'status-000 status-600 status-999 304-unasked',
        # Without a header there is nothing to say so in.
        ['no header not stored', '200\d? not stored', '20 not stored'] =>
            'reason-with-cr status-2000 status-20 http-0.9 only-line-ends garbage',
        [@refused] => 'nothing nul nul-in-name cr fold fold-at-once no-name blank-in-name blank-before-colon',
        [@stored]  => 'cr-cr-lf lf lf-lf 8-bit controls tabs no-colon underscore empty odd-type two-types odd-tag
                       odd-encoding odd-cache-control two-of-a-name framing-in-a-value',
        [@invalid] => '8-bit-name slash-in-name quote-in-name',
        ['302 stored miss']               => 'odd-location',
        ['200 not stored already-stale']  => 'odd-date',
        ['200 not stored vary-invalid']   => 'odd-vary',
        [@stored, @refused]               => 'same-twice other-coding two-codings',
        [@stored]  => 'longer none chunks chunk-extension chunk-trailer chunks-and-more',
        # A line of LF alone, which newer nginx does not take.
        [@stored, @nothing] => 'chunk-short',
        [@invalid] => 'two two-first-right list negative plus hexadecimal empty-length words 2-to-the-63
                       2-to-the-64 length-and-chunks',
        [@cut]     => 'shorter no-last-chunk half-last-chunk',
        [@nothing] => 'chunk-huge chunk-wraps chunk-negative',
        ['200 cut not stored too-large'] => 'huge',
        [@stored]  => 'buffer-less bomb',
        [@cut, @stored, @refused] => 'buffer',
        [@refused] => 'buffer-more buffer-never-ends',
    ],
    unbuffered => [
        ['no header not stored'] => 'http-0.9',
        [@stored]  => 'longer',
        [@stream]  => 'none chunks chunk-trailer chunks-and-more',
        [@invalid] => 'two two-first-right',
        [@stream, @refused] => 'negative 2-to-the-64 length-and-chunks',
        [@cut]     => 'shorter',
        ['200 cut not stored stream'] => 'no-last-chunk half-last-chunk',
        [@nothing] => 'chunk-huge',
        ['200 cut not stored too-large'] => 'huge',
    ],
    wide => [
        [@stored]  => '1000-fields long-value long-name header-fits-item',
        [@invalid] => '70000-fields longer-name',
        ['200 not stored miss'] => 'header-fits-no-item',
    ],
    map({ $_ => [
        [@stored]  => 'right stderr-before stderr-within end-without-body byte-by-byte',
        # A kept connection ought not to end.
        ['200 (?:not )?stored miss'] => 'no-end-but-length',
        [@refused] => 'only-stderr only-end other-version other-request nul cr odd-status http',
        [@cut]     => 'end-before-length',
        # To nginx the end of the connection is the end of the page: what came of it is not stored.
        ['200(?: cut)? not stored miss'] => 'no-end within-a-record',
        [@nothing] => 'unknown-record',
    ] } 'fastcgi', 'fastcgi-kept'),
    'fastcgi-unbuffered' => [
        [@stream]  => 'right stderr-before stderr-within end-without-body byte-by-byte no-end within-a-record',
        ['200 (?:not )?stored miss'] => 'no-end-but-length',
        [@refused] => 'only-stderr only-end other-version other-request nul cr odd-status http',
        [@cut]     => 'end-before-length',
        [@nothing] => 'unknown-record',
    ],
    map({ $_ => [
        [@stored]  => 'right',
        [@invalid] => 'negative',
        [@cut]     => 'shorter',
        [@refused] => 'nul within-header odd-status',
    ] } 'scgi', 'uwsgi'),
);

my %pass = (
    cached     => 'proxy_pass http://origin;',
    wide       => 'proxy_pass http://origin; proxy_buffer_size 3m; proxy_buffers 4 3m;',
    unbuffered => 'proxy_pass http://origin; proxy_buffering off;',
);
for my $protocol ('fastcgi', 'scgi', 'uwsgi') {
    $pass{$protocol} = "${protocol}_param REQUEST_METHOD GET; "
        . "${protocol}_param REQUEST_URI \$uri; ${protocol}_pass 127.0.0.1:\$TEST_NGINX_"
        . uc($protocol) . '_PORT;';
}
$pass{'fastcgi-unbuffered'} = "$pass{fastcgi} fastcgi_buffering off;";
$pass{'fastcgi-kept'}       = "$pass{fastcgi} fastcgi_keep_conn on;";

my ($locations, $steps, $count) = ('', '', 0);
while (my ($where, $outcomes) = splice @answers, 0, 2) {
    my ($protocol) = $where =~ /^(fastcgi|scgi|uwsgi)/;
    my $path = ($protocol ? "/$protocol" : '') . '/$name';
    $locations .= <<"EOC";
    location ~ ^/$where-plain/(?<name>.*) { rewrite ^ $path break; $pass{$where} }
    location ~ ^/$where/(?<name>.*) { mcache pages; rewrite ^ $path break; $pass{$where} }
EOC
    while (my ($any, $names) = splice @$outcomes, 0, 2) {
        my $pattern = CORE::join '|', @$any;
        for my $name (split ' ', $names) {
            $steps .= "\@ answer $where $name\n~ ^(?:$pattern)\$\n";
            ++$count;
        }
    }
}

Test::Base::spec_string(<<"EOB");
=== $count answers
--- config
    mcache_key \$request_uri;
    mcache_valid any 5m;
    mcache_lock on;
    add_header X-Reason \$mcache_reason always;
    proxy_http_version 1.1;
$locations
--- timeout: 120
--- steps
$steps
--- no_error_log
[alert]
EOB
run_tests();
