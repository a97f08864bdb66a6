#include "apps/certificate_files.h"

#include <filesystem>

namespace nmperm {
namespace fs = std::filesystem;

std::string certificate_path(const std::string& certificate, const std::string& output) {
  if (!certificate.empty() || output.empty() || output == "-") return certificate;
  std::error_code ignored;  // a file that cannot be examined cannot be written either, and that is said then
  const fs::path path(output);
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) return {};
  return fs::path(path).replace_extension(".certificate.json").string();
}

std::string certificate_name(const std::string& certificate_path, const std::string& output) {
  if (certificate_path.empty() || output.empty() || output == "-") return {};
  const fs::path folder = fs::absolute(output).lexically_normal().parent_path();
  return fs::absolute(certificate_path).lexically_normal().lexically_relative(folder).string();
}

std::string named_certificate(const std::string& solution_path, const std::string& name) {
  return (fs::path(solution_path).parent_path() / name).string();
}

}  // namespace nmperm
