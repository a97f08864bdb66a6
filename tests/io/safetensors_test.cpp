#include "io/safetensors.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal;
using testing::safetensors;
using testing::source_of;
using testing::word;

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape, int begin,
                  int end) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", name, dtype, shape, begin,
                     end);
}

/// A header of these entries.
std::string object(const std::vector<std::string>& entries) {
  std::string text = "{";
  for (const std::string& one : entries) text.append(text.size() > 1 ? "," : "").append(one);
  return text.append("}");
}

std::vector<float> read_all(const std::string& file, const std::string& name) {
  StoredTensor tensor = Safetensors(source_of(file)).read(name);
  std::vector<float> out(element_count(tensor.info, name));
  Float32Reader(tensor).read(out);
  tensor.data->finish();
  return out;
}

std::string refused(const std::string& header, const std::string& data) {
  const std::string file = safetensors(header, data);
  return refusal([&] { Safetensors{source_of(file)}; });
}

TEST(Safetensors, ReadsEveryFloatTypeAndSkipsTheRest) {
  std::string header =
      object({"\"__metadata__\":{\"format\":\"pt\"}", entry("double", "F64", "[1,2]", 0, 16),
              entry("half", "F16", "[2,1]", 20, 24), entry("codes", "I8", "[4]", 16, 20),
              entry("brain", "BF16", "[2]", 24, 28), entry("single", "F32", "[1,1]", 28, 32)});
  header += "   ";  // the format allows padding
  const std::string file =
      safetensors(header, bytes_of<double>({1.5, -2}) + "abcd" + bytes_of<std::uint16_t>({0x3c00, 0x4000}) +
                              bytes_of<std::uint16_t>({0x3f80, 0xc040}) + bytes_of<float>({0.1f}));
  EXPECT_THAT(read_all(file, "double"), ElementsAre(1.5f, -2));
  EXPECT_THAT(read_all(file, "half"), ElementsAre(1, 2));
  EXPECT_THAT(read_all(file, "brain"), ElementsAre(1, -3));
  EXPECT_THAT(read_all(file, "single"), ElementsAre(0.1f));
  EXPECT_EQ(Safetensors(source_of(file)).entries()[1].name, "codes");
  EXPECT_THAT(refusal([&] { Safetensors(source_of(file)).read("codes"); }),
              HasSubstr("memory:codes: unsupported type I8 (expected F64, F32, F16 or BF16)"));
}

TEST(Safetensors, ReadsMetadataAndTheBytesOfAnyType) {
  const std::string file = safetensors(
      object({R"("__metadata__":{"format":"pt","rows":"3"})", entry("codes", "I8", "[4]", 0, 4)}), "abcd");
  const Safetensors tensors(source_of(file));
  EXPECT_THAT(tensors.metadata(),
              ElementsAre(std::pair<std::string, std::string>("format", "pt"), std::pair("rows", "3")));
  EXPECT_THAT(tensors.read_bytes("codes"),
              ElementsAre(std::byte{'a'}, std::byte{'b'}, std::byte{'c'}, std::byte{'d'}));
  EXPECT_THAT(refusal([&] { tensors.read_bytes("code"); }), HasSubstr("'code' (expected"));
  EXPECT_TRUE(Safetensors(source_of(safetensors("{}", ""))).metadata().empty());
}

TEST(Safetensors, RefusesMetadataThatAreNoStrings) {
  EXPECT_THAT(refused(R"({"__metadata__":{"rows":3}})", ""), HasSubstr("__metadata__.rows"));
  EXPECT_THAT(refused(R"({"__metadata__":[]})", ""), HasSubstr("__metadata__"));
}

TEST(Safetensors, ListsTheNearestNamesWhenOneIsMissing) {
  const std::string file = safetensors(
      object({entry("layer1.bias", "F32", "[0]", 0, 0), entry("layer2.weight", "F32", "[1]", 0, 4)}), "....");
  EXPECT_THAT(
      refusal([&] { Safetensors(source_of(file)).read("layer3.weight"); }),
      HasSubstr("memory: holds no tensor 'layer3.weight' (expected one of layer2.weight, layer1.bias)"));
}

TEST(Safetensors, RefusesAHeaderLengthBeyondTheFileOrTheCap) {
  EXPECT_THAT(refusal([&] { Safetensors{source_of("short")}; }), HasSubstr("too short"));
  const std::string beyond = word(std::uint64_t{100}) + "{}";
  EXPECT_THAT(refusal([&] { Safetensors{source_of(beyond)}; }),
              HasSubstr("claims a header of 100 bytes (expected at most 2)"));
  const std::string all_ones = std::string(8, '\xff') + "{}";
  EXPECT_THAT(refusal([&] { Safetensors{source_of(all_ones)}; }), HasSubstr("18446744073709551615"));
}

TEST(Safetensors, RefusesMalformedHeaders) {
  EXPECT_THAT(refused("", ""), HasSubstr("malformed JSON"));
  EXPECT_THAT(refused("{\"w\":", ""), HasSubstr("malformed JSON"));
  EXPECT_THAT(refused("{\"w\": \"\xff\"}", ""), HasSubstr("malformed JSON"));
  EXPECT_THAT(refused("[]", ""), HasSubstr("expected an object"));
  EXPECT_THAT(refused("{\"w\":{}}", ""), HasSubstr("w: has no 'dtype'"));
  EXPECT_THAT(refused("{\"w\":{\"dtype\":4}}", ""), HasSubstr("w.dtype: is 4 (expected a string)"));
  EXPECT_THAT(refused(object({entry("w", "F32", "[-1]", 0, 4)}), "...."), HasSubstr("w.shape[0]: is -1"));
  EXPECT_THAT(refused(object({entry("w", "F32", "[1.5]", 0, 4)}), "...."), HasSubstr("w.shape[0]: is 1.5"));
  EXPECT_THAT(refused(object({entry("w", "F32", "[]", 0, 4), entry("w", "F32", "[]", 0, 4)}), "...."),
              HasSubstr("key 'w' occurs twice"));
  EXPECT_THAT(refused(std::string(100, '['), ""), HasSubstr("nested too deeply"));
}

TEST(Safetensors, RefusesOffsetsThatLie) {
  EXPECT_THAT(refused(object({entry("w", "F32", "[2]", 0, 8)}), "...."),
              HasSubstr("w: bytes 0..8 are not inside the file"));
  EXPECT_THAT(refused(object({entry("w", "F32", "[1]", 4, 0)}), "...."), HasSubstr("not inside the file"));
  EXPECT_THAT(refused(object({entry("w", "F32", "[2]", 0, 4)}), "...."),
              HasSubstr("w: holds 4 bytes (expected 8 bytes for F32 of shape [2])"));
  EXPECT_THAT(refused(object({entry("w", "F32", "[4611686018427387905]", 0, 4)}), "...."),
              HasSubstr("a shape that fits into a file"));
  EXPECT_THAT(refused(object({entry("a", "F32", "[1]", 0, 4), entry("b", "F32", "[1]", 2, 6)}), "......"),
              HasSubstr("b: bytes 2..6 overlap another tensor"));
  EXPECT_THAT(
      refused(object({entry("a", "F32", "[1]", 0, 4), entry("b", "F32", "[1]", 6, 10)}), ".........."),
      HasSubstr("b: bytes 6..10 leave a gap"));
  EXPECT_THAT(refused(object({entry("a", "F32", "[1]", 0, 4)}), "....x"),
              HasSubstr("5 bytes follow the header"));
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const std::string file = safetensors(object({entry("w", "F32", "[1]", 0, 4)}), "....");
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::string part = file.substr(0, size);
    EXPECT_FALSE(refusal([&] { Safetensors{source_of(part)}; }).empty()) << size;
  }
}

RC_GTEST_PROP(Safetensors, RoundTripsTensorsOfAnyLengths, (const std::vector<std::vector<float>>& tensors)) {
  std::vector<std::string> entries;
  std::string data;
  for (const auto& tensor : tensors) {
    const int begin = static_cast<int>(data.size());
    data += bytes_of(tensor);
    entries.push_back(entry(fmt::format("t{}", entries.size()), "F32", fmt::format("[{}]", tensor.size()),
                            begin, static_cast<int>(data.size())));
  }
  const std::string file = safetensors(object(entries), data);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    RC_ASSERT(read_all(file, fmt::format("t{}", i)) == tensors[i]);
  }
}

}  // namespace
}  // namespace nmperm
