#include "apps/engine_search.h"

#include <filesystem>

namespace nmperm {

std::optional<InferenceEngine> find_engine() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return InferenceEngine::find({});
  return InferenceEngine::find({(program.parent_path() / "onnxruntime").string()});
}

}  // namespace nmperm
