#include "io/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::refusal;

TEST(ParseJson, NamesTheByteOfAFault) {
  EXPECT_THAT(refusal([] { parse_json("{\"a\": 1,}", "f.json"); }),
              HasSubstr("f.json: byte 9: malformed JSON"));
  EXPECT_THAT(refusal([] { parse_json("{\"a\": 1e999}", "f.json"); }),
              HasSubstr("beyond the range of double"));
}

TEST(ParseJson, RefusesDeepNestingAndRepeatedKeys) {
  const std::string deep = std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']');
  EXPECT_NO_THROW(parse_json(deep, "f.json"));
  EXPECT_THAT(refusal([&] { parse_json("[" + deep + "]", "f.json"); }), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal([] { parse_json(std::string(10'000'000, '['), "f.json"); }),
              HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal([] { parse_json(R"({"a": {"b": 1, "b": 2}})", "f.json"); }),
              HasSubstr("key 'b' occurs twice"));
  EXPECT_NO_THROW(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})", "f.json"));
}

TEST(JsonValue, NamesThePlaceOfAWrongType) {
  const std::string subject = "f.json";
  const nlohmann::json document =
      parse_json(R"({"a": {"b": [1, "x", -3, 2.5, 18446744073709551615]}})", subject);
  const JsonValue list = JsonValue(document, subject).at("a").at("b");
  EXPECT_THAT(refusal([&] { list.at(1).number(); }),
              HasSubstr("f.json: a.b[1]: is \"x\" (expected a number)"));
  EXPECT_THAT(refusal([&] { list.at(0).text(); }), HasSubstr("a.b[0]: is 1 (expected a string)"));
  EXPECT_THAT(refusal([&] { list.at(2).integer(0, 5); }),
              HasSubstr("a.b[2]: is -3 (expected a whole number 0..5)"));
  EXPECT_THAT(refusal([&] { list.at(3).integer(0, 5); }), HasSubstr("a.b[3]: is 2.5"));
  EXPECT_THROW(list.at(4).integer(0, INT64_MAX), InputError);
  EXPECT_EQ(list.at(4).unsigned_integer(), ~0ull);
  EXPECT_THAT(refusal([&] { list.at(5); }), HasSubstr("a.b: has 5 elements (expected at least 6)"));
  EXPECT_THAT(refusal([&] { list.at("key"); }), HasSubstr("a.b: is an array (expected an object)"));
  EXPECT_THAT(refusal([&] { JsonValue(document, subject).at("c"); }), HasSubstr("has no 'c'"));
}

}  // namespace
}  // namespace nmperm
