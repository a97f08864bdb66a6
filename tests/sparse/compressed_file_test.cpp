#include "sparse/compressed_file.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sparse/weights.h"
#include "tests/support/arbitrary.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::refusal_of;

CompressedFile make_file(ValueType type, IndexLayout layout, int rows, int columns,
                         Pattern pattern = {2, 4}) {
  const auto weight = testing::random_floats(testing::size_of_matrix(rows, columns), 1);
  const Permutation permutation = testing::shuffled(Segments(columns), 2);
  return {store(prune_and_compress({weight, rows, columns}, pattern, permutation), type), permutation,
          "conv.npy", "0123abcd", layout};
}

CompressedFile read(const std::string& bytes) {
  return read_compressed(open_memory("c.safetensors", std::as_bytes(std::span(bytes))));
}

std::string refusal(const std::string& bytes) {
  return refusal_of([&] { read(bytes); });
}

/// A file's header, and the file with another one.
nlohmann::ordered_json header_of(const std::string& bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  return nlohmann::ordered_json::parse(bytes.substr(8, length));
}
std::string with_header(const std::string& bytes, const nlohmann::ordered_json& header) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  const std::string text = header.dump();
  const std::uint64_t new_length = text.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &new_length, 8);
  return file + text + bytes.substr(8 + length);
}

TEST(CompressedFile, ByteForByte) {
  const std::vector<float> weight = {1, 0, 0, -2};
  const CompressedFile file{store(compress_pruned({weight, 1, 4}, {2, 4}), ValueType::kF16),
                            {0, 1, 2, 3},
                            "w.npy",
                            "ab",
                            IndexLayout::kPlain};
  std::string header =
      R"({"__metadata__":{"format":"nmperm-compressed","version":"1","layout":"plain","rows":"1",)"
      R"("columns":"4","pattern":"2:4","instance":"w.npy","sha256":"ab","permutation":"[0,1,2,3]"},)"
      R"("values":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},)"
      R"("indices":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string expected(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(expected.data(), &length, 8);
  EXPECT_EQ(to_safetensors(file), expected + header + std::string("\x00\x3c\x00\xc0\x0c", 5));
}

TEST(CompressedFile, ComesBack) {
  for (const IndexLayout layout : {IndexLayout::kPlain, IndexLayout::kTorch}) {
    for (const ValueType type : {ValueType::kF32, ValueType::kF16, ValueType::kBF16, ValueType::kI8}) {
      if (layout == IndexLayout::kTorch && type == ValueType::kF32) continue;
      const CompressedFile file = make_file(type, layout, 32, 128);
      const CompressedFile back = read(to_safetensors(file));
      EXPECT_EQ(back.weight, file.weight);
      EXPECT_EQ(back.permutation, file.permutation);
      EXPECT_EQ(back.instance_name, "conv.npy");
      EXPECT_EQ(back.sha256, "0123abcd");
      EXPECT_EQ(back.layout, layout);
    }
  }
  for (const Pattern pattern : {Pattern{1, 2}, {3, 5}, {7, 16}}) {
    const CompressedFile file = make_file(ValueType::kI8, IndexLayout::kPlain, 3, 3 * pattern.group, pattern);
    EXPECT_EQ(read(to_safetensors(file)).weight, file.weight);
  }
}

TEST(CompressedFile, RefusesWhatIsCutOff) {
  const std::string bytes = to_safetensors(make_file(ValueType::kI8, IndexLayout::kPlain, 2, 8));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(refusal(bytes.substr(0, size)), HasSubstr("c.safetensors"));
  }
  EXPECT_THAT(refusal(bytes + "x"), HasSubstr("c.safetensors"));
}

TEST(CompressedFile, RefusesFieldsThatAreWrong) {
  const std::string bytes = to_safetensors(make_file(ValueType::kF32, IndexLayout::kPlain, 2, 8));
  const auto with = [&](const char* name, const char* value) {
    auto header = header_of(bytes);
    header["__metadata__"][name] = value;
    return refusal(with_header(bytes, header));
  };
  EXPECT_THAT(with("format", "other"), HasSubstr("__metadata__.format"));
  EXPECT_THAT(with("version", "2"), HasSubstr("__metadata__.version"));
  EXPECT_THAT(with("layout", "cutlass"), HasSubstr("layout"));
  EXPECT_THAT(with("layout", "torch"), HasSubstr("f32"));
  EXPECT_THAT(with("rows", "0"), HasSubstr("__metadata__.rows"));
  EXPECT_THAT(with("rows", "3"), HasSubstr("values F32 [3, 4]"));
  EXPECT_THAT(with("columns", "-8"), HasSubstr("__metadata__.columns"));
  EXPECT_THAT(with("columns", "8x"), HasSubstr("__metadata__.columns"));
  EXPECT_THAT(with("columns", "16"), HasSubstr("values F32 [2, 8]"));
  EXPECT_THAT(with("columns", "10"), HasSubstr("a multiple of 4"));
  EXPECT_THAT(with("pattern", "4:2"), HasSubstr("4:2"));
  EXPECT_THAT(with("pattern", "1:4"), HasSubstr("values F32 [2, 2]"));
  EXPECT_THAT(with("permutation", "[0,1,2]"), HasSubstr("3 entries"));
  EXPECT_THAT(with("permutation", "[0,1,2,3,4,5,6,6]"), HasSubstr("permutation[7]"));
  EXPECT_THAT(with("permutation", "[0,1,2,3,4,5,6,8]"), HasSubstr("8"));
  EXPECT_THAT(with("permutation", "0,1"), HasSubstr("c.safetensors"));
}

TEST(CompressedFile, RefusesMissingFieldsAndTensors) {
  const std::string bytes = to_safetensors(make_file(ValueType::kF32, IndexLayout::kPlain, 2, 8));
  for (const char* name :
       {"format", "version", "layout", "rows", "columns", "pattern", "instance", "sha256", "permutation"}) {
    auto header = header_of(bytes);
    header["__metadata__"].erase(name);
    EXPECT_THAT(refusal(with_header(bytes, header)), HasSubstr(name));
  }
  auto header = header_of(bytes);
  header.erase("__metadata__");
  EXPECT_THAT(refusal(with_header(bytes, header)), HasSubstr("format"));
  header = header_of(bytes);
  header["others"] = header["values"];
  header.erase("values");
  EXPECT_THAT(refusal(with_header(bytes, header)), HasSubstr("'values'"));
  header = header_of(bytes);
  header["indices"]["dtype"] = "I8";
  EXPECT_THAT(refusal(with_header(bytes, header)), HasSubstr("indices U8 [2]"));
  header = header_of(bytes);
  header["values"]["dtype"] = "I32";
  EXPECT_THAT(refusal(with_header(bytes, header)), HasSubstr("I32"));
  header = header_of(bytes);
  header["nothing"] = {{"dtype", "U8"}, {"shape", {0}}, {"data_offsets", {34, 34}}};
  EXPECT_THAT(refusal(with_header(bytes, header)), HasSubstr("3 tensors"));
}

TEST(CompressedFile, RefusesImpossibleContents) {
  std::string bytes = to_safetensors(make_file(ValueType::kF16, IndexLayout::kPlain, 2, 8));
  bytes.back() = '\x45';
  EXPECT_THAT(refusal(bytes), HasSubstr("c.safetensors: row 1, group 0: index code 0x5"));
  bytes = to_safetensors(make_file(ValueType::kF16, IndexLayout::kPlain, 2, 8));
  bytes[bytes.size() - 3] = '\x7c';  // the last value becomes infinite
  EXPECT_THAT(refusal(bytes), HasSubstr("c.safetensors: row 1, group 1"));
}

TEST(CompressedFile, RefusesATorchLayoutThatDoesNotSuit) {
  EXPECT_THAT(refusal_of([] { to_safetensors(make_file(ValueType::kF16, IndexLayout::kTorch, 2, 8)); }),
              HasSubstr("multiples of 32 rows"));
  EXPECT_THAT(refusal_of([] { parse_index_layout("rows"); }), HasSubstr("plain or torch"));
}

}  // namespace
}  // namespace nmperm
