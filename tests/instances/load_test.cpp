#include "instances/load.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "instances/fingerprint.h"
#include "instances/generators.h"
#include "instances/save.h"
#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::npy;
using testing::refusal;
using testing::TemporaryFolder;

/// Element (k, c, y, x) of a tensor in the order of its storage, by the definition of that order.
std::size_t position(const std::vector<std::size_t>& shape, const std::vector<std::size_t>& index,
                     bool fortran) {
  std::size_t position = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t d = fortran ? shape.size() - 1 - i : i;
    position = position * shape[d] + index[d];
  }
  return position;
}

StoredTensor tensor_of(const std::vector<std::size_t>& shape, bool fortran, const std::string& bytes) {
  StoredTensor tensor;
  tensor.info.shape.assign(shape.begin(), shape.end());
  tensor.info.fortran_order = fortran;
  tensor.data = stream_of(testing::source_of(bytes), "w", 0, bytes.size());
  return tensor;
}

/// Loads a tensor whose elements are numbered and compares every score with its definition.
void expect_rows_in_order_kyx(const std::vector<std::size_t>& shape, bool fortran) {
  std::vector<std::size_t> wide = shape;
  wide.resize(4, 1);
  const std::size_t count = wide[0] * wide[1] * wide[2] * wide[3];
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = (i % 2 == 0 ? 1.0f : -1.0f) * static_cast<float>(i + 1);
  const std::string bytes = bytes_of(values);
  const ScoreMatrix scores = scores_of_tensor(tensor_of(shape, fortran, bytes));
  ASSERT_EQ(static_cast<std::size_t>(scores.rows()), wide[0] * wide[2] * wide[3]);
  ASSERT_EQ(static_cast<std::size_t>(scores.columns()), wide[1]);
  std::size_t wrong = 0;
  for (std::size_t k = 0; k < wide[0]; ++k) {
    for (std::size_t c = 0; c < wide[1]; ++c) {
      for (std::size_t y = 0; y < wide[2]; ++y) {
        for (std::size_t x = 0; x < wide[3]; ++x) {
          const std::size_t row = (k * wide[2] + y) * wide[3] + x;
          const float expected = static_cast<float>(position(wide, {k, c, y, x}, fortran) + 1);
          wrong += scores.at(static_cast<int>(row), static_cast<int>(c)) != expected ? 1 : 0;
        }
      }
    }
  }
  EXPECT_EQ(wrong, 0u);
  for (int c = 0; c < scores.columns(); ++c) {  // kernels rely on zero padding
    for (std::size_t r = static_cast<std::size_t>(scores.rows()); r < scores.stride(); ++r) {
      ASSERT_EQ(scores.column(c)[r], 0.0f);
    }
  }
}

TEST(ScoresOfTensor, LinearAndConvolutionWeightsOfBothOrders) {
  for (const bool fortran : {false, true}) {
    expect_rows_in_order_kyx({1, 1}, fortran);
    expect_rows_in_order_kyx({37, 20}, fortran);
    expect_rows_in_order_kyx({5, 6, 3}, fortran);
    expect_rows_in_order_kyx({20, 8, 3, 3}, fortran);
    expect_rows_in_order_kyx({6, 4, 5, 7}, fortran);  // kernel above 16: copied in runs
    expect_rows_in_order_kyx({2, 3, 1, 17}, fortran);
  }
}

TEST(ScoresOfTensor, TensorsThatDoNotFitIntoOneChunk) {
  for (const bool fortran : {false, true}) {
    expect_rows_in_order_kyx({2, 4'200'000}, fortran);      // one row is more than a chunk
    expect_rows_in_order_kyx({3, 1'200'000, 2}, fortran);   // a slab of one output fits, two do not
    expect_rows_in_order_kyx({2, 2, 1500, 1000}, fortran);  // a chunk ends inside a kernel
  }
}

RC_GTEST_PROP(ScoresOfTensor, AnyShapeAndOrder, (bool fortran)) {
  const auto shape =
      *rc::gen::resize(4, rc::gen::container<std::vector<std::size_t>>(*rc::gen::inRange<std::size_t>(2, 5),
                                                                       rc::gen::inRange<std::size_t>(1, 12)));
  expect_rows_in_order_kyx(shape, fortran);
}

TEST(LoadInstance, ReadsEveryKindOfFile) {
  const TemporaryFolder folder;
  const std::vector<float> values = {1, -2, 3, -4, 5, -6};
  const std::string array = npy("<f4", "(2, 3)", bytes_of(values));
  const std::string header = R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})";
  const std::string specs[] = {
      folder.write("w.npy", array), folder.write("w.npz", testing::zip({{"w.npy", array, true}})) + ":w",
      folder.write("w.safetensors", testing::safetensors(header, bytes_of(values))) + ":w"};
  for (const std::string& spec : specs) {
    const Instance instance = load_instance(spec);
    EXPECT_EQ(instance.name, spec);
    ASSERT_EQ(instance.scores.rows(), 2) << spec;
    ASSERT_EQ(instance.scores.columns(), 3) << spec;
    for (int i = 0; i < 6; ++i)
      EXPECT_EQ(instance.scores.at(i / 3, i % 3), static_cast<float>(i + 1)) << spec;
  }
}

TEST(LoadInstance, GeneratesScores) {
  EXPECT_EQ(fingerprint(load_instance("random:33x20:7").scores), fingerprint(random_scores(33, 20, 7)));
  EXPECT_EQ(fingerprint(load_instance("structured:33x20:7").scores),
            fingerprint(structured_scores(33, 20, 7)));
}

TEST(LoadWeight, KeepsSignsRowByRow) {
  const TemporaryFolder folder;
  const std::string linear =
      folder.write("linear.npy", npy("<f4", "(2, 2)", bytes_of<float>({1, -2, -3, 4})));
  const Weight weight = load_weight(linear);
  EXPECT_EQ(weight.name, linear);
  EXPECT_EQ(weight.rows, 2);
  EXPECT_EQ(weight.columns, 2);
  EXPECT_THAT(weight.values, ElementsAre(1, -2, -3, 4));
  // K, C, R = 1, 2, 2: rows are the places of the kernel.
  const std::string convolution =
      folder.write("convolution.npy", npy("<f4", "(1, 2, 2)", bytes_of<float>({1, -2, -3, 4})));
  EXPECT_THAT(load_weight(convolution).values, ElementsAre(1, -3, -2, 4));
}

TEST(LoadWeight, HasTheScoresAsAbsoluteValues) {
  for (const char* spec : {"random:40x8:3", "structured:17x12:1"}) {
    const Weight weight = load_weight(spec);
    const ScoreMatrix scores = load_instance(spec).scores;
    for (int r = 0; r < weight.rows; ++r) {
      for (int c = 0; c < weight.columns; ++c) {
        ASSERT_EQ(std::fabs(weight.values[static_cast<std::size_t>(r * weight.columns + c)]),
                  scores.at(r, c));
      }
    }
  }
}

TEST(SaveNpy, IsReadBackBitForBit) {
  const TemporaryFolder folder;
  const ScoreMatrix scores = random_scores(33, 20, 7);
  save_npy(folder.path("w.npy"), scores);
  EXPECT_EQ(fingerprint(load_instance(folder.path("w.npy")).scores), fingerprint(scores));
  EXPECT_THAT(folder.names(), ElementsAre("w.npy"));
}

// Bad input, each fault under its name.

std::string refused_array(const std::string& bytes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("w.npy", bytes);
  const std::string message = refusal([&] { load_instance(path); });
  EXPECT_THAT(message, HasSubstr(path));
  return message;
}

TEST(BadInput, MissingFile) {
  EXPECT_THAT(refusal([] { load_instance("no/such/file.npy"); }),
              HasSubstr("no/such/file.npy: cannot be opened"));
  EXPECT_THAT(refusal([] { load_instance("no/such/file.npz:w"); }), HasSubstr("cannot be opened"));
  EXPECT_THAT(refusal([] { load_instance("no/such/file.safetensors:w"); }), HasSubstr("cannot be opened"));
}

TEST(BadInput, TruncatedFile) {
  const std::string array = npy("<f4", "(2, 3)", bytes_of<float>({1, 2, 3, 4, 5, 6}));
  EXPECT_THAT(refused_array(array.substr(0, array.size() - 1)), HasSubstr("expected 24 bytes"));
  EXPECT_THAT(refused_array(array.substr(0, 40)), HasSubstr("ends where"));
}

TEST(BadInput, WrongMagic) {
  EXPECT_THAT(refused_array("\x89PNG 0123456789"), HasSubstr("is no .npy file"));
}

TEST(BadInput, NanAndInfinityAreNamedByTheirIndex) {
  std::vector<float> values(2 * 3 * 2 * 2, 1.0f);
  values[(1 * 3 + 2) * 4 + 1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refused_array(npy("<f4", "(2, 3, 2, 2)", bytes_of(values))),
              HasSubstr("element [1, 2, 0, 1]: value is nan"));
  EXPECT_THAT(refused_array(npy("<f2", "(1, 2)", bytes_of<std::uint16_t>({0, 0xfc00}))),
              HasSubstr("element [0, 1]: value is -inf"));
}

TEST(BadInput, DoubleBeyondFloat32) {
  EXPECT_THAT(refused_array(npy("<f8", "(2, 1)", bytes_of<double>({1, 1e40}))),
              HasSubstr("element [1, 0]: value is 1e+40"));
}

TEST(BadInput, ZeroRowsOrColumns) {
  for (const char* shape : {"(0, 4)", "(4, 0)", "(4, 4, 0)", "(0, 0)"}) {
    EXPECT_THAT(refused_array(npy("<f4", shape, "")),
                HasSubstr("no elements (expected at least one row and one column)"));
  }
}

TEST(BadInput, WrongNumberOfDimensions) {
  const std::string four = bytes_of<float>({1, 2, 3, 4});
  EXPECT_THAT(refused_array(npy("<f4", "(4,)", four)), HasSubstr("shape [4]: 1 dimensions"));
  EXPECT_THAT(refused_array(npy("<f4", "()", four.substr(0, 4))), HasSubstr("0 dimensions"));
  EXPECT_THAT(refused_array(npy("<f4", "(2, 2, 1, 1, 1)", four)), HasSubstr("5 dimensions"));
}

TEST(BadInput, UnsupportedType) {
  EXPECT_THAT(refused_array(npy("<i4", "(2, 2)", std::string(16, '\0'))),
              HasSubstr("unsupported type '<i4'"));
}

TEST(BadInput, HeaderLies) {
  EXPECT_THAT(refused_array(npy("<f4", "(200000, 300000)", std::string(16, '\0'))),
              HasSubstr("expected 240000000000 bytes"));
}

TEST(BadInput, ArrayNotInTheArchive) {
  const TemporaryFolder folder;
  const std::string path =
      folder.write("w.npz", testing::zip({{"conv.npy", npy("<f4", "(1, 1)", "....")}, {"fc.npy", "x"}}));
  EXPECT_THAT(refusal([&] { load_instance(path); }),
              AllOf(HasSubstr("no array is named"), HasSubstr("one of conv, fc")));
  EXPECT_THAT(refusal([&] { load_instance(path + ":cnv"); }),
              HasSubstr("holds no array 'cnv' (expected one of conv, fc)"));
}

TEST(BadInput, WrongChecksumInTheArchive) {
  const TemporaryFolder folder;
  testing::ZipMember member{"w.npy", npy("<f4", "(1, 1)", bytes_of<float>({1})), true};
  member.crc = 1u;
  const std::string path = folder.write("w.npz", testing::zip({member}));
  EXPECT_THAT(refusal([&] { load_instance(path + ":w"); }), HasSubstr("w.npz:w: is damaged: CRC error"));
}

TEST(BadInput, MoreThanCanBeAddressed) {
  EXPECT_THAT(refusal([] { load_instance("random:2147483647x2147483647:1"); }),
              HasSubstr("matrix of 2147483647 x 2147483647 (expected a matrix that fits into memory)"));
}

TEST(BadInput, MoreThanMemoryHolds) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer ends the process where an allocation fails";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "the sanitizer ends the process where an allocation fails";
#endif
#endif
  EXPECT_THAT(refusal([] { load_instance("random:2147483647x100000:1"); }),
              HasSubstr("random:2147483647x100000:1: needs more memory than there is"));
}

TEST(BadInput, UnwritableArray) {
  EXPECT_THAT(refusal([] { save_npy("no/such/folder/w.npy", random_scores(1, 4, 0)); }),
              HasSubstr("no/such/folder/w.npy: cannot be written"));
}

}  // namespace
}  // namespace nmperm
