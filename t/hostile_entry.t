# Entries that mcache did not write: nothing of them reaches a client that could be taken for another
# response, another header, or another user's page. They are misses.

use lib 't/lib';
use Test::Mcache;
use Test::Nginx::Socket 'no_plan';

# Fresh, of the key /t, with these headers (name => value) and what else is said.
sub entry {
    my ($headers, %also) = @_;
    my $key = $also{key} // '/t';
    my $records = '';
    my $count   = 0;
    for (my $i = 0; $i < @$headers; $i += 2) {
        $records .= pack('CS<L<', 0, length $headers->[$i], length $headers->[$i + 1])
            . $headers->[$i] . $headers->[$i + 1];
        ++$count;
    }
    my $body = $also{body} // 'stored';
    my $head = 'MCE1' . pack(
        'L<Q<S<S<L<q<q<q<L<L<q<L<L<', 72 + length($key) + length($records), $also{size} // length $body,
        $also{status} // 200, $count, length $key, 1, 1, 253402300799, 0, 0, -1, $also{attributes} // 0, 0);
    return unpack 'H*', $head . $key . $records . $body;
}

my @hostile = (
    'a line end in a value'        => entry(['X-A', "b\r\nSet-Cookie: c=d"]),
    'a line feed alone'            => entry(['X-A', "b\nSet-Cookie: c=d"]),
    'a NUL'                        => entry(['X-A', "b\0c"]),
    'a line end in a name'         => entry(["X-A: b\r\nSet-Cookie", 'c=d']),
    'a blank in a name'            => entry(['Content-Length ', '0']),
    'no name'                      => entry(['', 'b']),
    'Content-Length'               => entry(['Content-Length', '0']),
    'a second body'                => entry(['content-length', '3'], body => "abcHTTP/1.1 200 OK\r\n\r\n"),
    'Transfer-Encoding'            => entry(['Transfer-Encoding', 'chunked'], body => "0\r\n\r\n"),
    'Connection'                   => entry(['Connection', 'upgrade']),
    'Upgrade'                      => entry(['Upgrade', 'websocket']),
    'an interim status'            => entry([], status => 101),
    'a status of four digits'      => entry([], status => 1000),
    'the page of another key'      => entry([], key => '/u'),
    'a body that is shorter'       => entry([], size => 100),
    'an attribute nobody knows'    => entry([], attributes => 0x80000000),
);

my $blocks = '';
while (my ($name, $hex) = splice @hostile, 0, 2) {
    $blocks .= <<"EOB";
=== $name
--- config
    location / {
        mcache pages;
        mcache_key \$uri;
        mcache_valid 1m;
        proxy_pass http://origin;
    }
--- steps
\@ set hex /t 1835204864 $hex
> GET /t
< 200 MISS
< ! Set-Cookie
= /t 1
\@ settled
> GET /t
< 200 HIT
= /t 1
--- no_error_log
[alert]

EOB
}
my $fine = entry(['X-A', 'b']);
$blocks .= <<"EOB";
=== and one that is as it should be
--- config
    location / {
        mcache pages;
        mcache_key \$uri;
        proxy_pass http://origin;
    }
--- steps
\@ set hex /t 1835204864 $fine
> GET /t
< 200 HIT
< X-A: b
== stored
EOB

Test::Base::spec_string($blocks);
run_tests();
