# memcached's users and passwords (-Y).

use lib 't/lib';
use Test::Mcache memcached => ['auth', 'tcp'];
use Test::Nginx::Socket 'no_plan';

sub write_file {
    my ($name, $text) = @_;
    open my $file, '>', "$ENV{TEST_NGINX_DIRECTORY}/$name" or die "$name: $!";
    print $file $text;
    close $file or die "$name: $!";
    chmod 0600, "$ENV{TEST_NGINX_DIRECTORY}/$name";
}
write_file('right', "someone:s3cret\nanother:one\n");
write_file('wrong', "someone:guess\n");

add_block_preprocessor(sub {
    my ($block) = @_;
    my $lines = $block->pool // return;
    my ($server, $rest) = split /\n/, $lines, 2;
    $block->set_value('http_config', <<"EOC" . ($block->http_config // ''));
    mcache_pool secret {
        server $server fail_timeout=50ms;
        $rest
    }
EOC
    $block->set_value('config', <<'EOC' . ($block->config // ''));
        location / {
            mcache secret;
            mcache_key $uri;
            mcache_valid 1m;
            proxy_pass http://origin;
        }
EOC
});

run_tests();

__DATA__

=== TEST 1: the right password
--- pool
$TEST_NGINX_MEMCACHED
auth_file $TEST_NGINX_DIRECTORY/right;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
@ memcached kill
@ memcached start
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT



=== TEST 2: a wrong one
--- pool
$TEST_NGINX_MEMCACHED
auth_file $TEST_NGINX_DIRECTORY/wrong;
--- steps
> GET /t
< 200 DOWN
= /t 1
@ log \[error\].*mcache.*secret.*: it refuses the user and password of auth_file
= 1
> GET /t
< 200 DOWN



=== TEST 3: none
--- pool
$TEST_NGINX_MEMCACHED
connections 1;
--- steps
> GET /t
< 200 DOWN
= /t 1
@ log \[error\].*mcache.*secret.*: it wants a user and a password, see auth_file
= 1



=== TEST 4: a server that asks for none does not keep it
--- pool
$TEST_NGINX_MEMCACHED_2
auth_file $TEST_NGINX_DIRECTORY/right;
--- steps
> GET /t
< 200 MISS
@ stored /t
> GET /t
< 200 HIT
@ lies mcache nothing



=== TEST 5: memcached hangs before it answers
--- pool
$TEST_NGINX_MEMCACHED
auth_file $TEST_NGINX_DIRECTORY/right;
connect_timeout 100ms;
--- steps
@ memcached stop
> GET /t
< 200 DOWN
@ memcached resume
@ log \[error\].*mcache.*secret.*: no answer to user and password in time
@ status MISS|HIT /t
