# t/lease.t against a server that speaks the classic text protocol alone.

$ENV{MCACHE_TEST_SERVER} = 'classic';
do './t/lease.t';
die $@ if $@;
