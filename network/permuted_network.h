// A whole network from search to proof: what every importer and every caller does alike.
#pragma once

#include <string>
#include <vector>

#include "network/apply.h"
#include "network/group_exchange.h"
#include "network/report.h"
#include "network/verify.h"

namespace nmperm {

/// A network whose sets were searched and whose channels have moved. Proofs that fail are CheckErrors about
/// `subject`, a file or a model as the user knows it.
class PermutedNetwork {
 public:
  /// Plans, searches all sets, moves the channels, and compares every tensor bit for bit. Throws InputError,
  /// CheckError. Memory: the network twice.
  PermutedNetwork(OnnxModel original, const std::string& subject, const Pattern& pattern,
                  const PruningRule& rule, const Solver& solver, const NetworkSearch& search);
  PermutedNetwork(const PermutedNetwork&) = delete;
  PermutedNetwork& operator=(const PermutedNetwork&) = delete;

  /// Runs both networks on the same random inputs; the original is also on disk as `path`. Throws CheckError,
  /// and UnsupportedError where the engine does not run this network.
  void compare_outputs(const InferenceEngine& engine, const std::string& path,
                       const NumericalOptions& options);
  /// Enters what the caller found when it ran the networks itself.
  void set_outputs(NumericalProof proof) { outputs_ = std::move(proof); }

  /// Multiplies every selected weight in compressed form, writes zeros where the pattern prunes, and compares
  /// again. Throws InputError, CheckError.
  void prune();

  const OnnxModel& model() const { return permuted_; }
  const PermutationRecord& record() const { return record_; }
  /// Refers to this object. `name` is that of the model.
  NetworkReport report(const std::string& name) const;

 private:
  StructuralProof require_equal() const;

  OnnxModel original_;
  std::string subject_;
  Scoring scoring_;
  NetworkPlan plan_;
  GroupExchange groups_;
  std::vector<SetResult> results_;
  PermutationRecord record_;
  OnnxModel permuted_;
  Magnitude magnitude_;
  std::optional<StructuralProof> structure_;
  std::optional<NumericalProof> outputs_;
  std::vector<SparseProductCheck> products_;
};

}  // namespace nmperm
