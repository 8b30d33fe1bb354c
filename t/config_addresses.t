# A name in mcache_pool without `resolve`: with several addresses it is several servers, with one it is itself.

use lib 't/lib';
use File::Temp qw(tempdir);
use Test::More;

my $folder = tempdir('mcache-test.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $nginx  = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';

sub put {
    my ($name, $text) = @_;
    open my $file, '>', "$folder/$name" or die "$name: $!";
    print $file $text;
    close $file or die "$name: $!";
    chmod 0755, "$folder/$name";
    return "$folder/$name";
}

# The names are in an /etc/hosts that this nginx alone sees.
my $hosts = put('hosts', <<'EOC');
127.0.0.1 one.test
::1       one.test
127.0.0.2 several.test
127.0.0.1 several.test
::1       several.test
127.0.0.1 several.test
::1       six.test
::2       six.test
EOC
plan skip_all => 'no mount namespace can be made here'
    if system("unshare -m mount --bind $hosts /etc/hosts 2>/dev/null") != 0;
$ENV{TEST_NGINX_BINARY} = put('nginx', <<"EOC");
#!/bin/sh
exec unshare -m sh -c 'mount --bind $hosts /etc/hosts && exec $nginx "\$@"' sh "\$@"
EOC
require Test::Mcache::Config;
Test::Mcache::Config->import;

# What a pool has as a server already cannot be said once more.
my @refused = (
    ['several.test', '127.0.0.1',          '127.0.0.1:11211'],
    ['several.test', '127.0.0.2:11211',    '127.0.0.2:11211'],
    ['several.test:1', '127.0.0.2:1',      '127.0.0.2:1'],
    ['six.test',     '[::2]',              '[::2]:11211'],
    ['one.test',     'one.test:11211',     'one.test:11211'],
);
for my $case (@refused) {
    my ($first, $second, $name) = @$case;
    my ($status, $output) = nginx_t(http => "mcache_pool a { server $first; server $second; }");
    isnt($status, 0, "$first has the server $second");
    like($output, qr/"\Q$name\E" is in this pool already/, '   ... whose name is its address');
}

my @accepted = (
    ['one.test',     '127.0.0.1'],  # the applications' text, which is not the address
    ['one.test',     '[::1]'],
    ['several.test', '[::1]'],      # IPv4 where there is any
    ['several.test', 'several.test:11212'],
);
for my $case (@accepted) {
    my ($first, $second) = @$case;
    my ($status, $output) = nginx_t(http => "mcache_pool a { server $first; server $second; }");
    is($status, 0, "$first has not the server $second") or diag($output);
}

done_testing();
