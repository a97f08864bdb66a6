#include "checkpoints/checkpoint_record.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "instances/json_members.h"
#include "io/json.h"

namespace nmperm {
namespace {

constexpr char kFormat[] = "nmperm-checkpoint-record";
constexpr char kKind[] = "record of a permuted checkpoint";
constexpr int kVersion = 1;

std::string record_path(const CheckpointFiles& files) {
  return files.folder() + "/" + kCheckpointRecord;
}

int axis_of(const JsonValue& json) {
  return static_cast<int>(json.at("axis").integer(0, 63));
}

/// The axes along which the channels of a plan's sets stand, sets numbered as in the plan.
std::vector<CheckpointRecord::MovedAxis> moved_axes(const CheckpointFiles& files,
                                                    const CheckpointPlan& plan) {
  std::vector<CheckpointRecord::MovedAxis> axes;
  for (std::size_t p = 0; p < plan.placed.size(); ++p) {
    const PlacedTensor& placed = plan.placed[p];
    for (std::size_t axis = 0; axis < placed.rule->axes.size(); ++axis) {
      const int set = plan.set_along(placed.rule->axes[axis], placed.layer);
      if (set < 0) continue;
      axes.push_back({plan.tensor(files, static_cast<int>(p)).name, static_cast<int>(axis), set});
    }
  }
  return axes;
}

}  // namespace

CheckpointRecord record_of(const CheckpointFiles& files, const CheckpointPlan& plan,
                           const ChannelOrders& orders, const std::vector<bool>& pruned,
                           const std::string& criterion) {
  CheckpointRecord record;
  record.pattern = plan.pattern;
  record.criterion = criterion;
  for (std::size_t p = 0; p < plan.placed.size(); ++p) {
    if (!pruned[p]) continue;
    record.pruned.push_back({plan.tensor(files, static_cast<int>(p)).name, plan.placed[p].rule->input_axis});
  }
  record.tensors = moved_axes(files, plan);
  for (std::size_t s = 0; s < plan.sets.size(); ++s) {
    record.sets.emplace_back(plan.sets[s].name, orders[s]);
  }
  return record;
}

std::string to_json(const CheckpointRecord& record) {
  nlohmann::ordered_json json = {{"format", kFormat},
                                 {"version", kVersion},
                                 {"pattern", record.pattern.str()},
                                 {"criterion", record.criterion},
                                 {"pruned", nlohmann::ordered_json::array()},
                                 {"tensors", nlohmann::ordered_json::array()},
                                 {"sets", nlohmann::ordered_json::array()}};
  for (const auto& [tensor, axis] : record.pruned) {
    json["pruned"].push_back({{"tensor", tensor}, {"axis", axis}});
  }
  for (const auto& [tensor, axis, set] : record.tensors) {
    json["tensors"].push_back({{"tensor", tensor}, {"axis", axis}, {"set", set}});
  }
  for (const auto& [name, permutation] : record.sets) {
    json["sets"].push_back({{"name", name}, {"permutation", permutation}});
  }
  return one_line_each(json);
}

CheckpointRecord parse_checkpoint_record(const ByteSource& source) {
  const std::string& subject = source.name();
  const nlohmann::json document = parse_json(json_text(source, kMaxCheckpointRecordBytes, kKind), subject);
  const JsonValue root(document, subject);
  require_format(root, kFormat, kVersion, kKind);
  CheckpointRecord record;
  record.pattern = pattern_of(root.at("pattern"));
  record.criterion = root.at("criterion").text();
  const JsonValue pruned = root.at("pruned"), tensors = root.at("tensors"), sets = root.at("sets");
  for (std::size_t i = 0; i < pruned.array_size(); ++i) {
    record.pruned.push_back({pruned.at(i).at("tensor").text(), axis_of(pruned.at(i))});
  }
  for (std::size_t i = 0; i < sets.array_size(); ++i) {
    record.sets.emplace_back(sets.at(i).at("name").text(), integers(sets.at(i).at("permutation"), 0));
  }
  const auto last = static_cast<std::int64_t>(record.sets.size()) - 1;
  for (std::size_t i = 0; i < tensors.array_size(); ++i) {
    const JsonValue entry = tensors.at(i);
    record.tensors.push_back(
        {entry.at("tensor").text(), axis_of(entry), static_cast<int>(entry.at("set").integer(0, last))});
  }
  return record;
}

std::optional<CheckpointRecord> read_record(const CheckpointFiles& files) {
  const std::string path = record_path(files);
  if (!std::filesystem::exists(path)) return std::nullopt;
  return parse_checkpoint_record(*open_file(path));
}

ChannelOrders recorded_orders(const CheckpointFiles& files, const CheckpointPlan& plan,
                              const CheckpointRecord& record) {
  const auto refuse = [&](const std::string& place, const std::string& problem) {
    throw InputError(record_path(files), place, problem, "the record of this checkpoint");
  };
  std::map<std::string, int> planned;
  ChannelOrders orders;
  for (const CheckpointSet& set : plan.sets) {
    planned.emplace(set.name, static_cast<int>(orders.size()));
    orders.push_back(identity_permutation(set.channels()));
  }
  std::map<int, int> recorded;  // from sets of the plan
  for (std::size_t s = 0; s < record.sets.size(); ++s) {
    const auto& [name, permutation] = record.sets[s];
    const auto found = planned.find(name);
    if (found == planned.end()) {
      refuse("sets", "the checkpoint has no channels '" + name + "' that may move");
    }
    if (!recorded.emplace(found->second, static_cast<int>(s)).second)
      refuse("sets", "has '" + name + "' twice");
    const auto set = static_cast<std::size_t>(found->second);
    validate_permutation(permutation, Segments(plan.sets[set].segments),
                         record_path(files) + ": set " + name);
    orders[set] = permutation;
  }
  std::vector<CheckpointRecord::MovedAxis> expected;
  for (CheckpointRecord::MovedAxis axis : moved_axes(files, plan)) {
    const auto found = recorded.find(axis.set);
    if (found == recorded.end()) continue;
    axis.set = found->second;
    expected.push_back(std::move(axis));
  }
  const auto [wanted, given] =
      std::mismatch(expected.begin(), expected.end(), record.tensors.begin(), record.tensors.end());
  if (given != record.tensors.end() || wanted != expected.end()) {
    const std::string& tensor = wanted != expected.end() ? wanted->tensor : given->tensor;
    refuse("tensors", "says of '" + tensor + "' what cannot be");
  }
  for (const CheckpointRecord::PrunedAxis& axis : record.pruned) {
    const bool known = std::any_of(plan.placed.begin(), plan.placed.end(), [&](const PlacedTensor& placed) {
      return placed.rule->use == Use::kLinear && placed.rule->input_axis == axis.axis &&
             files.tensors()[static_cast<std::size_t>(placed.tensor)].name == axis.tensor;
    });
    if (!known) refuse("pruned", "'" + axis.tensor + "' has no such axis, or is no weight that is pruned");
  }
  return orders;
}

}  // namespace nmperm
