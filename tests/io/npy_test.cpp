#include "io/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using testing::big_endian;
using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::npy;
using testing::npy_with_header;
using testing::refusal;
using testing::source_of;

std::vector<float> elements(StoredTensor tensor) {
  std::vector<float> out(element_count(tensor.info, "test"));
  Float32Reader(tensor).read(out);
  tensor.data->finish();
  return out;
}

std::string refused(const std::string& bytes) {
  return refusal([&] { read_npy(source_of(bytes)); });
}

TEST(Npy, ReadsEveryVersionTypeAndByteOrder) {
  const std::vector<float> expected = {1, -2, 0.5f, 3, 4, 5};
  const std::string f4 = bytes_of(expected);
  const std::string f8 = bytes_of(std::vector<double>(expected.begin(), expected.end()));
  const std::string f2 = bytes_of<std::uint16_t>({0x3c00, 0xc000, 0x3800, 0x4200, 0x4400, 0x4500});
  for (const char version : {'\1', '\2', '\3'}) {
    EXPECT_EQ(elements(read_npy(source_of(npy("<f4", "(2, 3)", f4, false, version)))), expected);
    EXPECT_EQ(elements(read_npy(source_of(npy("<f8", "(2, 3)", f8, false, version)))), expected);
    EXPECT_EQ(elements(read_npy(source_of(npy("<f2", "(2, 3)", f2, false, version)))), expected);
    EXPECT_EQ(elements(read_npy(source_of(npy(">f4", "(2, 3)", big_endian(f4, 4), false, version)))),
              expected);
    EXPECT_EQ(elements(read_npy(source_of(npy(">f8", "(2, 3)", big_endian(f8, 8), false, version)))),
              expected);
    EXPECT_EQ(elements(read_npy(source_of(npy(">f2", "(2, 3)", big_endian(f2, 2), false, version)))),
              expected);
  }
}

TEST(Npy, ReadsShapeAndOrder) {
  const StoredTensor tensor =
      read_npy(source_of(npy("<f4", "(2, 1, 3, 1)", bytes_of<float>({1, 2, 3, 4, 5, 6}), true)));
  EXPECT_THAT(tensor.info.shape, ElementsAre(2, 1, 3, 1));
  EXPECT_TRUE(tensor.info.fortran_order);
}

TEST(NpyHeader, TakesKeysInAnyOrderAndQuotes) {
  const TensorInfo info =
      parse_npy_header("{ \"shape\":(7,),'fortran_order' : True,'descr':\"<f8\"}  \n", "w.npy");
  EXPECT_EQ(info.dtype, DType::kF64);
  EXPECT_TRUE(info.fortran_order);
  EXPECT_THAT(info.shape, ElementsAre(7));
  EXPECT_TRUE(parse_npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "w").shape.empty());
}

TEST(NpyHeader, RefusesWhatIsNotTheDictionary) {
  const auto refused_header = [](const std::string& header) {
    return refusal([&] { parse_npy_header(header, "w.npy"); });
  };
  EXPECT_THAT(refused_header(""), HasSubstr("w.npy: header: is malformed at byte 0"));
  EXPECT_THAT(refused_header("{'descr': '<f4', 'fortran_order': False}"), HasSubstr("has no 'shape'"));
  EXPECT_THAT(refused_header("{'descr': '<f4', 'shape': (2, 2)}"), HasSubstr("has no 'fortran_order'"));
  EXPECT_THAT(refused_header("{'shape': (2, 2), 'fortran_order': False}"), HasSubstr("has no 'descr'"));
  EXPECT_THAT(refused_header("{'descr': '<f4', 'descr': '<f4'}"), HasSubstr("repeated key 'descr'"));
  EXPECT_THAT(refused_header("{'extra': 1}"), HasSubstr("unknown or repeated key 'extra'"));
  EXPECT_THAT(refused_header("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}"),
              HasSubstr("True or False"));
  for (const char* shape :
       {"(3)", "(-1, 2)", "(2, 3", "(2 3)", "(99999999999999999999, 1)", "(a,)", "(,)", "2"}) {
    const std::string header =
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': ") + shape + "}";
    EXPECT_FALSE(refused_header(header).empty()) << shape;
  }
  EXPECT_THAT(refused_header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x"),
              HasSubstr("text after the dictionary"));
}

TEST(NpyHeader, NamesUnsupportedTypes) {
  for (const char* descr : {"<i4", "|u1", "<c8", "|V2", "f4", "=f4", "<f16", "|O", "<U5", ""}) {
    EXPECT_THAT(refused(npy(descr, "(1, 1)", "....")),
                AllOf(HasSubstr("unsupported type '" + std::string(descr) + "'"), HasSubstr("f2, f4 or f8")));
  }
  EXPECT_THAT(
      refused(npy_with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "....")),
      HasSubstr("structured type"));
}

TEST(Npy, RefusesWrongMagicVersionAndHeaderLength) {
  const std::string good = npy("<f4", "(1, 1)", "....");
  EXPECT_THAT(refused(""), HasSubstr("too short"));
  EXPECT_THAT(refused("\x93NUMP"), HasSubstr("too short"));
  EXPECT_THAT(refused("PK\x03\x04 not an array at all"), HasSubstr("memory: is no .npy file"));
  std::string bad = good;
  bad[6] = 4;
  EXPECT_THAT(refused(bad), HasSubstr("format version 4.0"));
  bad = good;
  bad[8] = '\xff', bad[9] = '\xff';
  EXPECT_THAT(refused(bad), HasSubstr("65535 more bytes"));
  std::string huge = npy("<f4", "(1, 1)", "....", false, 2);
  huge[11] = '\x7f';
  EXPECT_THAT(refused(huge), HasSubstr("at most 65535"));
}

TEST(Npy, EveryTruncationIsRefused) {
  const std::string good = npy("<f4", "(2, 3)", bytes_of<float>({1, 2, 3, 4, 5, 6}));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(refused(good.substr(0, size)).empty()) << size;
  }
}

TEST(Npy, RefusesHeadersThatLieAboutTheSize) {
  const std::string data = bytes_of<float>({1, 2, 3, 4});
  EXPECT_THAT(refused(npy("<f4", "(2, 3)", data)),
              AllOf(HasSubstr("shape [2, 3]"), HasSubstr("16 bytes"), HasSubstr("expected 24 bytes")));
  EXPECT_THAT(refused(npy("<f4", "(2, 2)", data + "x")), HasSubstr("take 17 bytes"));
  EXPECT_THAT(refused(npy("<f4", "(4611686018427387904, 4)", data)),
              HasSubstr("more elements than any file"));
  EXPECT_THAT(refused(npy("<f4", "(4611686018427387908, 1)", data)),
              HasSubstr("more elements than any file"));
}

TEST(Npy, OurPreambleIsReadBack) {
  const std::vector<std::uint64_t> shape = {12, 345};
  const std::string preamble = npy_float32_preamble(shape);
  EXPECT_EQ(preamble.size() % 64, 0u);
  EXPECT_EQ(preamble.back(), '\n');
  const StoredTensor tensor = read_npy(source_of(preamble + std::string(12 * 345 * 4, '\0')));
  EXPECT_EQ(tensor.info.shape, shape);
  EXPECT_EQ(tensor.info.dtype, DType::kF32);
  EXPECT_FALSE(tensor.info.fortran_order);
  EXPECT_FALSE(tensor.info.big_endian);
}

RC_GTEST_PROP(NpyHeader, RoundTripsEveryShape, (std::vector<std::uint32_t> dimensions)) {
  if (dimensions.size() > 60) dimensions.resize(60);
  const std::vector<std::uint64_t> shape(dimensions.begin(), dimensions.end());
  const std::string preamble = npy_float32_preamble(shape);
  RC_ASSERT(parse_npy_header(preamble.substr(10), "w").shape == shape);
}

RC_GTEST_PROP(NpyHeader, AnyTextIsReadOrRefused, (const std::string& text)) {
  const std::string headers[] = {text, "{'descr': '<f4', 'fortran_order': False, 'shape': (" + text};
  for (const std::string& header : headers) {
    try {
      parse_npy_header(header, "w");
    } catch (const InputError&) {
    }
  }
}

}  // namespace
}  // namespace nmperm
