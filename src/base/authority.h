#pragma once

#include <string_view>

namespace mcache {

// Host and port, or the socket's path behind "unix:", of what nginx's proxy_pass takes: a URL or an
// address. Variables stay as they are.
std::string_view authority_of(std::string_view url);

}  // namespace mcache
