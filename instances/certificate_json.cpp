// The two directions of the certificate file's JSON side by side, so that a member is added to both.
#include "instances/certificate_json.h"

#include <limits>
#include <utility>

#include "instances/json_members.h"
#include "io/atomic_file.h"
#include "io/json.h"

namespace nmperm {
namespace {

using Json = nlohmann::ordered_json;
using Node = Certificate::Node;

constexpr char kFormat[] = "nmperm-certificate";
constexpr char kKind[] = "certificate";
constexpr int kVersion = 1;
constexpr int kMaxInt = std::numeric_limits<int>::max();
/// Every whole number up to this is exact as a double, which is all that many JSON readers have.
constexpr std::int64_t kMaxExact = (std::int64_t{1} << 53) - 1;

Json node_json(const Node& node) {
  Json json = {{"parent", node.parent}};
  if (node.parent >= 0) {
    json["single"] = node.single;
    json["other"] = node.other;
    json["together"] = node.together;
  }
  json["duals"] = node.duals;
  return json;
}

std::string proof_text(const std::vector<Certificate::Segment>& segments) {
  std::string text;
  for (const Certificate::Segment& segment : segments) {
    text += (text.empty() ? "" : ",\n") + ("    {\"pruned\": " + std::to_string(segment.pruned));
    text += ", \"nodes\": [";
    for (std::size_t i = 0; i < segment.nodes.size(); ++i) {
      text += (i == 0 ? "\n      " : ",\n      ") + node_json(segment.nodes[i]).dump();
    }
    text += "]}";
  }
  return "[\n" + text + "]";
}

Node node_of(const JsonValue& value, int columns) {
  Node node;
  node.parent = static_cast<int>(value.at("parent").integer(-1, kMaxInt));
  if (node.parent >= 0) {
    node.single = static_cast<int>(value.at("single").integer(0, columns - 1));
    node.other = static_cast<int>(value.at("other").integer(0, columns - 1));
    node.together = value.at("together").boolean();
  }
  const JsonValue duals = value.at("duals");
  node.duals.resize(duals.array_size());
  for (std::size_t i = 0; i < node.duals.size(); ++i) {
    node.duals[i] = duals.at(i).integer(-kMaxExact, kMaxExact);
  }
  return node;
}

Certificate::Segment segment_of(const JsonValue& value, int columns) {
  Certificate::Segment segment;
  segment.pruned = value.at("pruned").integer(0, kMaxExact);
  const JsonValue nodes = value.at("nodes");
  segment.nodes.reserve(nodes.array_size());
  for (std::size_t i = 0; i < nodes.array_size(); ++i) segment.nodes.push_back(node_of(nodes.at(i), columns));
  return segment;
}

InstanceIdentity instance_of(const JsonValue& root) {
  const JsonValue instance = root.at("instance");
  const int rows = static_cast<int>(instance.at("rows").integer(1, kMaxInt));
  const int columns = static_cast<int>(instance.at("columns").integer(1, kMaxInt));
  const Pattern pattern = pattern_of(root.at("pattern"));
  return {{},      rows,
          columns, sha256_of(instance.at("sha256")),
          pattern, segments_of(root.at("segments"), columns, pattern)};
}

}  // namespace

CertificateFile make_certificate_file(const Problem& problem, double kept, Certificate certificate) {
  return {identity_of({}, problem), kept, std::move(certificate)};
}

std::string to_json(const CertificateFile& file) {
  const InstanceIdentity& instance = file.instance;
  const Json head = {
      {"format", kFormat},
      {"version", kVersion},
      {"instance", {{"rows", instance.rows}, {"columns", instance.columns}, {"sha256", instance.sha256}}},
      {"pattern", instance.pattern.str()},
      {"segments", instance.segments.lengths()},
      {"scale", file.certificate.scale},
      {"kept", file.kept}};
  std::string text = one_line_each(head);
  text.erase(text.rfind("\n}"));
  return text + ",\n  \"proof\": " + proof_text(file.certificate.segments) + "\n}\n";
}

void write_certificate(const std::string& path, const CertificateFile& file) {
  write_file(path, to_json(file));
}

CertificateFile read_certificate(const std::string& path) {
  return parse_certificate(*open_file(path));
}

CertificateFile parse_certificate(const ByteSource& source) {
  const nlohmann::json document = parse_json(json_text(source, kMaxCertificateBytes, kKind), source.name());
  const JsonValue root(document, source.name());
  require_format(root, kFormat, kVersion, kKind);
  CertificateFile file{instance_of(root), nonnegative(root.at("kept")), {}};
  file.certificate.scale = nonnegative(root.at("scale"));
  const JsonValue proof = root.at("proof");
  for (std::size_t s = 0; s < proof.array_size(); ++s) {
    file.certificate.segments.push_back(segment_of(proof.at(s), file.instance.columns));
  }
  return file;
}

void require_same_instance(const CertificateFile& file, const Problem& problem, const std::string& subject) {
  require_same_instance(file.instance, problem, subject, kKind);
}

}  // namespace nmperm
