# An index of variants that mcache did not write.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

# Fresh, of the key /t, with an index section of that content.
sub index_of {
    my ($content) = @_;
    my $section = pack('S<L<', 1, length $content) . $content;
    my $key     = '/t';
    my $head    = 'MCE1' . pack(
        'L<Q<S<S<L<q<q<q<L<L<q<L<L<', 72 + length($key) + length($section), 0, 300, 0, length $key,
        1, 1, 253402300799, 0, 0, -1, 0, length $section);
    return unpack 'H*', $head . $key . $section;
}

my %indexes = (
    'no names, nonce 0'   => "\0" x 8,
    'no names'            => "\1" x 8,
    'an empty name'       => "\0" x 8 . "\n",
    'a name that is none' => "\0" x 8 . "\r\0 :",
    # Each would be looked for among the request's fields, and its value be copied.
    'a name twice' => "\1" x 8 . "host\nhost",
    '65 names'     => "\1" x 8 . CORE::join("\n", 10 .. 74),
);

my @blocks = map { my $hex = index_of($indexes{$_}); <<"EOB" } sort keys %indexes;
=== $_
--- config
    location / {
        mcache pages;
        mcache_key \$uri;
        mcache_valid 1m;
        add_header X-Mcache \$mcache_status;
        add_header X-Reason \$mcache_reason;
        proxy_pass http://origin;
    }
--- steps
\@ set hex /t 1835204864 $hex
> GET /t
< 200 MISS
< X-Reason: garbage
= /t 1
\@ settled
> GET /t
< 200 HIT
= /t 1
\@ set hex /t 1835204864 $hex
> GET /t?h=Vary:X-Kind
> X-Kind: one
< 200 MISS
= /t 2
\@ settled
> GET /t
> X-Kind: one
< 200 HIT
= /t 2
> GET /t
> X-Kind: two
< 200 MISS
= /t 3
--- no_error_log
[alert]

EOB

Test::Base::spec_string(CORE::join '', @blocks);
run_tests();
