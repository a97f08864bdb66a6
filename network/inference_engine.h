// ONNX Runtime as a helper process: an inference engine that this project did not write.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "network/layer_graph.h"

namespace nmperm {

/// A tensor that goes into or comes out of the engine, elements as the engine stores them (little-endian).
struct EngineTensor {
  std::string name;
  std::string type;  ///< "float32", "float64", "float16", "int64", "int32", "bool", ...
  Shape dims;
  std::vector<std::byte> bytes;
};

/// A model and the lists of inputs that it is run on.
struct EngineJob {
  std::string model;  ///< path
  std::vector<std::vector<EngineTensor>> runs;
};

/// Outputs [run][output]; or why the model did not run.
struct EngineAnswer {
  std::string error;
  std::vector<std::vector<EngineTensor>> outputs;
};

/// Runs models with graph optimisation switched off. The process is started for each call and ends with it;
/// files are exchanged in a temporary folder that is removed.
class InferenceEngine {
 public:
  /// Looks for Node's `onnxruntime-node` in the folder that the environment variable NMPERM_ONNXRUNTIME
  /// names, in `folders` and where Node itself looks, then for Python's `onnxruntime`. Null where there is
  /// none, or where NMPERM_ONNXRUNTIME is "none". Takes some tenths of a second.
  static std::optional<InferenceEngine> find(const std::vector<std::string>& folders);
  /// How to get one, in one line.
  static std::string advice();

  /// "onnxruntime 1.20.1"
  const std::string& name() const { return name_; }

  /// Runs all jobs in one process; one answer each. Throws InputError where the process cannot be started or
  /// fails.
  std::vector<EngineAnswer> run(const std::vector<EngineJob>& jobs) const;

 private:
  std::vector<std::string> command_;  ///< without the request's path
  std::string script_;                ///< that the command runs
  std::string name_;
};

}  // namespace nmperm
