#pragma once

// The types of an entry's sections: the one list of them. What a section holds is told where it is
// encoded.

#include <cstdint>

namespace mcache::format {

// A reader that does not know a section with this bit must not use the entry.
inline constexpr std::uint16_t kCriticalSection = 0x8000;

inline constexpr std::uint16_t kVaryIndexSection = 1;                    // vary_index.h
inline constexpr std::uint16_t kHitForMissSection = 2;                   // fill/hit_for_miss.cpp
inline constexpr std::uint16_t kPurgeSection = 3;                        // tags.h
inline constexpr std::uint16_t kManifestSection = kCriticalSection | 4;  // manifest.h
inline constexpr std::uint16_t kFurtherStampsSection = 5;                // tags.h
inline constexpr std::uint16_t kOriginSection = 6;                       // origin_fields.h
inline constexpr std::uint16_t kStatusLineSection = 7;                   // origin_fields.h
inline constexpr std::uint16_t kBackendSection = 8;  // the backend that made the page
inline constexpr std::uint16_t kMakerSection = 9;    // request/maker.h

}  // namespace mcache::format
