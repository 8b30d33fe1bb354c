package Test::Mcache::Expiry;

# For suites whose entries expire. Each block gets a location that looks at the entry of a path and
# leaves it as it is, for pages whose mcache_key is $uri:
#
#     @ status EXPIRED /expiry/t      waits until the entry of /t is stale
#
# Loaded behind Test::Mcache.

use strict;
use warnings;

require Test::Nginx::Socket;

Test::Nginx::Socket::add_block_preprocessor(sub {
    my ($block) = @_;
    return if defined $block->bare;
    $block->set_value('config', <<'EOC' . ($block->config // ''));
        location ~ ^/expiry(?<expiring>/.*) {
            mcache pages;
            mcache_key $expiring;
            mcache_store off;
            mcache_use_stale off;
            mcache_lock off;
            proxy_pass http://origin;
        }
EOC
    return;
});

1;
