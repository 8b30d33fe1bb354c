#include "http/reference.h"

#include "unit/catch.h"

using mcache::same_origin_target;

TEST_CASE("a reference to this origin becomes a request target") {
    struct Case {
        std::string_view reference;
        std::string_view target;
    };
    const auto c = GENERATE(Case{"/x", "/x"},                        //
                            Case{"x", "/a/x"},                       //
                            Case{"../x", "/x"},                      //
                            Case{"../../../x/.", "/x/"},             //
                            Case{"", "/a/b"},                        //
                            Case{"?r=2", "/a/b?r=2"},                //
                            Case{"/x?y=/../z#f", "/x?y=/../z"},      //
                            Case{"http://site.example:81", "/"},     //
                            Case{"HTTP://SITE.example:81/x", "/x"},  //
                            Case{"//site.example:81?q", "/?q"},      //
                            Case{"http://site.example/x", ""},       //
                            Case{"https://site.example:81/x", ""},   //
                            Case{"//other.example/x", ""},           //
                            Case{"//user@site.example:81/x", ""},    //
                            Case{"http:/x", ""},                     //
                            Case{"javascript:x", ""},                //
                            Case{"///x", ""});
    CAPTURE(c.reference);
    CHECK(same_origin_target({"http", "site.example:81", "/a/b?q=1"}, c.reference) == c.target);
}

TEST_CASE("without a host, and for a target that is no path") {
    CHECK(same_origin_target({"http", "", "/a"}, "//site.example/x").empty());
    CHECK(same_origin_target({"http", "", "/a"}, "///x").empty());
    CHECK(same_origin_target({"http", "h", "*"}, "").empty());
}
