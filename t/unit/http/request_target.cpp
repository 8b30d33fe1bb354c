#include "http/request_target.h"

#include "unit/catch.h"

using mcache::needs_normalisation;
using mcache::normalise_target;

TEST_CASE("a target is normalised as RFC 3986, section 6.2.2, has it") {
    struct Case {
        std::string_view target;
        std::string_view expected;
    };
    const auto c = GENERATE(Case{"/admin", "/admin"},                    //
                            Case{"/admin/", "/admin/"},                  //
                            Case{"//admin", "/admin"},                   //
                            Case{"/%61dmin", "/admin"},                  //
                            Case{"/%41dmin", "/Admin"},                  //
                            Case{"/x/../admin", "/admin"},               //
                            Case{"/x/..%2fadmin", "/admin"},             //
                            Case{"/./admin/.", "/admin/"},               //
                            Case{"/../../admin", "/admin"},              //
                            Case{"/a//", "/a/"},                         //
                            Case{"/", "/"},                              //
                            Case{"", ""},                                //
                            Case{"*", "*"},                              //
                            Case{"/a%", "/a%"},                          //
                            Case{"/a%2", "/a%2"},                        //
                            Case{"/a%zz", "/a%zz"},                      //
                            Case{"/a%00b", "/a%00b"},                    //
                            Case{"/a%2561", "/a%61"},                    //
                            Case{"/a?x=//%61/../b", "/a?x=//%61/../b"},  //
                            Case{"//a/./b/../c?q", "/a/c?q"});
    CAPTURE(c.target);
    CHECK(normalise_target(c.target) == c.expected);
    CHECK((needs_normalisation(c.target) || c.target == c.expected));
}
