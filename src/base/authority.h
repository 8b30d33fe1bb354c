#pragma once

#include <string_view>

namespace mcache {

// Host and port of a URL or address as in proxy_pass, or the path of its unix socket. Variables are
// kept unexpanded.
std::string_view authority_of(std::string_view url);

}  // namespace mcache
