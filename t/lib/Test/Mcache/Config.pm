package Test::Mcache::Config;

# What `nginx -t` says of a configuration with the module loaded and a pool `pages`.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter 'import';
use File::Temp qw(tempdir);
use Test::Mcache::Module qw(module);

our @EXPORT = qw(nginx_t);

my ($root) = __FILE__ =~ m{^(.*?)/?t/lib/Test/Mcache/Config\.pm$};
$root = abs_path($root || '.');
my $module = module($root);
my $load   = defined $module ? "load_module $module;" : '';
my $nginx  = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
my $folder = tempdir('mcache-test.XXXXXX', TMPDIR => 1, CLEANUP => 1);

# The exit status and the output. `context` is where the text goes: main, http, server or location;
# pool: into the place of the pool.
sub nginx_t {
    my ($context, $text) = @_;
    my %at = (main => '', http => '', server => '', location => '',
        pool => 'mcache_pool pages { server 127.0.0.1:1; }', $context => $text);
    open my $file, '>', "$folder/nginx.conf" or die "$folder/nginx.conf: $!";
    print $file <<"EOC";
$load
pid $folder/nginx.pid;
error_log stderr notice;
events {}
$at{main}
http {
    access_log off;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    $at{pool}
    $at{http}
    server {
        listen unix:$folder/nginx.sock;
        $at{server}
        location /t {
            $at{location}
        }
    }
}
EOC
    close $file or die "$folder/nginx.conf: $!";
    my $output = `$nginx -t -p $folder -c $folder/nginx.conf 2>&1`;
    return ($?, $output);
}

1;
