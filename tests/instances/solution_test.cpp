#include "instances/solution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "instances/fingerprint.h"
#include "instances/generators.h"
#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal;
using testing::TemporaryFolder;
using Json = nlohmann::json;

Problem problem_of(std::uint32_t seed = 1, Pattern pattern = {}, std::vector<int> segments = {8, 4}) {
  return Problem(random_scores(10, 12, seed), pattern, Segments(std::move(segments)));
}

Solution solution_of(const Problem& problem) {
  Result result;
  result.permutation = {3, 1, 7, 0, 5, 2, 4, 6, 11, 10, 9, 8};
  result.magnitude = problem.evaluate(result.permutation);
  result.bound = Bound{problem.magnitude().row_bound, "row-bound"};
  result.gap = result.magnitude.gap(result.bound->kept);
  result.status = Status::kTimeLimit;
  result.solver = "stripe-groups";
  result.options = {{"pass", "single"}, {"stripe-group-size", "8"}};
  result.seed = 18446744073709551615u;
  result.threads = 2;
  result.seconds = 0.1;
  result.trace = {{0.001, 1.0 / 3, {}, "identity"}, {0.002, 2.0 / 3, 7.5, "stripe-groups"}};
  return make_solution("random:10x12:1", problem, std::move(result));
}

Json document() {
  return Json::parse(to_json(solution_of(problem_of())));
}

Solution parsed(const Json& json) {
  const std::string text = json.dump();
  return parse_solution(*open_memory("s.json", std::as_bytes(std::span(text))));
}

/// The message with which a solution is refused after `pointer` has been set to `value`.
std::string refused(const std::string& pointer, const Json& value) {
  Json json = document();
  json[Json::json_pointer(pointer)] = value;
  const std::string message = refusal([&] { parsed(json); });
  EXPECT_THAT(message, HasSubstr("s.json: "));
  return message;
}

TEST(Solution, IsReadBackToTheLastDigit) {
  const TemporaryFolder folder;
  const Solution written = solution_of(problem_of());
  write_solution(folder.path("s.json"), written);
  EXPECT_THAT(folder.names(), ElementsAre("s.json"));
  const Solution read = read_solution(folder.path("s.json"));
  EXPECT_EQ(read.instance_name, written.instance_name);
  EXPECT_EQ(read.rows, 10);
  EXPECT_EQ(read.columns, 12);
  EXPECT_EQ(read.sha256, written.sha256);
  EXPECT_EQ(read.pattern, written.pattern);
  EXPECT_EQ(read.segments, written.segments);
  EXPECT_EQ(read.efficacy, written.efficacy);
  EXPECT_EQ(read.result.permutation, written.result.permutation);
  EXPECT_EQ(read.result.magnitude.total, written.result.magnitude.total);
  EXPECT_EQ(read.result.magnitude.default_kept, written.result.magnitude.default_kept);
  EXPECT_EQ(read.result.magnitude.row_bound, written.result.magnitude.row_bound);
  EXPECT_EQ(read.result.magnitude.kept, written.result.magnitude.kept);
  EXPECT_EQ(read.result.bound->kept, written.result.bound->kept);
  EXPECT_EQ(read.result.bound->method, "row-bound");
  EXPECT_EQ(read.result.gap, written.result.gap);
  EXPECT_EQ(read.result.status, Status::kTimeLimit);
  EXPECT_EQ(read.result.solver, "stripe-groups");
  EXPECT_EQ(read.result.options, written.result.options);
  EXPECT_EQ(read.result.seed, written.result.seed);
  EXPECT_EQ(read.result.threads, 2);
  EXPECT_EQ(read.result.seconds, 0.1);
  ASSERT_EQ(read.result.trace.size(), 2u);
  EXPECT_EQ(read.result.trace[0].kept, 1.0 / 3);
  EXPECT_FALSE(read.result.trace[0].bound);
  EXPECT_EQ(read.result.trace[1].bound, 7.5);
  EXPECT_EQ(read.result.trace[1].source, "stripe-groups");
}

TEST(Solution, HasTheFieldsOfTheContract) {
  const Json json = document();
  EXPECT_EQ(json["format"], "nmperm-solution");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["instance"]["sha256"], fingerprint(random_scores(10, 12, 1)));
  EXPECT_EQ(json["pattern"], "2:4");
  EXPECT_EQ(json["segments"], Json::array({8, 4}));
  EXPECT_EQ(json["permutation"][0], 3);
  EXPECT_EQ(json["status"], "time_limit");
  EXPECT_TRUE(json["bound"]["certificate"].is_null());
  EXPECT_TRUE(json["options"].is_object());
  EXPECT_TRUE(json["trace"][0]["bound"].is_null());
}

TEST(Solution, WritesNullWhereNothingIsKnown) {
  const Problem problem(random_scores(3, 4, 1));  // one group: every permutation keeps the row bound
  Result result;
  result.permutation = {0, 1, 2, 3};
  result.magnitude = problem.magnitude();
  const Json json = Json::parse(to_json(make_solution("w.npy", problem, result)));
  EXPECT_TRUE(json["efficacy"].is_null());
  EXPECT_TRUE(json["bound"].is_null());
  EXPECT_TRUE(json["gap"].is_null());
  EXPECT_TRUE(json["options"].is_object());
  EXPECT_TRUE(json["trace"].is_array());
  EXPECT_FALSE(parsed(json).result.bound);
  EXPECT_FALSE(parsed(json).efficacy);
}

TEST(Solution, TakesNamesThatAreNotUtf8) {
  Solution solution = solution_of(problem_of());
  solution.instance_name = "caf\xe9.npy";
  EXPECT_TRUE(Json::accept(to_json(solution)));
}

TEST(Solution, IgnoresUnknownFields) {
  Json json = document();
  json["comment"] = {{"by", "hand"}};
  json["magnitude"]["more"] = 1;
  EXPECT_NO_THROW(parsed(json));
}

TEST(BadSolution, MissingOrUnwritableFile) {
  EXPECT_THAT(refusal([] { read_solution("no/such/s.json"); }),
              HasSubstr("no/such/s.json: cannot be opened"));
  EXPECT_THAT(refusal([] { write_solution("no/such/s.json", solution_of(problem_of())); }),
              HasSubstr("no/such/s.json: cannot be written"));
}

TEST(BadSolution, EveryTruncation) {
  const std::string text = document().dump();
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto source = open_memory("s.json", std::as_bytes(std::span(text)).first(size));
    EXPECT_THAT(refusal([&] { parse_solution(*source); }), HasSubstr("malformed JSON")) << size;
  }
}

TEST(BadSolution, EveryMissingField) {
  const Json flat = document().flatten();
  for (const auto& item : flat.items()) {
    const Json::json_pointer pointer(item.key());
    if (pointer.parent_pointer() == Json::json_pointer("/options") || pointer.back() == "source") continue;
    Json json = document();
    Json& parent = json[pointer.parent_pointer()];
    if (!parent.is_object()) continue;
    parent.erase(pointer.back());
    EXPECT_THAT(refusal([&] { parsed(json); }), HasSubstr("has no '" + pointer.back() + "'"));
  }
}

TEST(BadSolution, EveryFieldOfAnotherType) {
  const Json flat = document().flatten();
  for (const auto& item : flat.items()) {
    EXPECT_FALSE(refused(item.key(), item.value().is_boolean() ? Json("x") : Json(true)).empty())
        << item.key();
  }
}

TEST(BadSolution, AnotherFormatOrVersion) {
  EXPECT_THAT(refused("/format", "other"),
              HasSubstr("s.json: format: is no solution (expected nmperm-solution)"));
  EXPECT_THAT(refused("/version", 2), HasSubstr("version: is of an unknown version (expected 1)"));
}

TEST(BadSolution, NoPermutation) {
  EXPECT_THAT(refused("/permutation/4", 3), HasSubstr("permutation[4]: column 3 stands at position 0 too"));
  EXPECT_THAT(refused("/permutation/4", 12), HasSubstr("permutation[4]: column 12 does not exist"));
  EXPECT_THAT(refused("/permutation/4", -1), HasSubstr("permutation[4]: is -1"));
  EXPECT_THAT(refused("/permutation/4", 4294967296), HasSubstr("permutation[4]: is 4294967296"));
  EXPECT_THAT(refused("/permutation/4", 1.5), HasSubstr("permutation[4]: is 1.5"));
  EXPECT_THAT(refused("/permutation", Json::array({0, 1})),
              HasSubstr("permutation: has 2 entries (expected 12"));
  EXPECT_THAT(refused("/permutation", {11, 1, 7, 0, 5, 2, 4, 6, 3, 10, 9, 8}),
              HasSubstr("permutation[0]: column 11 of segment 1 stands in segment 0"));
}

TEST(BadSolution, PatternAndSegmentsThatCannotBe) {
  EXPECT_THAT(refused("/pattern", "4:2"), HasSubstr("pattern: is no N:M pattern"));
  EXPECT_THAT(refused("/pattern", "two"), HasSubstr("pattern: is no N:M pattern"));
  EXPECT_THAT(refused("/segments", {8, 8}), HasSubstr("segments"));
  EXPECT_THAT(refused("/segments", {6, 6}), HasSubstr("segments"));
  EXPECT_THAT(refused("/segments", Json::array()), HasSubstr("segments"));
  EXPECT_THAT(refused("/segments/0", 0), HasSubstr("segments[0]: is 0"));
}

TEST(BadSolution, FiguresThatCannotBe) {
  EXPECT_THAT(refused("/magnitude/kept", -1.0), HasSubstr("magnitude.kept: is negative"));
  EXPECT_THAT(refused("/seconds", -1), HasSubstr("seconds: is negative"));
  EXPECT_THAT(refused("/threads", 0), HasSubstr("threads: is 0"));
  EXPECT_THAT(refused("/seed", -1), HasSubstr("seed: is -1"));
  EXPECT_THAT(refused("/status", "great"), HasSubstr("status: is no known status"));
  EXPECT_THAT(refused("/instance/rows", 0), HasSubstr("instance.rows: is 0"));
  EXPECT_THAT(refused("/instance/sha256", "abc"), HasSubstr("instance.sha256: is no SHA-256"));
}

TEST(Solution, NamesItsCertificate) {
  Solution written = solution_of(problem_of());
  written.certificate_file = "proofs/s.certificate.json";
  const Json json = Json::parse(to_json(written));
  EXPECT_EQ(json["bound"]["certificate"], "proofs/s.certificate.json");
  EXPECT_EQ(parsed(json).certificate_file, "proofs/s.certificate.json");
  EXPECT_EQ(parsed(json).result.bound->certificate, nullptr);
  EXPECT_EQ(parsed(document()).certificate_file, "");
}

TEST(BadSolution, CertificateThatIsNoFileName) {
  EXPECT_THAT(refused("/bound/certificate", {{"duals", "duals.json"}}),
              HasSubstr("bound.certificate: is an object (expected a string)"));
  EXPECT_THAT(refused("/bound/certificate", ""), HasSubstr("bound.certificate: names no file"));
  EXPECT_THAT(refused("/bound/certificate", std::string("a\0b", 3)),
              HasSubstr("bound.certificate: names no file"));
}

TEST(RequireSameInstance, TakesItsOwnAndNoOther) {
  const Problem problem = problem_of();
  const Solution solution = solution_of(problem);
  EXPECT_NO_THROW(require_same_instance(solution, problem, "s.json"));
  EXPECT_THAT(refusal([&] { require_same_instance(solution, problem_of(2), "s.json"); }),
              HasSubstr("s.json: instance.sha256: solution of another instance (random:10x12:1"));
  const Problem larger(random_scores(10, 16, 1));
  EXPECT_THAT(refusal([&] { require_same_instance(solution, larger, "s.json"); }),
              HasSubstr("solution of another instance (random:10x12:1, 10 x 12) (expected 10 x 16)"));
  EXPECT_THAT(refusal([&] {
                require_same_instance(solution, problem_of(1, {1, 4}), "s.json");
              }),
              HasSubstr("s.json: pattern: solution for pattern 2:4 (expected 1:4)"));
  EXPECT_THAT(refusal([&] {
                require_same_instance(solution, problem_of(1, {}, {4, 8}), "s.json");
              }),
              HasSubstr("s.json: segments: solution for segments 8,4 (expected 4,8)"));
}

TEST(ReadStart, IsThePermutationOfTheSameInstance) {
  const TemporaryFolder folder;
  const Problem problem = problem_of();
  write_solution(folder.path("s.json"), solution_of(problem));
  EXPECT_EQ(read_start(folder.path("s.json"), problem), solution_of(problem).result.permutation);
  EXPECT_THAT(refusal([&] { read_start(folder.path("s.json"), problem_of(2)); }),
              HasSubstr("another instance"));
}

}  // namespace
}  // namespace nmperm
