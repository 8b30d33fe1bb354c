// Catch2 2.x is header-only: its main() is compiled here. 3.x links Catch2WithMain instead.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
