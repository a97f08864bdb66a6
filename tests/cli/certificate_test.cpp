// `check` proves a bound once more where the solution names a certificate.
#include <filesystem>

#include "apps/certificate_files.h"
#include "instances/certificate_json.h"
#include "instances/generators.h"
#include "tests/cli/cli_fixture.h"
#include "tests/instances/plain_prover.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kInstance = "random:16x8:1";

class CliCertificate : public Cli {
 protected:
  /// A solution whose bound, the optimum, is proven by the file.
  std::string solution_with(const json& certificate) const {
    json solution = solution_;
    solution["bound"]["certificate"] = certificate;
    return write("s.json", solution.dump());
  }
  std::string write_certificate(const json& certificate) const { return write("c.json", certificate.dump()); }

  static CertificateFile certificate_of(const Problem& problem, double kept) {
    return make_certificate_file(problem, kept, nmperm::testing::plain_certificate(problem));
  }

  json solution_ = solve({kInstance, "--solver", "exhaustive"});
  double kept_ = solution_["magnitude"]["kept"].get<double>();
  json certificate_ = json::parse(to_json(certificate_of(Problem(random_scores(16, 8, 1)), kept_)));
};

TEST_F(CliCertificate, IsChecked) {
  write_certificate(certificate_);
  const std::string table = expect_done({"check", kInstance, solution_with("c.json")});
  EXPECT_THAT(table, HasSubstr("(proven by the certificate c.json)"));
  EXPECT_THAT(expect_done({"check", kInstance, solution_with(nullptr)}),
              HasSubstr("(a claim of exhaustive)"));
  EXPECT_EQ(expect_done({"check", kInstance, solution_with("c.json"), "--threads", "1"}), table);
}

TEST_F(CliCertificate, LiesRelativeToTheSolution) {
  write_certificate(certificate_);
  for (const std::string& name : {path("c.json"), std::string("./c.json"), std::string("none/../c.json")}) {
    std::filesystem::create_directories(path("none"));
    EXPECT_THAT(expect_done({"check", kInstance, solution_with(name)}), HasSubstr("proven")) << name;
  }
}

TEST_F(CliCertificate, ThatProvesLessThanItClaimsIsFound) {
  json tampered = certificate_;
  tampered["proof"][0]["pruned"] = tampered["proof"][0]["pruned"].get<std::int64_t>() + 1;
  write_certificate(tampered);
  const Output output = run_nmperm({"check", kInstance, solution_with("c.json")});
  EXPECT_EQ(output.exit_code, 4);
  EXPECT_THAT(output.out, HasSubstr("(not proven by the certificate c.json)"));
  EXPECT_THAT(output.out, HasSubstr("WRONG"));
  EXPECT_EQ(split(output.err).size(), 1U) << output.err;
  EXPECT_THAT(output.err, HasSubstr("c.json: proof[0].nodes["));
}

TEST_F(CliCertificate, ThatProvesLessThanTheSolutionClaimsIsFound) {
  json weaker = certificate_;
  weaker["proof"][0] = {{"pruned", 0}, {"nodes", json::array()}};
  const auto error_of = [&] {
    write_certificate(weaker);
    const Output output = run_nmperm({"check", kInstance, solution_with("c.json")});
    EXPECT_EQ(output.exit_code, 4);
    return output.err;
  };
  EXPECT_THAT(error_of(), HasSubstr("c.json: kept: ")) << "the certificate's own claim";
  weaker["kept"] = solution_["magnitude"]["total"];
  EXPECT_THAT(error_of(), HasSubstr("s.json: bound.kept: "));
}

TEST_F(CliCertificate, OfAnotherInstanceOrNoneIsRefused) {
  const std::string solution = solution_with("c.json");
  expect_error({"check", kInstance, solution}, 2, {"c.json", "cannot be opened"});
  write("c.json", to_json(certificate_of(Problem(random_scores(16, 8, 2)), kept_)));
  expect_error({"check", kInstance, solution}, 2, {"c.json", "instance.sha256"});
  write("c.json", to_json(certificate_of(Problem(random_scores(16, 8, 1), {1, 4}), kept_)));
  expect_error({"check", kInstance, solution}, 2, {"c.json", "pattern"});
  write("c.json", "{}");
  expect_error({"check", kInstance, solution}, 2, {"c.json", "format"});
}

TEST_F(CliCertificate, IsNotWrittenWhereTheSolverHasNone) {
  expect_done({"solve", kInstance, "--solver", "exhaustive", "--quiet", "--output", path("t.json")});
  EXPECT_TRUE(read_json(path("t.json"))["bound"]["certificate"].is_null());
  EXPECT_EQ(count_files(), 1);
}

TEST_F(CliCertificate, MustNotReplaceOtherFiles) {
  expect_error({"solve", kInstance, "--output", path("t.json"), "--certificate", path("t.json")}, 2,
               {"t.json", "two files"});
  expect_error({"solve", kInstance, "--trace", path("t.csv"), "--certificate", path("t.csv")}, 2,
               {"t.csv", "two files"});
  expect_error({"solve", kInstance, "--certificate", "-"}, 2, {"--certificate", "a file name"});
  expect_error({"solve", kInstance, "--certificate", path("no/c.json")}, 2, {"no/c.json"});
  EXPECT_EQ(count_files(), 0);
}

TEST(CertificateFiles, LieBesideTheSolution) {
  EXPECT_EQ(certificate_path("", "out/s.json"), "out/s.certificate.json");
  EXPECT_EQ(certificate_path("", "out/s"), "out/s.certificate.json");
  EXPECT_EQ(certificate_path("", "out.d/conv.1.json"), "out.d/conv.1.certificate.json");
  EXPECT_EQ(certificate_path("c.json", "out/s.json"), "c.json");
  EXPECT_EQ(certificate_path("c.json", ""), "c.json");
  EXPECT_EQ(certificate_path("c.json", "-"), "c.json");
  for (const char* output : {"", "-", "/dev/null"}) EXPECT_EQ(certificate_path("", output), "") << output;
}

TEST(CertificateFiles, AreNamedRelativeToTheSolution) {
  EXPECT_EQ(certificate_name("out/s.certificate.json", "out/s.json"), "s.certificate.json");
  EXPECT_EQ(certificate_name("s.certificate.json", "s.json"), "s.certificate.json");
  EXPECT_EQ(certificate_name("out/proofs/c.json", "out/s.json"), "proofs/c.json");
  EXPECT_EQ(certificate_name("proofs/c.json", "./out/s.json"), "../proofs/c.json");
  for (const char* output : {"", "-"}) EXPECT_EQ(certificate_name("c.json", output), "") << output;
  EXPECT_EQ(certificate_name("", "s.json"), "");
  EXPECT_EQ(named_certificate("out/s.json", "../proofs/c.json"), "out/../proofs/c.json");
  EXPECT_EQ(named_certificate("s.json", "c.json"), "c.json");
  EXPECT_EQ(named_certificate("out/s.json", "/proofs/c.json"), "/proofs/c.json");
}

}  // namespace
}  // namespace nmperm::test
