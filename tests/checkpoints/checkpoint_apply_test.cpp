// Whole checkpoints of every architecture: permuted they compute the same, pruned they obey the pattern, and
// searches are saved and resumed.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoints/checkpoint_report.h"
#include "checkpoints/search_checkpoint.h"
#include "checkpoints/write_checkpoint.h"
#include "heuristics/channel_swap.h"
#include "tests/checkpoints/checkpoint_builder.h"
#include "tests/checkpoints/random_orders.h"
#include "tests/checkpoints/reference_model.h"
#include "tests/io/file_builders.h"
#include "tests/support/refusal.h"

namespace nmperm::testing {
namespace {

using ::testing::HasSubstr;

const std::vector<int> kTokens = {3, 17, 0, 39, 17, 8};

void expect_same_function(const BuiltCheckpoint& a, const BuiltCheckpoint& b) {
  const std::vector<double> x = run_model(a, kTokens), y = run_model(b, kTokens);
  ASSERT_EQ(x.size(), y.size());
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    difference = std::max(difference, std::fabs(x[i] - y[i]));
    largest = std::max(largest, std::fabs(x[i]));
  }
  EXPECT_GT(largest, 0.1);
  EXPECT_LT(difference, 1e-12 * largest);
}

/// A checkpoint in a folder "in", to be written to "out".
class Checkpoints : public ::testing::Test {
 protected:
  void write_input(const BuiltCheckpoint& model, const std::string& dtype = "F32", int shards = 1) {
    model.write(folder_.path("in"), dtype, shards);
  }
  CheckpointFiles open() const { return CheckpointFiles::open(folder_.path("in")); }
  CheckpointOutput output(bool prune = false) const { return {folder_.path("out"), prune, false}; }

  /// Permutes at random and compares the functions.
  void permute_and_compare(const BuiltCheckpoint& model, std::size_t sets) {
    write_input(model);
    const CheckpointFiles files = open();
    const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
    EXPECT_EQ(plan.sets.size(), sets);
    write_checkpoint(files, plan, random_orders(plan, 5), Scoring(), output());
    const BuiltCheckpoint moved = read_checkpoint(folder_.path("out"));
    for (const CheckpointSet& set : plan.sets) {
      for (const auto* list : {&set.producers, &set.reading, &set.followers}) {
        for (const SetTensor& tensor : *list) {
          EXPECT_NE(moved.tensors.at(tensor.tensor).values, model.tensors.at(tensor.tensor).values)
              << tensor.tensor;
        }
      }
    }
    expect_same_function(model, moved);
  }

  TemporaryFolder folder_;
};

class EveryArchitecture : public Checkpoints, public ::testing::WithParamInterface<const char*> {};

// Sets: the residual stream, and in each of two layers the inner channels and the values of all heads.
TEST_P(EveryArchitecture, ComputesTheSameUnderRandomPermutations) {
  permute_and_compare(tiny_checkpoint(GetParam()), 5);
}

TEST_P(EveryArchitecture, IsWrittenInTheSameLayout) {
  write_input(tiny_checkpoint(GetParam()), "BF16", 3);
  const CheckpointFiles files = open();
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  write_checkpoint(files, plan, random_orders(plan, 1), Scoring(), output());
  const CheckpointFiles written = CheckpointFiles::open(folder_.path("out"));
  EXPECT_EQ(written.shards(), files.shards());
  for (std::size_t shard = 0; shard < files.shards().size(); ++shard) {
    EXPECT_EQ(written.preamble(shard), files.preamble(shard));
  }
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors.index.json"}) {
    EXPECT_EQ(contents(folder_.path(std::string("out/") + name)),
              contents(folder_.path(std::string("in/") + name)));
  }
  expect_same_function(tiny_checkpoint(GetParam()), read_checkpoint(folder_.path("out")));
}

TEST_P(EveryArchitecture, PrunesEveryLinearWeightOfTheBlocksByThePattern) {
  const BuiltCheckpoint model = tiny_checkpoint(GetParam());
  write_input(model);
  const CheckpointFiles files = open();
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  const ProductErrors products =
      write_checkpoint(files, plan, random_orders(plan, 2), Scoring(), output(true));
  const BuiltCheckpoint pruned = read_checkpoint(folder_.path("out"));
  std::size_t selected = 0;
  for (const CheckpointWeight& weight : plan.weights) {
    const std::string& name = plan.tensor(files, weight.placed).name;
    const BuiltTensor& tensor = pruned.tensors.at(name);
    const auto zeros = static_cast<std::size_t>(std::count(tensor.values.begin(), tensor.values.end(), 0.0f));
    EXPECT_EQ(zeros, weight.selected ? tensor.values.size() / 2 : 0) << name;
    selected += weight.selected ? 1 : 0;
    if (!weight.selected) continue;
    const int axis = plan.placed[static_cast<std::size_t>(weight.placed)].rule->input_axis;
    const auto columns = static_cast<std::size_t>(tensor.shape[1]);
    for (std::size_t group = 0; group < tensor.values.size() / 4; ++group) {
      int kept = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t output = axis == 1 ? group * 4 / columns : group % columns;
        const std::size_t input = axis == 1 ? group * 4 % columns + i : group / columns * 4 + i;
        const std::size_t at = axis == 1 ? output * columns + input : input * columns + output;
        kept += tensor.values[at] != 0 ? 1 : 0;
      }
      EXPECT_EQ(kept, 2) << name;
    }
  }
  EXPECT_EQ(products.size(), selected);
  for (const auto& [name, error] : products) EXPECT_LT(error, 1e-6) << name;
}

INSTANTIATE_TEST_SUITE_P(Types, EveryArchitecture,
                         ::testing::Values("llama", "mistral", "qwen2", "gpt2", "opt", "bert"),
                         [](const auto& type) { return std::string(type.param); });

TEST_F(Checkpoints, TiedEmbeddingsMoveOnce) {
  permute_and_compare(tiny_llama("llama", true), 5);
}

TEST_F(Checkpoints, TablesThatAreMovedBlockByBlockAreMovedAsAWhole) {
  BuiltCheckpoint model = tiny_llama();
  model.config["vocab_size"] = 33000;  // 8.4 MB
  model.add("model.embed_tokens.weight", {33000, 64});
  model.add("lm_head.weight", {33000, 64});
  permute_and_compare(model, 5);
}

TEST_F(Checkpoints, NormalisationAfterTheBlocksMovesAsWell) {
  permute_and_compare(tiny_opt(false), 5);
}

TEST_F(Checkpoints, AWordEmbeddingOfItsOwnSizeStays) {
  permute_and_compare(tiny_opt(false, 32), 5);
}

TEST_F(Checkpoints, AnOlderBaseModelWithoutPrefixAndHeadHasItsStreamPinned) {
  BuiltCheckpoint model = tiny_llama();
  BuiltCheckpoint base;
  base.config = model.config;
  base.config["architectures"] = {"LlamaModel"};
  for (const auto& [name, tensor] : model.tensors) {
    if (name.starts_with("model.")) base.tensors[name.substr(6)] = tensor;
  }
  write_input(base);
  const CheckpointFiles files = open();
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  ASSERT_EQ(plan.sets.size(), 4U);
  EXPECT_EQ(plan.sets[0].kind, SetKind::kIntermediate);
  EXPECT_EQ(plan.coverage().prunable_elements, 2 * (2 * 64 * 64 + 2 * 32 * 64 + 3 * 64 * 96));
  EXPECT_EQ(plan.coverage().free_elements, 2 * (64 * 64 + 64 * 96));
  for (const CheckpointWeight& weight : plan.weights) {
    if (weight.free) continue;
    EXPECT_THAT(weight.reason, HasSubstr("may be an output of LlamaModel"));
  }
}

TEST_F(Checkpoints, AnUnknownTensorPinsWhatItMayRead) {
  BuiltCheckpoint model = tiny_llama();
  model.add("model.layers.1.mlp.adapter.weight", {8, 96});
  write_input(model);
  const CheckpointPlan plan = plan_checkpoint(open(), Pattern{}, PruningRule());
  ASSERT_EQ(plan.sets.size(), 2U);  // those of layer 0
  EXPECT_EQ(plan.sets[0].layer, 0);
  EXPECT_EQ(plan.sets[1].layer, 0);
}

TEST_F(Checkpoints, HeadsThatMakeNoGroupsStay) {
  write_input(tiny_llama());
  const CheckpointPlan plan = plan_checkpoint(open(), Pattern{1, 32}, PruningRule());
  EXPECT_TRUE(std::none_of(plan.sets.begin(), plan.sets.end(),
                           [](const CheckpointSet& set) { return set.kind == SetKind::kValue; }));
}

CheckpointSearch short_search() {
  CheckpointSearch search;
  search.parameters.limits.iterations = 30;
  search.parameters.threads = 2;
  return search;
}

TEST_F(Checkpoints, ASearchKeepsMoreAndItsFiguresAreThoseOfTheWrittenFiles) {
  write_input(tiny_llama(), "F16");
  const CheckpointFiles files = open();
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  SearchState state;
  const auto results = search_checkpoint(files, plan, ChannelSwapSolver(), short_search(), state);
  const Magnitude found = checkpoint_magnitude(files, plan, Scoring(), results);
  EXPECT_GT(found.kept, found.default_kept);
  EXPECT_LT(found.kept, found.row_bound);
  EXPECT_EQ(state.sets.size(), plan.sets.size());
  ChannelOrders orders;
  for (const Result& result : results) orders.push_back(result.permutation);
  write_checkpoint(files, plan, orders, Scoring(), output(true));
  double kept = 0;
  const BuiltCheckpoint pruned = read_checkpoint(folder_.path("out"));
  for (const CheckpointWeight& weight : plan.weights) {
    if (!weight.selected) continue;
    for (const float value : pruned.tensors.at(plan.tensor(files, weight.placed).name).values) {
      kept += std::fabs(static_cast<double>(value));
    }
  }
  EXPECT_NEAR(found.kept, kept, 1e-9 * kept);
}

TEST_F(Checkpoints, SampledScoresAreJudgedByAllRows) {
  write_input(tiny_llama());
  const CheckpointFiles files = open();
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  CheckpointSearch search = short_search();
  search.score_bytes = 64 * 4 * 20;  // 20 rows of the residual stream
  const CheckpointSet& residual = plan.sets[0];
  const SetProblem sample = set_problem(files, plan, residual, Scoring(), search.score_bytes);
  EXPECT_EQ(sample.problem.rows(), 20);
  EXPECT_EQ(sample.rows, 2 * (64 + 32 + 32 + 96 + 96));
  EXPECT_TRUE(sample.sampled());
  const SetProblem whole = set_problem(files, plan, residual, Scoring(), 1 << 20);
  EXPECT_EQ(whole.problem.rows(), whole.rows);
  EXPECT_FALSE(whole.sampled());
  for (int t = 0; t < 20; ++t) {
    EXPECT_EQ(sample.problem.scores().at(t, 7), whole.problem.scores().at(t * 32, 7));
  }
  SearchState state;
  const auto results = search_checkpoint(files, plan, ChannelSwapSolver(), search, state);
  const Magnitude truth = whole.problem.evaluate(results[0].permutation);
  EXPECT_NEAR(results[0].magnitude.kept, truth.kept, 1e-9 * truth.kept);
  EXPECT_NEAR(results[0].magnitude.total, truth.total, 1e-9 * truth.total);
  EXPECT_NEAR(results[0].magnitude.row_bound, truth.row_bound, 1e-9 * truth.total);
  EXPECT_GE(results[0].magnitude.kept, results[0].magnitude.default_kept);
  EXPECT_FALSE(results[0].bound.has_value());
  search.parameters.threads = 1;
  SearchState alone;
  const auto same = search_checkpoint(files, plan, ChannelSwapSolver(), search, alone);
  for (std::size_t s = 0; s < same.size(); ++s) EXPECT_EQ(same[s].permutation, results[s].permutation);
}

TEST_F(Checkpoints, AStoppedSearchGoesOnFromItsState) {
  write_input(tiny_llama());
  const CheckpointFiles files = open();
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  SearchState whole;
  const auto expected = search_checkpoint(files, plan, ChannelSwapSolver(), short_search(), whole);
  // Stopped after the second set.
  std::atomic<bool> interrupt = false;
  CheckpointSearch search = short_search();
  search.parameters.threads = 1;
  search.parameters.interrupt = &interrupt;
  std::string saved;
  search.save = [&](const SearchState& state) {
    saved = to_json(state);
    if (state.sets.size() == 2) interrupt = true;
  };
  SearchState state;
  state.inputs = files.sha256();
  state.settings = "{}";
  search_checkpoint(files, plan, ChannelSwapSolver(), search, state);
  EXPECT_EQ(state.sets.size(), 2U);

  SearchState resumed = parse_search_state(*source_of(saved));
  EXPECT_EQ(to_json(resumed), saved);
  std::size_t searched = 0;
  CheckpointSearch rest = short_search();
  rest.progress = [&](std::size_t, std::size_t sets, const CheckpointSet&, const Result&) {
    EXPECT_EQ(sets, plan.sets.size() - 2);
    ++searched;
  };
  const auto results = search_checkpoint(files, plan, ChannelSwapSolver(), rest, resumed);
  EXPECT_EQ(searched, plan.sets.size() - 2);
  for (std::size_t s = 0; s < results.size(); ++s) {
    EXPECT_EQ(results[s].permutation, expected[s].permutation);
    EXPECT_EQ(results[s].magnitude.kept, expected[s].magnitude.kept);
  }
}

TEST_F(Checkpoints, AStateThatDoesNotFitIsRefused) {
  write_input(tiny_llama());
  const CheckpointFiles files = open();
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  SearchState state;
  state.sets[plan.sets[0].name].permutation = {1, 0};
  EXPECT_THAT(refusal_of([&] { search_checkpoint(files, plan, ChannelSwapSolver(), short_search(), state); }),
              HasSubstr(plan.sets[0].name));
  EXPECT_NE(refusal_of([] { parse_search_state(*source_of("{\"format\": \"x\"}")); }), "");
  EXPECT_NE(refusal_of([] { parse_search_state(*source_of("")); }), "");
}

TEST_F(Checkpoints, AWeightThatIsNotFiniteIsNamedAndNothingIsWritten) {
  BuiltCheckpoint model = tiny_llama();
  model.tensors["model.layers.1.mlp.down_proj.weight"].values[5] = std::nanf("");
  write_input(model);
  const CheckpointFiles files = open();
  const CheckpointPlan plan = plan_checkpoint(files, Pattern{}, PruningRule());
  SearchState state;
  EXPECT_THAT(refusal_of([&] { search_checkpoint(files, plan, ChannelSwapSolver(), short_search(), state); }),
              HasSubstr("model.layers.1.mlp.down_proj.weight"));
  EXPECT_NE(
      refusal_of([&] { write_checkpoint(files, plan, random_orders(plan, 1), Scoring(), output(true)); }),
      "");
  EXPECT_EQ(folder_.names(), std::vector<std::string>{"in"});
}

TEST_F(Checkpoints, TheOutputFolderIsNewOrEmpty) {
  write_input(tiny_llama());
  const CheckpointFiles files = open();
  require_output_folder(output(), files);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("out")));
  std::filesystem::create_directory(folder_.path("out"));
  require_output_folder(output(), files);
  folder_.write("out/notes", "mine");
  EXPECT_THAT(refusal_of([&] { require_output_folder(output(), files); }), HasSubstr("exists already"));
  EXPECT_THAT(refusal_of([&] {
                require_output_folder({folder_.path("in"), false, true}, files);
              }),
              HasSubstr("in the checkpoint itself"));
  EXPECT_THAT(refusal_of([&] {
                require_output_folder({folder_.path("in/sub"), false, false}, files);
              }),
              HasSubstr("in the checkpoint itself"));
  EXPECT_THAT(refusal_of([&] {
                require_output_folder({folder_.path("no/where"), false, false}, files);
              }),
              HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace nmperm::testing
