#include <algorithm>
#include <set>
#include <span>

#include "network/constant_view.h"
#include "network/element_scores.h"
#include "network/permutation_record.h"
#include "network/verify.h"

namespace nmperm {
namespace {

/// A model's elements in the order before any permutation.
class Original {
 public:
  explicit Original(const OnnxModel& model) : model_(model) {
    if (auto record = read_record(model)) {
      forward_ = *record;
      back_ = inverse(*record);
    }
    for (const PrunedAxis& axis : forward_.pruned) pruned_.insert(axis.tensor);
  }

  ConstantView bytes(int index) const {
    ConstantView now(model_, index);
    const StoredConstant& constant = model_.constant(index);
    const auto names = [&](const AxisPermutation& axis) { return axis.tensor == constant.name; };
    if (std::none_of(back_.axes.begin(), back_.axes.end(), names)) return now;
    return ConstantView(permuted_bytes(constant, now.bytes(), back_));
  }
  const PermutationRecord& record() const { return forward_; }
  bool prunes(const std::string& tensor) const { return pruned_.count(tensor) > 0; }

 private:
  const OnnxModel& model_;
  PermutationRecord forward_, back_;
  std::set<std::string> pruned_;
};

/// Scores by which pruning `whole` yields `found` where that obeys the pattern: elements that differ rank
/// last, zeros that stood there before come next.
std::vector<float> scores_of_zeros(const StoredConstant& constant, std::span<const std::byte> whole,
                                   std::span<const std::byte> found) {
  const std::size_t size = size_of(constant.type);
  std::vector<float> scores(found.size() / size);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto element = found.subspan(i * size, size);
    const bool zero = std::ranges::all_of(element, [](std::byte byte) { return byte == std::byte{0}; });
    if (std::ranges::equal(element, whole.subspan(i * size, size))) scores[i] = zero ? 0.5f : 1.0f;
  }
  return scores;
}

/// Whether `found` is what the record makes of `whole`, which is in the original order, and pruning of that.
bool is_pruned_from(const StoredConstant& constant, std::span<const std::byte> whole,
                    std::span<const std::byte> found, const PermutationRecord& record,
                    const Scoring* scoring) {
  std::vector<std::byte> expected = permuted_bytes(constant, whole, record);
  const bool by_magnitude = record.criterion == Criterion().info().name;
  for (const PrunedAxis& axis : record.pruned) {
    if (axis.tensor != constant.name) continue;
    const auto scores = !by_magnitude && scoring == nullptr
                            ? scores_of_zeros(constant, expected, found)
                            : element_scores(constant, expected, axis.axis, record,
                                             by_magnitude ? Scoring() : *scoring, constant.name);
    prune_bytes(constant, axis.axis, record.pattern, scores, expected, constant.name);
  }
  return std::ranges::equal(expected, found);
}

}  // namespace

StructuralProof compare_structure(const OnnxModel& a, const OnnxModel& b, const Scoring* scoring) {
  StructuralProof proof;
  if (a.skeleton_sha256(kRecordKey) != b.skeleton_sha256(kRecordKey)) {
    proof.difference = "they differ outside of their weights";
    return proof;
  }
  const Original first(a), second(b);
  for (int index = 0; index < a.constant_count(); ++index) {
    const StoredConstant& constant = a.constant(index);
    if (!is_floating(constant.type)) continue;  // part of the skeleton
    const bool pruned_a = first.prunes(constant.name), pruned_b = second.prunes(constant.name);
    bool equal = std::ranges::equal(first.bytes(index).bytes(), second.bytes(index).bytes());
    if (!equal && pruned_b && !pruned_a) {
      proof.pruned = equal = is_pruned_from(constant, first.bytes(index).bytes(),
                                            ConstantView(b, index).bytes(), second.record(), scoring);
    } else if (!equal && pruned_a && !pruned_b) {
      proof.pruned = equal = is_pruned_from(constant, second.bytes(index).bytes(),
                                            ConstantView(a, index).bytes(), first.record(), scoring);
    }
    if (equal) continue;
    proof.difference = "tensor '" + constant.name + "' is not the other's under the recorded permutations";
    return proof;
  }
  proof.equal = true;
  return proof;
}

}  // namespace nmperm
