// Forms of operations that opsets 14 to 21 brought: what they do to channels, and that ONNX Runtime agrees.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network/apply.h"
#include "network/helper_process.h"
#include "network/verify.h"
#include "tests/network/coupled_net.h"
#include "tests/network/engine.h"

namespace nmperm::testing {
namespace {

constexpr std::int64_t kOne = 1;

/// Makes a tensor [.., channels, ..] (axis 1) of c1 [1, 6, 4, 4].
using Middle = std::function<std::string(Net&)>;
struct Case {
  const char* name;
  const char* word;  ///< of c1's channels
  std::int64_t channels;
  Middle middle;
};

/// A float initializer of these elements.
std::string reals(Net& net, const std::string& name, const std::vector<float>& values, const Dims& dims) {
  net.weight(name, dims);
  auto* const list = net.proto().mutable_graph()->mutable_initializer();
  list->Mutable(list->size() - 1)->set_raw_data(values.data(), values.size() * sizeof(float));
  return name;
}

std::vector<Case> cases() {
  return {
      {"Split into uneven parts", "aaaaaa", 2,
       [](Net& net) {
         net.node("Split", {net.conv("c1", "five", 5, 6)}, "s",
                  {{"axis", kOne}, {"num_outputs", std::int64_t{2}}}, 2);
         return ModelBuilder::output_of("s", 1);
       }},
      {"ReduceMean with axes as input", "aaaaaa", 6,
       [](Net& net) {
         return net.node("ReduceMean", {"c1", net.integers("axes", {2, 3})}, "m");
       }},
      {"ReduceMax with axes as input, over the channels", "aaaaaa", 6,
       [](Net& net) {
         net.node("ReduceMax", {"c1", net.integers("axes", {1})}, "m");
         return net.node("Sub", {"c1", "m"}, "d");
       }},
      {"ReduceSum that keeps all axes", "aaaaaa", 6,
       [](Net& net) {
         return net.node("ReduceSum", {"c1", net.integers("axes", {})}, "m",
                         {{"noop_with_empty_axes", kOne}});
       }},
      {"Resize of named axes", "aaaaaa", 6,
       [](Net& net) {
         reals(net, "scales", {2, 0.5F}, {2});
         return net.node("Resize", {"c1", "", "scales"}, "r", {{"axes", Ints{-1, 2}}});
       }},
      {"Resize of named axes to sizes", "aaaaaa", 6,
       [](Net& net) {
         return net.node("Resize", {"c1", "", "", net.integers("sizes", {3, 5})}, "r",
                         {{"axes", Ints{2, 3}}});
       }},
      {"Resize that keeps the ratio, and six channels become five", "......", 5,
       [](Net& net) {
         return net.node("Resize", {"c1", "", "", net.integers("sizes", {6, 3, 5})}, "r",
                         {{"axes", Ints{1, 2, 3}}, {"keep_aspect_ratio_policy", std::string("not_larger")}});
       }},
      {"Resize that crops", "......", 6,
       [](Net& net) {
         reals(net, "roi", {0, 0.4F, 0, 0, 1, 1, 1, 1}, {8});
         return net.node("Resize", {"c1", "roi", "", net.integers("sizes", {1, 6, 4, 4})}, "r",
                         {{"coordinate_transformation_mode", std::string("tf_crop_and_resize")}});
       }},
      {"GroupNormalization with a scale for each channel", "aaabbb", 6,
       [](Net& net) {
         return net.node("GroupNormalization", {"c1", net.weight("scale", {6}, 1), net.weight("shift", {6})},
                         "g", {{"num_groups", std::int64_t{2}}});
       }},
      {"LayerNormalization over the positions", "aaaaaa", 6,
       [](Net& net) {
         return net.node("LayerNormalization", {"c1", net.weight("scale", {4, 4}, 1)}, "l",
                         {{"axis", std::int64_t{2}}});
       }},
      {"Gelu and Mish", "aaaaaa", 6,
       [](Net& net) { return net.node("Mish", {net.node("Gelu", {"c1"}, "g")}, "m"); }},
      {"CastLike takes a type and no channels", "aaaaaa", 6,
       [](Net& net) {
         net.conv("x", "other", 5, 2);
         net.output(net.conv("other", "c3", 2, 5));
         return net.node("CastLike", {"c1", "other"}, "l");
       }},
      {"Trilu of the positions", "aaaaaa", 6,
       [](Net& net) {
         return net.node("Trilu", {"c1"}, "t", {{"upper", std::int64_t{0}}});
       }},
      {"CumSum along positions", "aaaaaa", 6,
       [](Net& net) {
         return net.node("CumSum", {"c1", net.integers("axis", {3})}, "s");
       }},
      {"CumSum along channels", "......", 6,
       [](Net& net) {
         return net.node("CumSum", {"c1", net.integers("axis", {1})}, "s");
       }},
      {"Size counts and reads nothing", "aaaaaa", 6,
       [](Net& net) {
         net.node("Div", {net.node("Size", {"c1"}, "count"), net.integers("positions", {16})}, "channels");
         net.node("Concat", {net.integers("batch", {1}), "channels", net.integers("rest", {-1})}, "shape",
                  {{"axis", std::int64_t{0}}});
         net.node("Reshape", {"c1", "shape"}, "flat");
         return net.node("Unsqueeze", {"flat", net.integers("last", {3})}, "u");
       }},
      {"RoiAlign", "aaaaaa", 6,
       [](Net& net) {
         reals(net, "rois", {0, 0, 3, 3, 1, 0, 2, 3}, {2, 4});
         return net.node("RoiAlign", {"c1", "rois", net.integers("images", {0, 0})}, "r",
                         {{"output_height", std::int64_t{2}}, {"output_width", std::int64_t{3}}});
       }},
      {"GridSample", "aaaaaa", 6,
       [](Net& net) {
         return net.node("GridSample", {"c1", net.weight("grid", {1, 3, 5, 2})}, "g");
       }},
  };
}

Net network_of(const Case& one) {
  Net net(21);
  net.input("x", {1, 2, 4, 4});
  net.conv("x", "c1", 6, 2);
  net.output(net.conv(one.middle(net), "c2", 3, one.channels));
  return net;
}

TEST(NewerOperations, MoveChannelsAsFarAsTheyMay) {
  for (const Case& one : cases()) EXPECT_EQ(Coupled(network_of(one)).word("c1.w", 0), one.word) << one.name;
}

TEST(NewerOperations, ComputeTheSameUnderRandomPermutations) {
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  const TemporaryFolder folder;
  std::vector<EngineJob> jobs;
  for (const Case& one : cases()) {
    const OnnxModel model = network_of(one).model();
    OnnxModel permuted = model.clone();
    apply_record(permuted, random_record(model, couple(model.layer_graph()), 1));
    for (const OnnxModel* version : {&model, static_cast<const OnnxModel*>(&permuted)}) {
      jobs.push_back({folder.path(std::to_string(jobs.size()) + ".onnx"), {random_inputs(model, 3, 1, 1)}});
      version->write(jobs.back().model);
    }
  }
  const auto answers = engine->run(jobs);
  std::size_t at = 0;
  for (const Case& one : cases()) {
    const EngineAnswer &original = answers[at++], &permuted = answers[at++];
    ASSERT_EQ(original.error, "") << one.name;
    ASSERT_EQ(permuted.error, "") << one.name;
    NumericalProof proof{"", 1, 0, 0, true, {}};
    compare_answers(original, permuted, 1e-5, proof);
    EXPECT_TRUE(proof.equal) << one.name << ": " << proof.max_abs_difference << " of "
                             << proof.max_abs_output;
    EXPECT_GT(proof.max_abs_output, 0) << one.name;
  }
}

TEST(NewerOperations, APartOfAPartOfAnImageIsFlattenedWithItsChannels) {
  // A detector's second stage: parts of the image, flattened, into linear layers.
  Net net(16);
  net.input("x", {1, 2, 4, 4});
  net.input("rois", {-1, 4});
  net.input("images", {-1}, onnx::TensorProto::INT64);
  net.conv("x", "c1", 6, 2);
  net.node("RoiAlign", {"c1", "rois", "images"}, "r",
           {{"output_height", std::int64_t{2}}, {"output_width", std::int64_t{2}}});
  net.output(net.linear(net.node("Flatten", {"r"}, "flat"), "fc", 24, 2));
  const Coupled coupled(net);
  EXPECT_EQ(coupled.word("c1.w", 0), "aaaaaa");
  EXPECT_TRUE(coupled.together("c1.w", 0, 2, "fc.w", 0, 2 * 4 + 3));
}

}  // namespace
}  // namespace nmperm::testing
