#pragma once

#include <string_view>
#include <vector>

namespace mcache::http {

// A set of field names, told apart whatever their case. A header may have thousands of fields: to
// compare each with each would hold the worker up. The names stay the caller's.
class FieldNames {
  public:
    FieldNames() = default;
    explicit FieldNames(std::vector<std::string_view> names);

    bool contains(std::string_view name) const { return !names_.empty() && find(name); }
    bool empty() const { return names_.empty(); }

  private:
    bool find(std::string_view name) const;

    std::vector<std::string_view> names_;  // sorted
};

}  // namespace mcache::http
