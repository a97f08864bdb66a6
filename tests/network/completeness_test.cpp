// Pinning is no easy way out, and a wrong coupling does not pass: on small networks, every exchange that
// coupling forbids changes the function, and leaving out any tensor of one that it allows does too.
#include <functional>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "network/helper_process.h"
#include "network/verify.h"
#include "tests/network/engine.h"
#include "tests/network/model_builder.h"

namespace nmperm::testing {
namespace {

using Ints = std::vector<std::int64_t>;
constexpr std::int64_t kOne = 1;

/// x [1, 2, 4, 4], a convolution to six channels, what `middle` makes of them, and a convolution to the
/// output.
std::string around(const std::function<std::string(ModelBuilder&, const std::string&)>& middle,
                   std::int64_t channels = 6) {
  ModelBuilder net;
  net.input("x", {1, 2, 4, 4});
  net.node("Conv", {"x", net.weight("w1", {6, 2, 1, 1}), net.weight("b1", {6})}, "c1");
  const std::string made = middle(net, "c1");
  net.output(net.node("Conv", {made, net.weight("w2", {3, channels, 1, 1})}, "c2"));
  return net.bytes();
}

struct Case {
  const char* name;
  std::string bytes;
};

std::vector<Case> cases() {
  return {
      {"chain", around([](ModelBuilder& net, const std::string& x) { return net.node("Relu", {x}, "r"); })},
      {"groups", around([](ModelBuilder& net, const std::string& x) {
         return net.node("Conv", {x, net.weight("g", {6, 3, 1, 1})}, "r", {{"group", std::int64_t{2}}});
       })},
      {"small groups", around([](ModelBuilder& net, const std::string& x) {
         net.node("Conv", {x, net.weight("g", {6, 2, 1, 1}), net.weight("gb", {6})}, "g3",
                  {{"group", std::int64_t{3}}});
         net.node("Reshape", {"g3", net.integers("five", {1, 3, 2, 4, 4})}, "a");
         net.node("Mul", {"a", net.weight("each", {1, 3, 1, 1, 1}, 1)}, "b");
         return net.node("Reshape", {"b", net.integers("four", {1, 6, 4, 4})}, "r");
       })},
      {"heads", around([](ModelBuilder& net, const std::string& x) {
         const auto split = [&](const std::string& name, const Ints& order) {
           net.node("Conv", {x, net.weight(name + ".w", {6, 6, 1, 1}, 0.2)}, name + ".c");
           net.node("Reshape", {name + ".c", net.integers(name + ".s", {1, 3, 2, 16})}, name + ".h");
           return net.node("Transpose", {name + ".h"}, name + ".t", {{"perm", order}});
         };
         net.node("MatMul", {split("q", {0, 1, 3, 2}), split("k", {0, 1, 2, 3})}, "scores");
         net.node("Add", {"scores", net.weight("bias", {3, 1, 16})}, "biased");
         net.node("Softmax", {"biased"}, "shares", {{"axis", std::int64_t{-1}}});
         net.node("MatMul", {"shares", split("v", {0, 1, 3, 2})}, "mixed");
         net.node("Transpose", {"mixed"}, "back", {{"perm", Ints{0, 1, 3, 2}}});
         return net.node("Reshape", {"back", net.integers("joined", {1, 6, 4, 4})}, "r");
       })},
      {"depthwise", around([](ModelBuilder& net, const std::string& x) {
         return net.node("Conv", {x, net.weight("g", {6, 1, 1, 1})}, "r", {{"group", std::int64_t{6}}});
       })},
      {"residual", around([](ModelBuilder& net, const std::string& x) {
         net.node("Conv", {x, net.weight("w3", {6, 6, 1, 1})}, "c3");
         return net.node("Add", {x, "c3"}, "r");
       })},
      {"concat", around(
                     [](ModelBuilder& net, const std::string& x) {
                       net.node("Conv", {x, net.weight("w3", {4, 6, 1, 1})}, "c3");
                       return net.node("Concat", {x, "c3"}, "r", {{"axis", kOne}});
                     },
                     10)},
      {"split", around(
                    [](ModelBuilder& net, const std::string& x) {
                      net.node("Split", {x}, "half", {{"axis", kOne}}, 2);
                      return net.node("Mul", {"half", net.node("Sigmoid", {"half:1"}, "s")}, "r");
                    },
                    3)},
      {"shuffle", around([](ModelBuilder& net, const std::string& x) {
         net.node("Reshape", {x, net.integers("five", {1, 2, 3, 4, 4})}, "a");
         net.node("Transpose", {"a"}, "b", {{"perm", Ints{0, 2, 1, 3, 4}}});
         return net.node("Reshape", {"b", net.integers("four", {1, 6, 4, 4})}, "r");
       })},
      {"softmax", around([](ModelBuilder& net, const std::string& x) {
         return net.node("Softmax", {x}, "r", {{"axis", kOne}});
       })},
      {"gate", around([](ModelBuilder& net, const std::string& x) {
         net.node("GlobalAveragePool", {x}, "p");
         net.node("Conv", {"p", net.weight("w3", {6, 6, 1, 1})}, "c3");
         return net.node("Mul", {x, net.node("Sigmoid", {"c3"}, "s")}, "r");
       })},
      {"pad", around(
                  [](ModelBuilder& net, const std::string& x) {
                    net.node("Pad", {x, net.integers("pads", {0, 1, 0, 0, 0, 1, 0, 0})}, "p");
                    net.node("Conv", {x, net.weight("w3", {8, 6, 1, 1})}, "c3");
                    return net.node("Add", {"p", "c3"}, "r");
                  },
                  8)},
      {"slice", around(
                    [](ModelBuilder& net, const std::string& x) {
                      return net.node("Slice",
                                      {x, net.integers("s", {0}), net.integers("e", {6}),
                                       net.integers("a", {1}), net.integers("t", {2})},
                                      "r");
                    },
                    3)},
      {"space", around([](ModelBuilder& net, const std::string& x) {
         net.node("SpaceToDepth", {x}, "s", {{"blocksize", std::int64_t{2}}});
         return net.node("DepthToSpace", {"s"}, "r", {{"blocksize", std::int64_t{2}}});
       })},
      {"prelu", around([](ModelBuilder& net, const std::string& x) {
         return net.node("PRelu", {x, net.weight("slope", {6, 1, 1})}, "r");
       })},
      {"transposed", around(
                         [](ModelBuilder& net, const std::string& x) {
                           return net.node("ConvTranspose", {x, net.weight("t", {6, 2, 1, 1})}, "r",
                                           {{"group", std::int64_t{2}}});
                         },
                         4)},
  };
}

/// The record that exchanges the classes of two atoms, member by member; empty where they are not alike.
PermutationRecord exchange(const OnnxModel& model, const Coupling& coupling, int a, int b) {
  const auto first = coupling.ties.class_of(a), second = coupling.ties.class_of(b);
  if (first.size() != second.size() || first == second) return {};
  TradingClasses classes;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (coupling.place_of(first[i]) != coupling.place_of(second[i])) return {};
    classes.roles.push_back({first[i], second[i]});
  }
  return record_of(model, coupling, Pattern{}, {{&classes, {1, 0}}});
}

/// A network and the records under which its outputs are wanted.
struct Question {
  std::string name, bytes;
  std::vector<PermutationRecord> records;
  std::vector<std::string> texts;  ///< of each record, for messages
};

/// For each question and record, the largest difference of the outputs, relative to the largest output. All
/// networks run in one process: its start takes longer than they do.
std::vector<std::vector<double>> differences(const InferenceEngine& engine,
                                             const std::vector<Question>& questions) {
  const TemporaryFolder folder;
  std::vector<EngineJob> jobs;
  for (const Question& question : questions) {
    const OnnxModel model = parse(question.bytes);
    const auto inputs = random_inputs(model, 3, 1, 1);
    const auto add = [&](const OnnxModel& version) {
      jobs.push_back({folder.path(std::to_string(jobs.size()) + ".onnx"), {inputs}});
      version.write(jobs.back().model);
    };
    add(model);
    for (const PermutationRecord& record : question.records) {
      OnnxModel changed = parse(question.bytes);
      apply_record(changed, record);
      add(changed);
    }
  }
  const auto answers = engine.run(jobs);
  std::vector<std::vector<double>> result;
  std::size_t at = 0;
  for (const Question& question : questions) {
    const EngineAnswer& original = answers[at++];
    auto& found = result.emplace_back();
    for (std::size_t i = 0; i < question.records.size(); ++i, ++at) {
      EXPECT_EQ(answers[at].error, "") << question.name;
      NumericalProof proof;
      compare_answers(original, answers[at], 0, proof);
      found.push_back(proof.max_abs_difference / proof.max_abs_output);
    }
  }
  return result;
}

/// Every exchange of two channels of one place that coupling does not allow.
Question forbidden_exchanges(const Case& one) {
  const OnnxModel model = parse(one.bytes);
  const Coupling coupling = couple(model.layer_graph());
  std::map<int, int> set_of;
  for (std::size_t s = 0; s < coupling.sets.size(); ++s) {
    for (const auto& role : coupling.sets[s].roles) {
      for (const int atom : role) set_of[atom] = static_cast<int>(s);
    }
  }
  Question question{one.name, one.bytes, {}, {}};
  for (const Place& place : coupling.places) {
    for (int i = 0; i < place.atoms(); ++i) {
      for (int j = i + 1; j < place.atoms(); ++j) {
        const int a = place.first_atom + i, b = place.first_atom + j;
        if (i / place.length != j / place.length) continue;  // the axis is permuted inside of blocks
        if (set_of.count(a) > 0 && set_of.count(b) > 0 && set_of[a] == set_of[b]) continue;
        PermutationRecord record = exchange(model, coupling, a, b);
        if (record.axes.empty()) continue;
        question.records.push_back(std::move(record));
        question.texts.push_back(
            fmt::format("{}[{}] {} {}", model.constant(place.constant).name, place.axis, i, j));
      }
    }
  }
  return question;
}

TEST(Completeness, EveryExchangeThatIsForbiddenChangesTheFunction) {
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  std::vector<Question> questions;
  for (const Case& one : cases()) questions.push_back(forbidden_exchanges(one));
  const auto found = differences(*engine, questions);
  for (std::size_t q = 0; q < questions.size(); ++q) {
    EXPECT_FALSE(found[q].empty()) << questions[q].name;
    for (std::size_t i = 0; i < found[q].size(); ++i) {
      EXPECT_GT(found[q][i], 1e-4) << questions[q].name << ": " << questions[q].texts[i];
    }
  }
}

TEST(Completeness, AWrongCouplingIsCaught) {
  const auto engine = find_test_engine();
  if (!engine) GTEST_SKIP() << InferenceEngine::advice();
  std::vector<Question> questions;
  std::size_t mutants = 0;
  for (const Case& one : cases()) {
    const OnnxModel model = parse(one.bytes);
    const PermutationRecord whole = random_record(model, couple(model.layer_graph()), 1);
    Question question{one.name, one.bytes, {whole}, {"all of it"}};
    for (std::size_t axis = 0; axis < whole.axes.size(); ++axis) {
      PermutationRecord mutant = whole;
      mutant.axes.erase(mutant.axes.begin() + static_cast<std::ptrdiff_t>(axis));
      question.records.push_back(std::move(mutant));
      question.texts.push_back(fmt::format("without {}[{}]", whole.axes[axis].tensor, whole.axes[axis].axis));
    }
    mutants += whole.axes.size();
    questions.push_back(std::move(question));
  }
  EXPECT_GT(mutants, 30U);
  const auto found = differences(*engine, questions);
  for (std::size_t q = 0; q < questions.size(); ++q) {
    EXPECT_LT(found[q][0], 1e-5) << questions[q].name;
    for (std::size_t i = 1; i < found[q].size(); ++i) {
      EXPECT_GT(found[q][i], 1e-4) << questions[q].name << " " << questions[q].texts[i];
    }
  }
}

}  // namespace
}  // namespace nmperm::testing
