# `nginx -t`: what mcache_pool says of TLS and of a password has to be whole.

use lib 't/lib';
use Test::Mcache::Config;
use Test::More;

use File::Temp qw(tempdir);

my $folder = tempdir('mcache-test.XXXXXX', TMPDIR => 1, CLEANUP => 1);
for my $name ('one', 'two') {
    system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        . " -subj /CN=$name -keyout $folder/$name.key -out $folder/$name.pem 2>/dev/null") == 0
        or die "openssl: $?";
}

sub auth_file {
    my ($name, $text, $mode) = @_;
    open my $file, '>', "$folder/$name" or die "$name: $!";
    print $file $text;
    close $file or die "$name: $!";
    chmod $mode // 0600, "$folder/$name";
}
auth_file('good',   "someone:s3cret\n");
auth_file('crlf',   "someone:s3cret\r\nanother:one\r\n");
auth_file('open',   "someone:s3cret\n", 0644);
auth_file('empty',  '');
auth_file('bare',   "someone\n");
auth_file('nobody', ":s3cret\n");
auth_file('no-pw',  "someone:\n");
auth_file('spaced', "someone:s3 cret\n");
auth_file('long',   'a:' . 'x' x 300 . "\n");

my $trusted = "tls_trusted_certificate $folder/one.pem;";

my @refused = (
    ['tls maybe;',                        qr/"tls": "maybe" must be "on" or "off"/],
    ['tls;',                              qr/"tls"/],
    ['tls on; tls on; tls_verify off;',   qr/"tls".*duplicate/],
    ['tls on;',                           qr/mcache_pool "a".*tls_trusted_certificate.*tls_verify off/],
    ['tls on; tls_verify maybe;',         qr/"tls_verify": "maybe" must be "on" or "off"/],
    ["tls off; $trusted",                 qr/mcache_pool "a".*no "tls on;"/],
    ['tls_verify off;',                   qr/mcache_pool "a".*no "tls on;"/],
    ['tls_name x;',                       qr/mcache_pool "a".*no "tls on;"/],
    ["tls_certificate $folder/one.pem;",  qr/mcache_pool "a".*no "tls on;"/],
    ['tls_certificate_key x;',            qr/mcache_pool "a".*no "tls on;"/],
    ["tls on; $trusted tls_name '';",     qr/"tls_name"/],
    ["tls on; $trusted tls_certificate $folder/one.pem;",
        qr/mcache_pool "a".*tls_certificate and tls_certificate_key/],
    ["tls on; $trusted tls_certificate_key $folder/one.key;",
        qr/mcache_pool "a".*tls_certificate and tls_certificate_key/],
    ["tls on; $trusted tls_certificate $folder/one.pem; tls_certificate_key $folder/two.key;",
        qr/"tls_certificate" of mcache_pool "a"/],
    ["tls on; $trusted tls_certificate $folder/none; tls_certificate_key $folder/one.key;",
        qr/"tls_certificate" of mcache_pool "a" must be a file in PEM/],
    ["tls on; tls_trusted_certificate $folder/none;",
        qr/"tls_trusted_certificate" of mcache_pool "a" must be a file in PEM/],
    ["tls on; tls_trusted_certificate $folder/good;",
        qr/"tls_trusted_certificate" of mcache_pool "a" must be a file in PEM/],
    ["server unix:/tmp/none.sock; tls on; $trusted", qr/"unix:\/tmp\/none\.sock".*tls_name/],
    ['auth_file;',                        qr/"auth_file"/],
    ['auth_file "";',                     qr/"auth_file".*user:password/],
    ["auth_file $folder/none;",           qr/"auth_file": ".*none" cannot be read/],
    ["auth_file $folder;",                qr/"auth_file".*cannot be read/],
    map({ ["auth_file $folder/$_;", qr/"auth_file": ".*$_".*user:password/] }
        qw(empty bare nobody no-pw)),
    ["auth_file $folder/spaced;",         qr/"auth_file": ".*spaced".*spaces/],
    ["auth_file $folder/long;",           qr/"auth_file": ".*long".*255/],
);

my @accepted = (
    "tls on; $trusted",
    "tls on; tls_verify off;",
    "tls on; tls_verify off; $trusted",
    "tls on; $trusted tls_name memcached.test; tls_certificate $folder/two.pem;"
        . " tls_certificate_key $folder/two.key;",
    "server unix:/tmp/none.sock; tls on; $trusted tls_name memcached.test;",
    'tls off;',
    "auth_file $folder/good;",
    "auth_file $folder/crlf; tls on; $trusted",
);

my @warned = (
    ["auth_file $folder/open;", qr/"auth_file".*open".*all users/],
);

for my $case (@refused) {
    my ($text, $message) = @$case;
    my ($status, $output) = nginx_t(http => "mcache_pool a { server 127.0.0.1; $text }");
    isnt($status, 0, "refused: $text");
    like($output, qr/\[emerg\].*$message/, '   ... and says what is wrong');
    like($output, qr/\[emerg\].* in \S+:\d+/, '   ... and where');
    unlike($output, qr/s3cret|s3 cret/, '   ... and no password');
}

for my $text (@accepted) {
    my ($status, $output) = nginx_t(http => "mcache_pool a { server 127.0.0.1; $text }");
    is($status, 0, "accepted: $text") or diag($output);
    unlike($output, qr/\[(?:warn|error|crit|alert|emerg)\]/, '   ... without a word');
}

for my $case (@warned) {
    my ($text, $message) = @$case;
    my ($status, $output) = nginx_t(http => "mcache_pool a { server 127.0.0.1; $text }");
    is($status, 0, "accepted: $text") or diag($output);
    like($output, qr/\[warn\].*$message/, '   ... with a warning');
}

done_testing();
