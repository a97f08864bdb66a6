// Expected values come from numpy 1.24.2: numpy.random.seed(S), then rand() or randn(), printed by
// float.hex().
#include "instances/numpy_random.h"

#include <array>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace nmperm {
namespace {

struct Expected {
  std::uint32_t seed;
  std::array<double, 5> uniform, normal;
  double after_1000_uniform;
  std::array<double, 2> normal_after_that, after_999_normal;
};

const std::array<Expected, 4> kNumpy = {{
    {0,
     {0x1.18fe1565f12a8p-1, 0x1.6e2d4cf608733p-1, 0x1.349d66b6e894bp-1, 0x1.16faedb6395f5p-1,
      0x1.b1d2904fd0ef6p-2},
     {0x1.c398ef3e5cfa5p+0, 0x1.99c2cfacc8953p-2, 0x1.f51d25222c9abp-1, 0x1.1ed5969e3314ep+1,
      0x1.de1847cb13ddap+0},
     0x1.2f8e00bae5bb8p-1,
     {-0x1.be8bd5258cae5p-7, -0x1.1ad213da90db8p-2},
     {-0x1.6eb574c9b16b2p-2, 0x1.1ca723ee4cda9p-1}},
    {1,
     {0x1.ab07d0ffa3c06p-2, 0x1.70ce5f3baf051p-1, 0x1.dfb906661c000p-14, 0x1.3596ab7fe08f4p-2,
      0x1.2c8e5a3c7053cp-3},
     {0x1.9fd5190657c50p+0, -0x1.393822fb7d9adp-1, -0x1.0e6c872548fd2p-1, -0x1.12ae1255cb80cp+0,
      0x1.bb16b5735117dp-1},
     0x1.4da120bd421dcp-2,
     {0x1.2f8d8e4fa61bcp-2, 0x1.d61f223c80aedp-2},
     {-0x1.7ee2458ea67ffp-3, -0x1.39d3e17ad5739p-3}},
    {12345,
     {0x1.dbf6a3f8f84b7p-1, 0x1.43f7f410bb044p-2, 0x1.78aa6d0a2dad8p-3, 0x1.a2f07fd391514p-3,
      0x1.22acdae20d908p-1},
     {-0x1.a33dc4f5d203dp-3, 0x1.ea701f566080fp-2, -0x1.09f3df0ae3d0ep-1, -0x1.1c88aeb5231f1p-1,
      0x1.f73d654602e58p+0},
     0x1.9864dd56e981fp-1,
     {0x1.baae4752b3dcdp-1, 0x1.47bf6ea97b861p-1},
     {0x1.5fb7492b810dfp+0, -0x1.f78dee29601afp-1}},
    {4294967295,
     {0x1.8fe69a3924820p-4, 0x1.d323d824032b1p-1, 0x1.93fc6f61af3f9p-1, 0x1.8f5ca1b151c07p-1,
      0x1.25ec7244bbf80p-6},
     {0x1.4bfc38c486d8ap-1, 0x1.56b192e507eeep-1, -0x1.149e836f192fdp+0, 0x1.23543dec5a0fcp-2,
      0x1.d27bf27c6aaafp-4},
     0x1.f4e9151f5d2acp-1,
     {-0x1.396ce95136a97p-1, 0x1.077b49803766ep+0},
     {0x1.adea44c300e5dp-1, -0x1.6aad57c204043p-1}},
}};

TEST(NumpyRandom, UniformsEqualNumpyBitForBit) {
  for (const Expected& expected : kNumpy) {
    NumpyRandom random(expected.seed);
    for (const double value : expected.uniform) EXPECT_EQ(random.rand(), value) << expected.seed;
    for (int i = 5; i < 1000; ++i) random.rand();
    EXPECT_EQ(random.rand(), expected.after_1000_uniform) << expected.seed;
    for (const double value : expected.normal_after_that) EXPECT_EQ(random.randn(), value) << expected.seed;
  }
}

TEST(NumpyRandom, NormalsEqualNumpyBitForBit) {
  for (const Expected& expected : kNumpy) {
    NumpyRandom random(expected.seed);
    for (const double value : expected.normal) EXPECT_EQ(random.randn(), value) << expected.seed;
    for (int i = 5; i < 999; ++i) random.randn();
    for (const double value : expected.after_999_normal) EXPECT_EQ(random.randn(), value) << expected.seed;
  }
}

RC_GTEST_PROP(NumpyRandom, SkippingIsDrawing, (std::uint32_t seed)) {
  const int before = *rc::gen::inRange(0, 5), count = *rc::gen::inRange(0, 100);
  NumpyRandom drawn(seed), skipped(seed);
  for (int i = 0; i < before; ++i) RC_ASSERT(drawn.randn() == skipped.randn());
  for (int i = 0; i < count; ++i) drawn.randn();
  skipped.skip_randn(static_cast<std::uint64_t>(count));
  for (int i = 0; i < 3; ++i) RC_ASSERT(drawn.randn() == skipped.randn());
}

}  // namespace
}  // namespace nmperm
