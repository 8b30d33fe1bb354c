# t/purge_tags.t against a server that speaks the classic text protocol alone.

$ENV{MCACHE_TEST_SERVER} = 'classic';
do './t/purge_tags.t';
die $@ if $@;
