// mma.sp of the emulated driver against plain products. What a lane holds is spelt out here in the PTX ISA's
// own words (sections as in tests/support/emulated_cuda/sparse_mma.h), apart from the emulation's formulas.
#include <array>
#include <functional>
#include <limits>
#include <random>

#include "tests/emulated_cuda/emulated_driver.h"
#include "tests/emulated_cuda/mma_fragments.h"
#include "tests/emulated_cuda/mma_kernel.h"

namespace nmperm::testing {
namespace {

using emulated_cuda::kSuccess;

/// What stands in `c` as a dense product; in the format of the sums, as no test but one makes bytes overflow.
std::vector<double> plain_product(const MmaCase& c) {
  std::vector<double> d = c.sums;
  for (int row = 0; row < 16; ++row) {
    for (int n = 0; n < 8; ++n) {
      double& sum = d[at(row, n, 8)];
      for (int k = 0; k < c.inner(); ++k) sum += c.a[at(row, k, c.inner())] * c.b[at(k, n, 8)];
      if (c.type != MmaType::kS8) sum = static_cast<float>(sum);
    }
  }
  return d;
}

/// Keeps two random columns of each chunk of four, with values of `value`.
MmaCase random_case(MmaType type, std::mt19937& random, const std::function<double()>& value,
                    const std::function<double()>& sum) {
  MmaCase c(type);
  for (int row = 0; row < 16; ++row) {
    for (int chunk = 0; chunk < c.inner() / 4; ++chunk) {
      const int first = static_cast<int>(random() % 3),
                second = first + 1 + static_cast<int>(random() % (3u - static_cast<unsigned>(first)));
      for (const int index : {first, second}) c.keep(row, 4 * chunk + index, value());
    }
  }
  for (double& b : c.b) b = value();
  for (double& s : c.sums) s = sum();
  return c;
}

class SparseMma : public MmaKernel {
 protected:
  /// D of a kernel of one mma.sp, as numbers. `spare` is the metadata of lanes that the selector does not
  /// name.
  std::vector<double> product(const MmaCase& c, unsigned selector = 0, std::uint32_t spare = 0) {
    const MmaFragments fragments = fragments_of(c, selector, spare);
    EXPECT_EQ(run_mma(mma_kernel(c.type, selector), fragments), kSuccess);
    return numbers_of_sums(c.type, sums());
  }

  void expect_random_products(MmaType type, unsigned selectors, std::mt19937& random,
                              const std::function<double()>& value, const std::function<double()>& sum) {
    for (unsigned round = 0; round < 20; ++round) {
      const MmaCase c = random_case(type, random, value, sum);
      EXPECT_EQ(product(c, round % selectors), plain_product(c)) << round;
    }
  }
};

// LLVM's integration test for sparse tensor cores on devices from sm_80 on, sparse-mma-2-4-f16.mlir: A
// compressed is i + j + 1 with elements 0 and 2 of each chunk kept, B is n - k. These are the results that it
// expects of the hardware.
constexpr std::array<std::array<int, 8>, 16> kPublishedByLlvm = {{
    {-2720, -2584, -2448, -2312, -2176, -2040, -1904, -1768},
    {-2960, -2808, -2656, -2504, -2352, -2200, -2048, -1896},
    {-3200, -3032, -2864, -2696, -2528, -2360, -2192, -2024},
    {-3440, -3256, -3072, -2888, -2704, -2520, -2336, -2152},
    {-3680, -3480, -3280, -3080, -2880, -2680, -2480, -2280},
    {-3920, -3704, -3488, -3272, -3056, -2840, -2624, -2408},
    {-4160, -3928, -3696, -3464, -3232, -3000, -2768, -2536},
    {-4400, -4152, -3904, -3656, -3408, -3160, -2912, -2664},
    {-4640, -4376, -4112, -3848, -3584, -3320, -3056, -2792},
    {-4880, -4600, -4320, -4040, -3760, -3480, -3200, -2920},
    {-5120, -4824, -4528, -4232, -3936, -3640, -3344, -3048},
    {-5360, -5048, -4736, -4424, -4112, -3800, -3488, -3176},
    {-5600, -5272, -4944, -4616, -4288, -3960, -3632, -3304},
    {-5840, -5496, -5152, -4808, -4464, -4120, -3776, -3432},
    {-6080, -5720, -5360, -5000, -4640, -4280, -3920, -3560},
    {-6320, -5944, -5568, -5192, -4816, -4440, -4064, -3688},
}};

MmaCase llvm_case(MmaType type) {
  MmaCase c(type);
  for (int row = 0; row < 16; ++row) {
    for (int j = 0; j < 16; ++j) c.keep(row, 2 * j, row + j + 1);
  }
  for (int k = 0; k < 32; ++k) {
    for (int n = 0; n < 8; ++n) c.b[at(k, n, 8)] = n - k;
  }
  return c;
}

std::vector<double> published_by_llvm() {
  std::vector<double> d;
  for (const auto& row : kPublishedByLlvm) d.insert(d.end(), row.begin(), row.end());
  return d;
}

TEST_F(SparseMma, HalvesGiveWhatHardwareGave) {
  EXPECT_EQ(product(llvm_case(MmaType::kF16)), published_by_llvm());
}

TEST_F(SparseMma, ShortFloatsGiveTheSameOnTheSameNumbers) {
  EXPECT_EQ(product(llvm_case(MmaType::kBf16)), published_by_llvm());
}

// The numbers of NVlabs/cuda-oxide's check of m16n8k64 (example sparse_mma_fp8), which hardware passed:
// integers whose pattern differs between all bands of rows and columns, the same two elements kept in every
// chunk.
TEST_F(SparseMma, BytesGiveWhatHardwareGave) {
  for (const auto& [first, second] : {std::pair(0, 1), {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}) {
    MmaCase c(MmaType::kS8);
    for (int row = 0; row < 16; ++row) {
      for (int j = 0; j < 32; ++j) {
        c.keep(row, j / 2 * 4 + (j % 2 == 0 ? first : second), 1 + (3 * row + 5 * j + j / 16) % 7);
      }
      for (int n = 0; n < 8; ++n) c.sums[at(row, n, 8)] = (5 * row + 7 * n) % 32;
    }
    for (int k = 0; k < 64; ++k) {
      for (int n = 0; n < 8; ++n) c.b[at(k, n, 8)] = 1 + (2 * k + 3 * n + 5 * (k / 4) + k / 16) % 8;
    }
    EXPECT_EQ(product(c), plain_product(c)) << first << second;
  }
}

TEST_F(SparseMma, RandomProductsOfHalves) {
  std::mt19937 random(1);
  const auto number = [&] {
    return (static_cast<double>(random() % 4097) - 2048) / 64;
  };  // 11 bits and a sign
  expect_random_products(MmaType::kF16, 2, random, number, number);
}

TEST_F(SparseMma, RandomProductsOfShortFloats) {
  std::mt19937 random(2);
  const auto number = [&] {
    return (static_cast<double>(random() % 513) - 256) * 1024;
  };  // 8 bits and a sign
  expect_random_products(MmaType::kBf16, 2, random, number, number);
}

TEST_F(SparseMma, RandomProductsOfBytes) {
  std::mt19937 random(3);
  const auto byte = [&] { return static_cast<double>(random() % 256) - 128; };
  const auto sum = [&] { return static_cast<double>(random() % 2000001) - 1000000; };
  expect_random_products(MmaType::kS8, 1, random, byte, sum);
}

TEST_F(SparseMma, SumsOfBytesWrap) {
  MmaCase c(MmaType::kS8);
  c.keep(3, 10, 2);
  c.b[at(10, 5, 8)] = 3;
  c.sums[at(3, 5, 8)] = 2147483647;
  EXPECT_EQ(product(c)[at(3, 5, 8)], -2147483648.0 + 5);
}

TEST_F(SparseMma, SumsOfFloatsAreRoundedOnce) {
  MmaCase c(MmaType::kF16);
  c.keep(0, 0, 0x1p-12);
  c.keep(0, 4, 0x1p-12);
  c.b[at(0, 0, 8)] = c.b[at(4, 0, 8)] = 0x1p-12;
  c.sums[0] = 1;
  EXPECT_EQ(product(c)[0], 1 + 0x1p-23);  // one 2^-24 alone is lost
}

TEST_F(SparseMma, EveryKindOfHalfIsRead) {
  const std::vector<std::pair<std::uint16_t, double>> halves = {
      {0x0001, 0x1p-24},     {0x83ff, -1023 * 0x1p-24}, {0x0400, 0x1p-14},
      {0x3c01, 1 + 0x1p-10}, {0xfbff, -65504},          {0x7c00, std::numeric_limits<double>::infinity()}};
  for (const auto& [bits, value] : halves) {
    MmaCase c(MmaType::kF16);
    c.keep(0, 0, 1);
    c.b[at(0, 0, 8)] = 1;
    MmaFragments fragments = fragments_of(c, 0, 0);
    fragments.a[0][0] = (fragments.a[0][0] & 0xffff0000) | bits;
    ASSERT_EQ(run_mma(mma_kernel(c.type, 0), fragments), kSuccess);
    EXPECT_EQ(numbers_of_sums(c.type, sums())[0], value);
  }
}

TEST_F(SparseMma, WhatIsNotKeptMeetsNothing) {
  MmaCase c(MmaType::kF16);
  c.keep(0, 0, 2);
  c.keep(0, 1, 3);
  for (int k = 2; k < 4; ++k) c.b[at(k, 0, 8)] = std::numeric_limits<double>::infinity();
  c.b[at(0, 0, 8)] = c.b[at(1, 0, 8)] = 1;
  EXPECT_EQ(product(c)[0], 5);
}

TEST_F(SparseMma, MetadataOfOtherLanesIsNotLookedAt) {
  for (const std::uint32_t undefined : {0x00000000u, 0x55555555u, 0xaaaaaaaau, 0xffffffffu}) {
    for (const unsigned selector : {0u, 1u}) {
      EXPECT_EQ(product(llvm_case(MmaType::kF16), selector, undefined), published_by_llvm());
    }
  }
}

TEST_F(SparseMma, OtherLanesNeedNoMetadataAtAll) {
  const MmaCase c = llvm_case(MmaType::kBf16);
  const std::string only_the_first_pair =
      "mov.u32 %lane, %laneid;\nand.b32 %lane, %lane, 2;\nsetp.eq.u32 %p, %lane, 0;\n@%p ";
  ASSERT_EQ(run_mma(mma_kernel(c.type, 0, only_the_first_pair), fragments_of(c, 0, 0)), kSuccess);
  EXPECT_EQ(numbers_of_sums(c.type, sums()), published_by_llvm());
}

}  // namespace
}  // namespace nmperm::testing
