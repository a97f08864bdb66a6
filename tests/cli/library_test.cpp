// `library`: values enter only when they are checked. Works on a small library of its own.
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "core/problem.h"
#include "instances/certificate_json.h"
#include "instances/generators.h"
#include "tests/cli/cli_fixture.h"
#include "tests/instances/plain_prover.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kNothing[] = "nothing better";

class CliLibrary : public Cli {
 protected:
  CliLibrary() {
    std::filesystem::create_directories(path("library"));
    json list = {{"format", "nmperm-library"}, {"version", 1}, {"instances", json::array()}};
    for (const int seed : {1, 2}) list["instances"].push_back(entry_of(fmt::format("small-{}", seed), seed));
    list["instances"][1]["part"] = "reporting";
    write("library/library.json", list.dump());
    ::setenv("NMPERM_LIBRARY", path("library").c_str(), 1);
  }
  ~CliLibrary() override { ::unsetenv("NMPERM_LIBRARY"); }

  static json entry_of(const std::string& name, int seed) {
    const std::string source = fmt::format("random:16x8:{}", seed);
    const json info = json::parse(expect_done({"info", source, "--json"}));
    return {{"name", name}, {"part", "tuning"}, {"kind", "random"}, {"pattern", "2:4"},
            {"rows", 16},   {"columns", 8},     {"source", source}, {"sha256", info["instance"]["sha256"]}};
  }

  /// Solves into FILE, with a proof where the solver is `exhaustive`.
  std::string solution(const std::string& file, const std::string& instance, const std::string& solver) {
    json found = solve({instance, "--solver", solver});
    if (solver == "exhaustive") {
      const Problem problem(random_scores(16, 8, 1));
      const double kept = found["magnitude"]["kept"].get<double>();
      found["bound"]["certificate"] = file + ".certificate.json";
      write(file + ".certificate.json",
            to_json(make_certificate_file(problem, kept, nmperm::testing::plain_certificate(problem))));
    }
    return write(file, found.dump());
  }

  json best_known(std::size_t entry = 0) const {
    return read_json(path("library/best_known.json"))["entries"][entry];
  }
  void edit(const std::function<void(json&)>& change) const {
    json document = read_json(path("library/best_known.json"));
    change(document["entries"][0]);
    write("library/best_known.json", document.dump());
  }
};

TEST_F(CliLibrary, ListsItsInstances) {
  const std::string text = expect_done({"library", "list"});
  EXPECT_THAT(text, HasSubstr("small-1"));
  EXPECT_THAT(text, HasSubstr("small-2"));
  EXPECT_EQ(expect_done({"library", "list", "--part", "reporting", "--names"}), "library:small-2\n");
  EXPECT_EQ(expect_done({"library", "list", "--pattern", "1:4", "--names"}), "");
  EXPECT_THAT(expect_done({"library", "list", "--markdown"}), HasSubstr("| `small-1` | 16 x 8 |"));
}

TEST_F(CliLibrary, TakesTheFirstValueAndOnlyBetterOnesAfterIt) {
  const std::string identity = solution("i.json", "library:small-1", "identity");
  EXPECT_THAT(expect_done({"library", "update", identity}), HasSubstr("better value"));
  EXPECT_FALSE(best_known()["optimal"].get<bool>());
  EXPECT_TRUE(best_known()["bound"].is_null());
  EXPECT_THAT(expect_done({"library", "update", identity}), HasSubstr(kNothing));

  const std::string optimum = solution("o.json", "random:16x8:1", "exhaustive");
  EXPECT_THAT(expect_done({"library", "update", optimum}), HasSubstr("better value and bound"));
  EXPECT_EQ(best_known()["magnitude"]["kept"], read_json(optimum)["magnitude"]["kept"]);
  EXPECT_TRUE(best_known()["optimal"].get<bool>());
  EXPECT_EQ(best_known()["bound"]["certificate"], "certificates/small-1.json");
  EXPECT_TRUE(exists(path("library/certificates/small-1.json")));
  EXPECT_THAT(expect_done({"library", "update", identity}), HasSubstr(kNothing));
  EXPECT_THAT(expect_done({"library", "check"}), AllOf(HasSubstr("small-1"), Not(HasSubstr("left out"))));
  EXPECT_THAT(expect_done({"library", "check", "--most-groups", "70"}), Not(HasSubstr("left out")));
  EXPECT_THAT(expect_done({"library", "check", "--most-groups", "69"}),
              HasSubstr("ok, its certificate left out"));
  EXPECT_THAT(expect_done({"library", "list"}), HasSubstr("optimal"));
}

TEST_F(CliLibrary, TakesAPermutationAlone) {
  const std::string identity = solution("i.json", "library:small-1", "identity");
  expect_done({"library", "update", identity});
  const json optimum = solve({"library:small-1", "--solver", "exhaustive"});
  const json bare = {{"format", "nmperm-permutation"},
                     {"version", 1},
                     {"instance", "small-1"},
                     {"solver", "pen and paper"},
                     {"permutation", optimum["permutation"]}};
  EXPECT_THAT(expect_done({"library", "update", write("b.json", bare.dump())}), HasSubstr("better value"));
  EXPECT_EQ(best_known()["magnitude"], optimum["magnitude"]);
  EXPECT_EQ(best_known()["solver"], "pen and paper");
  EXPECT_TRUE(best_known()["bound"].is_null());
  EXPECT_THAT(expect_done({"library", "update", path("b.json")}), HasSubstr(kNothing));

  const auto refused = [&](const char* member, const json& value, const std::vector<std::string>& parts) {
    json wrong = bare;
    wrong[member] = value;
    expect_error({"library", "update", write("w.json", wrong.dump())}, 2, parts);
  };
  refused("instance", "small-3", {"library:small-3", "is not in the library"});
  refused("permutation", {0, 1, 2}, {"w.json"});
  refused("solver", "", {"w.json", "solver", "names nobody"});
  refused("version", 2, {"w.json", "version"});
  refused("format", "nmperm-permutations", {"w.json", "format"});
}

TEST_F(CliLibrary, TakesTheBestOfResults) {
  expect_done({"compare", "library:small-2", "random:16x8:1", "random:16x8:3", "--solvers",
               "identity,exhaustive", "--quiet", "--output", path("r.json")});
  const std::vector<std::string> lines = split(expect_done({"library", "update", path("r.json")}));
  ASSERT_EQ(lines.size(), 2U);
  for (const std::size_t entry : {0U, 1U}) {
    EXPECT_THAT(lines[entry], HasSubstr("better value"));
    EXPECT_EQ(best_known(entry)["solver"], "exhaustive");
    EXPECT_TRUE(best_known(entry)["bound"].is_null()) << "a results file has no certificate";
  }
  json results = read_json(path("r.json"));
  for (json& run : results["runs"]) run["magnitude"]["kept"] = run["magnitude"]["kept"].get<double>() + 0.01;
  const std::string before = read_file(path("library/best_known.json"));
  expect_error({"library", "update", write("w.json", results.dump())}, 4, {"w.json", "magnitude.kept"});
  EXPECT_EQ(read_file(path("library/best_known.json")), before);
  expect_done({"compare", "random:16x8:3", "--solvers", "identity", "--quiet", "--output", path("o.json")});
  expect_error({"library", "update", path("o.json")}, 2, {"o.json", "no run has a permutation"});
}

TEST_F(CliLibrary, ABoundWithoutAProofIsNoBound) {
  const json found = solve({"library:small-1", "--solver", "exhaustive"});
  ASSERT_EQ(found["status"], "optimal");
  EXPECT_THAT(expect_done({"library", "update", write("s.json", found.dump())}), Not(HasSubstr("bound")));
  EXPECT_TRUE(best_known()["bound"].is_null());
}

TEST_F(CliLibrary, RefusesASolutionOfAnotherInstance) {
  const std::string other = solution("s.json", "random:16x8:3", "identity");
  expect_error({"library", "update", other}, 2, {"s.json", "another instance", "random:16x8:3"});
  const std::string pattern = write("p.json", solve({"library:small-1", "--pattern", "1:4"}).dump());
  expect_error({"library", "update", pattern}, 2, {"p.json", "another instance", "pattern 1:4"});
  EXPECT_FALSE(exists(path("library/best_known.json")));
}

TEST_F(CliLibrary, RefusesWhatIsNotTrue) {
  json boast = read_json(solution("s.json", "library:small-1", "identity"));
  boast["magnitude"]["kept"] = boast["magnitude"]["kept"].get<double>() + 1;
  expect_error({"library", "update", write("s.json", boast.dump())}, 4, {"s.json", "magnitude.kept"});

  const std::string optimum = solution("o.json", "library:small-1", "exhaustive");
  json proof = read_json(path("o.json.certificate.json"));
  proof["proof"][0]["pruned"] = proof["proof"][0]["pruned"].get<std::int64_t>() + 1;
  write("o.json.certificate.json", proof.dump());
  expect_error({"library", "update", optimum}, 4, {"o.json.certificate.json", "proof[0]"});
  expect_error({"library", "update", path("none.json")}, 2, {"none.json"});
  EXPECT_FALSE(exists(path("library/best_known.json")));
}

TEST_F(CliLibrary, NothingBeatsAProvenOptimum) {
  expect_done({"library", "update", solution("o.json", "library:small-1", "exhaustive")});
  const std::string identity = solution("i.json", "library:small-1", "identity");
  const double least = read_json(identity)["magnitude"]["kept"].get<double>();
  edit([&](json& entry) {  // as if a false bound had got in
    const json worst = read_json(identity);
    entry["permutation"] = worst["permutation"];
    entry["magnitude"]["kept"] = least;
    entry["bound"]["kept"] = least;
    entry["bound"]["certificate"] = nullptr;
    entry["gap"] = 0.0;
    entry["optimal"] = true;
  });
  const std::string before = read_file(path("library/best_known.json"));
  expect_error({"library", "update", path("o.json")}, 4, {"o.json", "small-1", "more than the proven bound"});
  EXPECT_EQ(read_file(path("library/best_known.json")), before);

  // Comparisons say so too, and keep what was run.
  const Output output = run_nmperm({"compare", "random:16x8:1", "--solvers", "identity,exhaustive", "--quiet",
                                    "--output", path("r.json")});
  EXPECT_EQ(output.exit_code, 4);
  ASSERT_EQ(split(output.err).size(), 1U) << output.err;
  EXPECT_THAT(output.err, HasSubstr("r.json: random:16x8:1: exhaustive, seed 0 keeps"));
  EXPECT_EQ(read_json(path("r.json"))["runs"].size(), 2U);
}

TEST_F(CliLibrary, CheckFindsEditedValues) {
  expect_done({"library", "update", solution("o.json", "library:small-1", "exhaustive")});
  const std::string good = read_file(path("library/best_known.json"));
  const auto check_after = [&](const std::function<void(json&)>& change) {
    write("library/best_known.json", good);
    edit(change);
    return run_nmperm({"library", "check"});
  };
  const double kept = best_known()["magnitude"]["kept"].get<double>();

  Output output =
      check_after([](json& entry) { std::swap(entry["permutation"][0], entry["permutation"][7]); });
  EXPECT_EQ(output.exit_code, 4) << output.err;
  EXPECT_THAT(output.err, HasSubstr("small-1: magnitude.kept"));
  EXPECT_EQ(split(output.err).size(), 1U);
  EXPECT_THAT(output.out, HasSubstr("WRONG"));

  output = check_after([&](json& entry) { entry["bound"]["kept"] = kept * (1 - 1e-6); });
  EXPECT_EQ(output.exit_code, 4) << output.err;
  EXPECT_THAT(output.err, HasSubstr("small-1: bound.kept"));

  output = check_after([](json& entry) { entry["optimal"] = false; });
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.err, HasSubstr("entries[0].optimal"));

  output = check_after([](json& entry) { entry["permutation"][0] = entry["permutation"][1]; });
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_EQ(split(output.err).size(), 1U) << output.err;

  output = check_after([](json& entry) { entry["bound"]["certificate"] = "certificates/none.json"; });
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.err, HasSubstr("certificates/none.json"));
}

TEST_F(CliLibrary, NamesAreInstancesEverywhere) {
  EXPECT_EQ(solve({"library:small-1", "--solver", "identity"})["instance"]["name"], "library:small-1");
  json list = read_json(path("library/library.json"));
  list["instances"][1]["pattern"] = "1:4";
  write("library/library.json", list.dump());
  EXPECT_EQ(solve({"library:small-2", "--solver", "identity"})["pattern"], "1:4");
  EXPECT_EQ(solve({"library:small-2", "--solver", "identity", "--pattern", "2:4"})["pattern"], "2:4");
  expect_error({"solve", "library:small-3"}, 2, {"library:small-3", "is not in the library", "small-1"});
  expect_error({"library", "check", "small-3"}, 2, {"small-3", "is not in the library"});
  expect_error({"library", "check", "small-2"}, 2, {"small-2", "nothing is known"});
}

TEST_F(CliLibrary, RefusesALibraryThatIsNone) {
  json list = read_json(path("library/library.json"));
  list["instances"][1]["name"] = "small-1";
  write("library/library.json", list.dump());
  expect_error({"library", "list"}, 2, {"library.json", "instances[1].name", "twice"});
  list["instances"][1]["name"] = "../small";
  write("library/library.json", list.dump());
  expect_error({"library", "list"}, 2, {"instances[1].name", "is no name"});
  list["instances"][1] = entry_of("small-2", 2);
  list["instances"][1]["sha256"] = list["instances"][0]["sha256"];
  write("library/library.json", list.dump());
  expect_error({"info", "library:small-2"}, 2, {"library:small-2", "SHA-256"});
  ::setenv("NMPERM_LIBRARY", path("none").c_str(), 1);
  expect_error({"library", "list"}, 2, {"none/library.json"});
}

TEST_F(CliLibrary, RefusesWrongUsage) {
  expect_error({"library"}, 2, {"subcommand"});
  expect_error({"library", "lst"}, 2, {"lst", "unknown subcommand", "list"});
  expect_error({"library", "list", "--prt"}, 2, {"--prt", "--part"});
  expect_error({"library", "list", "--part", "third"}, 2, {"third"});
  expect_error({"library", "list", "--pattern", "4:2"}, 2, {"4:2"});
  expect_error({"library", "update"}, 2, {"SOLUTION"});
}

// The library of this project: an exact method that needs no certificates finds the same optima, and searches
// do not beat what is proven.
TEST(CliProjectLibrary, OptimaAreOptimaAndNotBeaten) {
  constexpr std::size_t kMostExhaustive = 16, kMostColumns = 64;
  const json known = read_json(NMPERM_LIBRARY_FOLDER "/best_known.json");
  int compared = 0;
  for (const json& entry : known["entries"]) {
    const std::size_t columns = entry["permutation"].size();
    if (!entry["optimal"].get<bool>() || columns > kMostColumns) continue;
    const bool exhaustive = columns <= kMostExhaustive;
    const std::string name = "library:" + entry["name"].get<std::string>();
    const json found =
        solve({name, "--solver", exhaustive ? "exhaustive" : "stripe-groups", "--threads", "1"});
    const double kept = found["magnitude"]["kept"].get<double>();
    const double bound = entry["bound"]["kept"].get<double>();
    EXPECT_LE(kept, bound * (1 + 1e-9)) << name;
    if (exhaustive) {
      EXPECT_NEAR(kept, entry["magnitude"]["kept"].get<double>(), 1e-9 * bound) << name;
    }
    ++compared;
  }
  EXPECT_GE(compared, 20);
}

}  // namespace
}  // namespace nmperm::test
