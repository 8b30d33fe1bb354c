package Test::Mcache::Purge;

# For suites that purge: $is_purge is 1 for the method PURGE, $is_soft_purge for SOFTPURGE. Loaded behind
# Test::Mcache.

use strict;
use warnings;

require Test::Nginx::Socket;

Test::Nginx::Socket::add_block_preprocessor(sub {
    my ($block) = @_;
    return if defined $block->bare;
    $block->set_value('http_config', <<'EOC' . ($block->http_config // ''));
    map $request_method $is_purge { PURGE 1; default ""; }
EOC
    return;
});

1;
