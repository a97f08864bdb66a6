#include "network/apply.h"

#include <map>
#include <set>

#include "core/error.h"
#include "network/constant_view.h"
#include "network/element_scores.h"
#include "network/weight_matrix.h"

namespace nmperm {

std::vector<int> moved_atoms(const Coupling& coupling, const std::vector<ChannelOrder>& orders) {
  std::vector<int> from = identity_permutation(coupling.ties.atom_count());
  std::vector<int> before;
  for (const ChannelOrder& channels : orders) {
    for (const std::vector<int>& atoms : channels.classes->roles) {
      before.clear();
      for (const int atom : atoms) before.push_back(from[static_cast<std::size_t>(atom)]);
      for (std::size_t i = 0; i < atoms.size(); ++i) {
        from[static_cast<std::size_t>(atoms[i])] = before[static_cast<std::size_t>(channels.order[i])];
      }
    }
  }
  return from;
}

PermutationRecord record_of(const OnnxModel& model, const Coupling& coupling, const Pattern& pattern,
                            const std::vector<ChannelOrder>& orders) {
  const std::vector<int> from = moved_atoms(coupling, orders);
  PermutationRecord record;
  record.pattern = pattern;
  for (const Place& place : coupling.places) {
    Permutation permutation(static_cast<std::size_t>(place.atoms()));
    for (std::size_t i = 0; i < permutation.size(); ++i) {
      const std::int64_t old = from[static_cast<std::size_t>(place.first_atom) + i] - place.first_atom;
      const auto block = static_cast<std::int64_t>(i) / place.length;  // where whole blocks moved, its own
      permutation[i] = static_cast<int>(block * place.length + old % place.length);
    }
    if (permutation == identity_permutation(static_cast<int>(permutation.size()))) continue;
    record.axes.push_back({model.constant(place.constant).name, place.axis, place.outer_axis,
                           place.outer_block, place.outer_count, std::move(permutation)});
  }
  return record;
}

Permutation channel_order(const PermutableSet& set, const Permutation& columns) {
  Permutation order = identity_permutation(set.channels());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    order[static_cast<std::size_t>(set.columns[i])] = set.columns[static_cast<std::size_t>(columns[i])];
  }
  return order;
}

namespace {

void permute_constants(OnnxModel& model, const PermutationRecord& record) {
  std::set<std::string> names;
  for (const AxisPermutation& axis : record.axes) names.insert(axis.tensor);
  for (const std::string& name : names) {
    const int index = model.find_constant(name);
    model.replace_constant(index,
                           permuted_bytes(model.constant(index), ConstantView(model, index).bytes(), record));
  }
}

}  // namespace

void apply_record(OnnxModel& model, const PermutationRecord& record) {
  if (model.metadata(kRecordKey)) {
    throw InputError(model.path(), "metadata", "the model is permuted already", "apply --undo first");
  }
  permute_constants(model, record);
  model.set_metadata(kRecordKey, to_json(record));
}

void prune_weights(OnnxModel& model, PermutationRecord& record, const NetworkPlan& plan,
                   const Scoring& scoring) {
  record.criterion = scoring.criterion().info().name;
  for (const PlannedWeight& weight : plan.weights) {
    if (!weight.selected) continue;
    const StoredConstant& constant = model.constant(weight.weight.constant);
    const int axis = input_axis(plan.coupling, weight.weight, constant.dims);
    auto bytes = model.constant_bytes(weight.weight.constant);
    const std::string subject = model.path() + ":" + constant.name;
    const auto scores = element_scores(constant, bytes, axis, record, scoring, subject);
    prune_bytes(constant, axis, record.pattern, scores, bytes, subject);
    model.replace_constant(weight.weight.constant, std::move(bytes));
    record.pruned.push_back({constant.name, axis});
  }
  model.set_metadata(kRecordKey, to_json(record));
}

void undo(OnnxModel& model) {
  const auto record = read_record(model);
  if (!record) {
    throw InputError(model.path(), "metadata", "holds no permutations to undo",
                     "a file that nmperm apply wrote");
  }
  permute_constants(model, inverse(*record));
  model.set_metadata(kRecordKey, std::nullopt);
}

Magnitude network_magnitude(const OnnxModel& model, const OnnxModel& permuted, const NetworkPlan& plan,
                            const Scoring& scoring) {
  const PermutationRecord record = read_record(permuted).value_or(PermutationRecord());
  Magnitude sum;
  for (const PlannedWeight& weight : plan.weights) {
    if (!weight.selected) continue;
    const auto reference = [&](const OnnxModel& m, const PermutationRecord& r) {
      const StoredConstant& constant = m.constant(weight.weight.constant);
      const int axis = input_axis(plan.coupling, weight.weight, constant.dims);
      const ScoreMatrix scores = score_matrix(constant, ConstantView(m, weight.weight.constant).bytes(), axis,
                                              r, scoring, m.path() + ":" + constant.name);
      return reference_magnitude(scores, plan.pattern);
    };
    const Magnitude before = reference(model, {});
    sum.total += before.total;
    sum.default_kept += before.default_kept;
    sum.row_bound += before.row_bound;
    sum.kept += reference(permuted, record).default_kept;
  }
  return sum;
}

}  // namespace nmperm
