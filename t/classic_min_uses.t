# t/min_uses.t against a server that speaks the classic text protocol alone.

$ENV{MCACHE_TEST_SERVER} = 'classic';
do './t/min_uses.t';
die $@ if $@;
