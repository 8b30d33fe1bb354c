#pragma once

#include <string_view>

namespace mcache::status {

// page.html, page.css and page.js of this folder, as they are in the module.
std::string_view page_html();
std::string_view page_css();
std::string_view page_js();

}  // namespace mcache::status
