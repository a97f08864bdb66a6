// Real networks, which do not ship with the project: read, coupled, permuted at random and compared.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "network/apply.h"
#include "network/helper_process.h"
#include "network/verify.h"
#include "tests/network/engine.h"

namespace nmperm::testing {
namespace {

namespace fs = std::filesystem;

fs::path shared_folder() {
  const char* const given = std::getenv("NMPERM_SHARED_INSTANCES");
  return given != nullptr ? given : NMPERM_SHARED_INSTANCES_DEFAULT;
}

struct Known {
  const char* file;
  std::int64_t prunable, free;
};

// The difference: layers that read a graph input.
constexpr Known kNetworks[] = {{"ad01_autoencoder", 263168, 181248},
                               {"ani2x_C_ens2", 599040, 147456},
                               {"crepe_tiny", 419840, 419840},
                               {"dtln_1", 0, 0},
                               {"espnet_p2q8", 0, 0},
                               {"mobilenetv1_025_vww", 196096, 196096},
                               {"mtcnn_onet", 382976, 382976},
                               {"resnet20_cifar10", 267264, 267264},
                               {"squeezenet1_1", 1229824, 1229824},
                               {"stories260k", 94208, 94208},
                               {"ultraface_rfb320", 203520, 203520},
                               {"waifu2x_cunet", 1274880, 1274880}};

TEST(SharedNetworks, AreCoveredAsFarAsEqualityAllows) {
  const fs::path folder = shared_folder() / "onnx";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is absent";
  for (const Known& known : kNetworks) {
    const OnnxModel model = OnnxModel::read((folder / known.file).string() + ".onnx");
    const Coverage coverage = plan_network(model, Pattern{}, PruningRule()).coverage();
    EXPECT_EQ(coverage.prunable_elements, known.prunable) << known.file;
    EXPECT_EQ(coverage.free_elements, known.free) << known.file;
  }
}

TEST(SharedNetworks, AreWrittenAsTheyWereRead) {
  const fs::path folder = shared_folder() / "onnx";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const TemporaryFolder temporary;
  const auto bytes = [](const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  for (const Known& known : kNetworks) {
    const std::string path = (folder / known.file).string() + ".onnx";
    OnnxModel::read(path).write(temporary.path("copy.onnx"));
    EXPECT_TRUE(bytes(path) == bytes(temporary.path("copy.onnx"))) << known.file;
  }
}

TEST(SharedNetworks, ComputeTheSameUnderRandomPermutations) {
  const fs::path folder = shared_folder() / "onnx";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is absent";
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  const TemporaryFolder temporary;
  std::vector<EngineJob> jobs;
  for (const Known& known : kNetworks) {
    const std::string path = (folder / known.file).string() + ".onnx";
    OnnxModel model = OnnxModel::read(path);
    const std::vector<std::vector<EngineTensor>> runs = {random_inputs(model, 1, 1, 8)};
    apply_record(model, random_record(model, couple(model.layer_graph()), 1));
    const std::string permuted = temporary.path(known.file) + std::string(".onnx");
    model.write(permuted);
    jobs.push_back({path, runs});
    jobs.push_back({permuted, runs});
  }
  const auto answers = engine->run(jobs);
  for (std::size_t i = 0; i < answers.size(); i += 2) {
    ASSERT_EQ(answers[i].error + answers[i + 1].error, "") << jobs[i].model;
    NumericalProof proof{"", 1, 0, 0, true, {}};
    compare_answers(answers[i], answers[i + 1], 1e-5, proof);
    EXPECT_TRUE(proof.equal) << jobs[i].model << ": " << proof.max_abs_difference << " of "
                             << proof.max_abs_output;
  }
}

}  // namespace
}  // namespace nmperm::testing
