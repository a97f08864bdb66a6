// Do two models compute the same function?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "criteria/scoring.h"
#include "network/inference_engine.h"
#include "network/onnx_model.h"

namespace nmperm {

/// What the comparison of two models' bytes says.
struct StructuralProof {
  /// Every tensor equals the other model's under the recorded permutations, bit for bit, pruned ones but for
  /// the recorded zeros, and nothing else differs. Which elements are zero is recomputed where the criterion
  /// is known; otherwise they must be zero and obey the pattern.
  bool equal = false;
  bool pruned = false;     ///< the models differ in recorded zeros
  std::string difference;  ///< the first difference, in words
};

/// Takes the permutations that either model records back and compares. O(size of the models). `scoring` is
/// what weights were pruned by; magnitudes need none. Throws InputError where a record is broken.
StructuralProof compare_structure(const OnnxModel& a, const OnnxModel& b, const Scoring* scoring = nullptr);

/// What the comparison of outputs says.
struct NumericalProof {
  std::string engine;
  int inputs = 0;
  double max_abs_difference = 0;
  double max_abs_output = 0;
  bool equal = false;  ///< for each output, the difference is at most what is allowed
  /// Largest change of an output by other last bits of the weights; null where it was not needed.
  std::optional<double> max_abs_rounding;
};

/// "largest difference 1e-07, largest output 2 (onnxruntime 1.20.1, 3 inputs)"
std::string describe(const NumericalProof& proof);

struct NumericalOptions {
  int inputs = 3;
  std::uint64_t seed = 0;
  /// Allowed difference, relative to the largest element of each output. Null: 1e-5, for networks in half
  /// precision 1e-2, or where that is more, four times what other last bits of the weights make of the first
  /// network's outputs (at most 1e-3): some networks enlarge rounding.
  std::optional<double> tolerance;
};

/// Runs both models on the same random inputs. `a` and `b` are also on disk under these names.
/// Throws InputError where the engine cannot run the first model, or the two have different inputs or
/// outputs.
NumericalProof compare_outputs(const InferenceEngine& engine, const OnnxModel& a, const std::string& path_a,
                               const OnnxModel& b, const std::string& path_b,
                               const NumericalOptions& options);

/// Adds the comparison of two answers to a proof, each output with a tolerance relative to its largest
/// element. With `rounded`, an answer of the first network with other last bits,
/// NumericalOptions::tolerance's larger differences are allowed too.
void compare_answers(const EngineAnswer& a, const EngineAnswer& b, double tolerance, NumericalProof& proof,
                     const EngineAnswer* rounded = nullptr);

/// Random inputs of a model's declared types and shapes; open dimensions are `batch` on axis 0 and `size` on
/// others, equal names alike. Indices into tables stay inside these.
std::vector<EngineTensor> random_inputs(const OnnxModel& model, std::uint64_t seed, std::int64_t batch,
                                        std::int64_t size);

}  // namespace nmperm
