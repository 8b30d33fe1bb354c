package Test::Mcache::Module;

# module($root): the path of the module that is to be tested, undef where nginx has it built in.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(module);

sub module {
    my ($root) = @_;
    my $module = $ENV{MCACHE_MODULE} || "$root/build/ngx_http_mcache_module.so";
    return if $module eq 'built-in';
    die "$module is not there; build it first, or say where it is in MCACHE_MODULE\n" if !-f $module;
    return $module;
}

1;
