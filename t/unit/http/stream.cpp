#include "http/stream.h"

#include "unit/catch.h"

using mcache::http::is_stream;

TEST_CASE("types whose responses go on for as long as the client stays") {
    for (const char* type : {"text/event-stream", "Text/Event-Stream; charset=utf-8",
                             "text/event-stream ;x", "multipart/x-mixed-replace;boundary=frame",
                             "application/grpc", "application/grpc+proto"}) {
        CAPTURE(type);
        CHECK(is_stream({.content_type = type, .has_length = true}));
    }
    for (const char* type :
         {"", "text/html", "text/event-streams", "multipart/mixed", ";text/event-stream"}) {
        CAPTURE(type);
        CHECK_FALSE(is_stream({.content_type = type}));
    }
}

TEST_CASE("what is not buffered, and has no length or asks for it") {
    CHECK(is_stream({.unbuffered = true}));
    CHECK_FALSE(is_stream({.has_length = true, .unbuffered = true}));
    CHECK(is_stream({.has_length = true, .unbuffered = true, .asks_for_it = true}));
    CHECK_FALSE(is_stream({.has_length = true, .asks_for_it = true}));  // configured to be ignored
}
