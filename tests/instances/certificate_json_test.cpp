#include "instances/certificate_json.h"

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

constexpr std::int64_t kMost = 9007199254740991;  // 2^53 - 1

Problem problem_of(std::uint32_t seed = 1, Pattern pattern = {}, std::vector<int> segments = {8, 4}) {
  return Problem(random_scores(10, 12, seed), pattern, Segments(std::move(segments)));
}

CertificateFile file_of(const Problem& problem) {
  Certificate certificate;
  certificate.scale = std::ldexp(1.0, 40);
  certificate.segments = {{kMost,
                           {{-1, -1, -1, false, {1, -2, 3, -4, kMost, -kMost, 0, 8}},
                            {0, 3, 7, true, {}},
                            {0, 3, 7, false, {1, 2, 3, 4, 5, 6, 7, 8}}}},
                          {5, {}}};
  return make_certificate_file(problem, 1.0 / 3, std::move(certificate));
}

Json document() {
  return Json::parse(to_json(file_of(problem_of())));
}

CertificateFile parsed(const Json& json) {
  const std::string text = json.dump();
  return parse_certificate(*open_memory("c.json", std::as_bytes(std::span(text))));
}

std::string refused(const std::string& pointer, const Json& value) {
  Json json = document();
  json[Json::json_pointer(pointer)] = value;
  const std::string message = refusal([&] { parsed(json); });
  EXPECT_THAT(message, HasSubstr("c.json: "));
  return message;
}

TEST(CertificateFile, IsReadBackToTheLastDigit) {
  const TemporaryFolder folder;
  const CertificateFile written = file_of(problem_of());
  write_certificate(folder.path("c.json"), written);
  EXPECT_THAT(folder.names(), ElementsAre("c.json"));
  const CertificateFile read = read_certificate(folder.path("c.json"));
  EXPECT_EQ(read.instance.rows, 10);
  EXPECT_EQ(read.instance.columns, 12);
  EXPECT_EQ(read.instance.sha256, fingerprint(random_scores(10, 12, 1)));
  EXPECT_EQ(read.instance.pattern, Pattern{});
  EXPECT_EQ(read.instance.segments, Segments({8, 4}));
  EXPECT_EQ(read.kept, 1.0 / 3);
  EXPECT_EQ(read.certificate.scale, std::ldexp(1.0, 40));
  ASSERT_EQ(read.certificate.segments.size(), 2u);
  EXPECT_EQ(read.certificate.segments[1].pruned, 5);
  EXPECT_TRUE(read.certificate.segments[1].nodes.empty());
  const Certificate::Segment& segment = read.certificate.segments[0];
  EXPECT_EQ(segment.pruned, kMost);
  ASSERT_EQ(segment.nodes.size(), 3u);
  EXPECT_EQ(segment.nodes[0].parent, -1);
  EXPECT_THAT(segment.nodes[0].duals, ElementsAre(1, -2, 3, -4, kMost, -kMost, 0, 8));
  EXPECT_EQ(segment.nodes[1].parent, 0);
  EXPECT_EQ(segment.nodes[1].single, 3);
  EXPECT_EQ(segment.nodes[1].other, 7);
  EXPECT_TRUE(segment.nodes[1].together);
  EXPECT_TRUE(segment.nodes[1].duals.empty());
  EXPECT_FALSE(segment.nodes[2].together);
}

TEST(CertificateFile, HasTheMembersThatAreDocumented) {
  const Json json = document();
  EXPECT_EQ(json["format"], "nmperm-certificate");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["instance"]["rows"], 10);
  EXPECT_EQ(json["instance"]["columns"], 12);
  EXPECT_EQ(json["instance"]["sha256"], fingerprint(random_scores(10, 12, 1)));
  EXPECT_EQ(json["pattern"], "2:4");
  EXPECT_EQ(json["segments"], Json::array({8, 4}));
  EXPECT_EQ(json["scale"], std::ldexp(1.0, 40));
  EXPECT_EQ(json["kept"], 1.0 / 3);
  EXPECT_EQ(json["proof"][0]["pruned"], kMost);
  EXPECT_EQ(json["proof"][0]["nodes"][0], Json::parse(R"({"parent": -1,
      "duals": [1, -2, 3, -4, 9007199254740991, -9007199254740991, 0, 8]})"));
  EXPECT_EQ(json["proof"][0]["nodes"][1],
            Json::parse(R"({"parent": 0, "single": 3, "other": 7, "together": true, "duals": []})"));
  EXPECT_EQ(json["proof"][1]["nodes"], Json::array());
}

TEST(CertificateFile, IgnoresUnknownMembers) {
  Json json = document();
  json["comment"] = "by hand";
  json["proof"][0]["nodes"][1]["depth"] = 1;
  EXPECT_NO_THROW(parsed(json));
}

TEST(BadCertificateFile, MissingOrUnwritableFile) {
  EXPECT_THAT(refusal([] { read_certificate("no/such/c.json"); }),
              HasSubstr("no/such/c.json: cannot be opened"));
  EXPECT_THAT(refusal([] { write_certificate("no/such/c.json", file_of(problem_of())); }),
              HasSubstr("no/such/c.json: cannot be written"));
}

TEST(BadCertificateFile, EveryTruncation) {
  const std::string text = document().dump();
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto source = open_memory("c.json", std::as_bytes(std::span(text)).first(size));
    EXPECT_THAT(refusal([&] { parse_certificate(*source); }), HasSubstr("malformed JSON")) << size;
  }
}

TEST(BadCertificateFile, EveryMissingMember) {
  for (const char* pointer :
       {"/format", "/version", "/instance", "/instance/rows", "/instance/columns", "/instance/sha256",
        "/pattern", "/segments", "/scale", "/kept", "/proof", "/proof/0/pruned", "/proof/0/nodes",
        "/proof/0/nodes/1/parent", "/proof/0/nodes/1/single", "/proof/0/nodes/1/other",
        "/proof/0/nodes/1/together", "/proof/0/nodes/1/duals"}) {
    const Json::json_pointer place(pointer);
    Json json = document();
    json[place.parent_pointer()].erase(place.back());
    EXPECT_THAT(refusal([&] { parsed(json); }), HasSubstr("has no '" + place.back() + "'")) << pointer;
  }
}

TEST(BadCertificateFile, EveryMemberOfAnotherType) {
  const Json flat = document().flatten();
  for (const auto& item : flat.items()) {
    const Json other = item.value().is_boolean() ? Json("x") : Json(true);
    if (item.value().is_array()) continue;  // an empty one
    EXPECT_FALSE(refused(item.key(), other).empty()) << item.key();
  }
  EXPECT_THAT(refused("/proof/0/nodes/1/duals", 1),
              HasSubstr("proof[0].nodes[1].duals: is 1 (expected an array)"));
  EXPECT_THAT(refused("/proof/1/nodes", 1), HasSubstr("proof[1].nodes: is 1 (expected an array)"));
}

TEST(BadCertificateFile, MembersOutOfRange) {
  EXPECT_THAT(refused("/format", "nmperm-solution"), HasSubstr("format: is no certificate"));
  EXPECT_THAT(refused("/version", 2), HasSubstr("version: is of an unknown version (expected 1)"));
  EXPECT_THAT(refused("/instance/sha256", "abc"), HasSubstr("instance.sha256: is no SHA-256"));
  EXPECT_THAT(refused("/pattern", "4:2"), HasSubstr("pattern: is no N:M pattern"));
  EXPECT_THAT(refused("/segments", {6, 6}), HasSubstr("segments"));
  EXPECT_THAT(refused("/scale", -1), HasSubstr("scale: is negative"));
  EXPECT_THAT(refused("/kept", -1), HasSubstr("kept: is negative"));
  EXPECT_THAT(refused("/proof/0/pruned", -1), HasSubstr("proof[0].pruned: is -1"));
  EXPECT_THAT(refused("/proof/0/pruned", kMost + 1), HasSubstr("proof[0].pruned: is 9007199254740992"));
  EXPECT_THAT(refused("/proof/0/nodes/0/duals/1", 0.5), HasSubstr("proof[0].nodes[0].duals[1]: is 0.5"));
  EXPECT_THAT(refused("/proof/0/nodes/0/duals/1", -kMost - 1), HasSubstr("duals[1]: is -9007199254740992"));
  EXPECT_THAT(refused("/proof/0/nodes/1/parent", -2), HasSubstr("proof[0].nodes[1].parent: is -2"));
  EXPECT_THAT(refused("/proof/0/nodes/1/single", 12), HasSubstr("proof[0].nodes[1].single: is 12"));
  EXPECT_THAT(refused("/proof/0/nodes/1/other", -1), HasSubstr("proof[0].nodes[1].other: is -1"));
}

TEST(CertificateFile, BelongsToItsInstanceAndNoOther) {
  const CertificateFile file = file_of(problem_of());
  EXPECT_NO_THROW(require_same_instance(file, problem_of(), "c.json"));
  const auto refused_by = [&](const Problem& problem) {
    return refusal([&] { require_same_instance(file, problem, "c.json"); });
  };
  EXPECT_THAT(refused_by(problem_of(2)),
              HasSubstr("c.json: instance.sha256: certificate of another instance"));
  EXPECT_THAT(refused_by(Problem(random_scores(10, 16, 1))),
              HasSubstr("c.json: instance: certificate of another instance (10 x 12) (expected 10 x 16)"));
  EXPECT_THAT(refused_by(problem_of(1, {1, 4})),
              HasSubstr("c.json: pattern: certificate for pattern 2:4 (expected 1:4)"));
  EXPECT_THAT(refused_by(problem_of(1, {}, {4, 8})),
              HasSubstr("c.json: segments: certificate for segments 8,4 (expected 4,8)"));
}

}  // namespace
}  // namespace nmperm
