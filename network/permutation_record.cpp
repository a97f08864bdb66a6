#include "network/permutation_record.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "io/json.h"
#include "network/tensor_view.h"
#include "network/weight_matrix.h"
#include "sparse/mask.h"

namespace nmperm {
namespace {

constexpr char kFormat[] = "nmperm-permutations";

Permutation read_permutation(const JsonValue& json) {
  Permutation permutation(json.array_size());
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    permutation[i] =
        static_cast<int>(json.at(i).integer(0, static_cast<std::int64_t>(permutation.size()) - 1));
  }
  return permutation;
}

/// Throws InputError unless the permutation fits the tensor.
void check_axis(const AxisPermutation& axis, const OnnxModel& model, const std::string& subject) {
  const auto fail = [&](const std::string& problem) {
    throw InputError(subject, "tensor '" + axis.tensor + "'", problem, "a record made for this model");
  };
  const int index = model.find_constant(axis.tensor);
  if (index < 0) fail("is not in the model");
  const StoredConstant& constant = model.constant(index);
  const auto rank = static_cast<int>(constant.dims.size());
  if (!is_floating(constant.type) || axis.axis >= rank || axis.outer_axis >= rank) fail("has no such axis");
  const std::int64_t length = constant.dims[static_cast<std::size_t>(axis.axis)];
  if (static_cast<std::int64_t>(axis.permutation.size()) != length * axis.outer_count)
    fail("has another length");
  if (axis.outer_count > 1) {
    const bool fits =
        axis.outer_axis >= 0 && axis.outer_axis != axis.axis &&
        constant.dims[static_cast<std::size_t>(axis.outer_axis)] == axis.outer_block * axis.outer_count;
    if (!fits) fail("has other blocks");
  }
  const std::vector<int> lengths(static_cast<std::size_t>(axis.outer_count), static_cast<int>(length));
  validate_permutation(axis.permutation, Segments(lengths), subject);
}

/// Throws InputError where blocks of an axis would be torn apart.
void check_blocks(const PermutationRecord& record, const std::string& subject) {
  for (const AxisPermutation& inner : record.axes) {
    for (const AxisPermutation& outer : record.axes) {
      if (inner.outer_count <= 1 || outer.tensor != inner.tensor || outer.axis != inner.outer_axis) continue;
      for (std::size_t i = 0; i < outer.permutation.size(); ++i) {
        const auto block = static_cast<std::size_t>(inner.outer_block);
        if (outer.permutation[i] / inner.outer_block ==
            outer.permutation[i / block * block] / inner.outer_block)
          continue;
        throw InputError(subject, "tensor '" + outer.tensor + "'", "has blocks that do not stay whole",
                         "a record made for this model");
      }
    }
  }
}

}  // namespace

std::string to_json(const PermutationRecord& record) {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["version"] = 1;
  json["pattern"] = record.pattern.str();
  auto permutations = nlohmann::ordered_json::array(), tensors = nlohmann::ordered_json::array();
  std::map<Permutation, std::size_t> written;
  for (const AxisPermutation& axis : record.axes) {
    const auto [found, fresh] = written.emplace(axis.permutation, written.size());
    if (fresh) permutations.push_back(axis.permutation);
    nlohmann::ordered_json entry = {
        {"tensor", axis.tensor}, {"axis", axis.axis}, {"permutation", found->second}};
    if (axis.outer_count > 1) {
      entry["outer_axis"] = axis.outer_axis;
      entry["outer_block"] = axis.outer_block;
      entry["outer_count"] = axis.outer_count;
    }
    tensors.push_back(std::move(entry));
  }
  json["permutations"] = std::move(permutations);
  json["tensors"] = std::move(tensors);
  json["pruned"] = nlohmann::ordered_json::array();
  for (const PrunedAxis& axis : record.pruned)
    json["pruned"].push_back({{"tensor", axis.tensor}, {"axis", axis.axis}});
  if (record.criterion != PermutationRecord().criterion) json["criterion"] = record.criterion;
  return json.dump();
}

std::optional<PermutationRecord> read_record(const OnnxModel& model) {
  const auto text = model.metadata(kRecordKey);
  if (!text) return std::nullopt;
  const std::string subject = model.path() + ": metadata " + kRecordKey;
  const nlohmann::json document = parse_json(*text, subject);
  const JsonValue json(document, subject);
  if (json.at("format").text() != kFormat) json.at("format").fail("is another format", kFormat);
  (void)json.at("version").integer(1, 1);
  PermutationRecord record;
  record.pattern = Pattern::parse(json.at("pattern").text());
  std::vector<Permutation> permutations;
  const JsonValue lists = json.at("permutations"), tensors = json.at("tensors"), pruned = json.at("pruned");
  for (std::size_t i = 0; i < lists.array_size(); ++i) permutations.push_back(read_permutation(lists.at(i)));
  for (std::size_t i = 0; i < tensors.array_size(); ++i) {
    const JsonValue entry = tensors.at(i);
    AxisPermutation axis;
    axis.tensor = entry.at("tensor").text();
    axis.axis = static_cast<int>(entry.at("axis").integer(0, 63));
    const auto which = entry.at("permutation").integer(0, static_cast<std::int64_t>(permutations.size()) - 1);
    axis.permutation = permutations[static_cast<std::size_t>(which)];
    if (entry.object().contains("outer_axis")) {
      axis.outer_axis = static_cast<int>(entry.at("outer_axis").integer(0, 63));
      axis.outer_block = entry.at("outer_block").integer(1, kMaxFollowedInteger);
      axis.outer_count = entry.at("outer_count").integer(1, kMaxFollowedInteger);
    }
    check_axis(axis, model, subject);
    record.axes.push_back(std::move(axis));
  }
  for (std::size_t i = 0; i < pruned.array_size(); ++i) {
    PrunedAxis axis{pruned.at(i).at("tensor").text(),
                    static_cast<int>(pruned.at(i).at("axis").integer(0, 63))};
    const int index = model.find_constant(axis.tensor);
    if (index < 0 || axis.axis >= static_cast<int>(model.constant(index).dims.size())) {
      pruned.at(i).fail("names no axis of this model", "a record made for this model");
    }
    record.pruned.push_back(std::move(axis));
  }
  check_blocks(record, subject);
  if (json.object().contains("criterion")) record.criterion = json.at("criterion").text();
  return record;
}

std::vector<std::byte> permuted_bytes(const StoredConstant& constant, std::span<const std::byte> bytes,
                                      const PermutationRecord& record) {
  std::vector<const AxisPermutation*> axes;
  int last = -1;  // the last axis that moves
  for (const AxisPermutation& axis : record.axes) {
    if (axis.tensor != constant.name) continue;
    axes.push_back(&axis);
    last = std::max({last, axis.axis, axis.outer_axis});
  }
  if (axes.empty()) return {bytes.begin(), bytes.end()};
  const Shape& dims = constant.dims;
  std::size_t run = size_of(constant.type);  // bytes that stay together
  for (std::size_t axis = static_cast<std::size_t>(last) + 1; axis < dims.size(); ++axis) {
    run *= static_cast<std::size_t>(dims[axis]);
  }
  std::vector<std::byte> result(bytes.size());
  std::vector<std::int64_t> source;
  std::size_t to = 0;
  for (IndexCounter counter({dims.begin(), dims.begin() + last + 1}); !counter.done();
       counter.next(), to += run) {
    source = counter.index();
    for (const AxisPermutation* axis : axes) {
      const auto at = static_cast<std::size_t>(axis->axis);
      const std::int64_t block =
          axis->outer_count > 1
              ? counter.index()[static_cast<std::size_t>(axis->outer_axis)] / axis->outer_block
              : 0;
      const std::int64_t first = block * dims[at];
      source[at] = axis->permutation[static_cast<std::size_t>(first + counter.index()[at])] - first;
    }
    std::size_t from = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
      from = from * static_cast<std::size_t>(dims[i]) + static_cast<std::size_t>(source[i]);
    }
    std::memcpy(result.data() + to, bytes.data() + from * run, run);
  }
  return result;
}

PermutationRecord inverse(const PermutationRecord& record) {
  PermutationRecord result = record;
  for (AxisPermutation& axis : result.axes) axis.permutation = inverse_permutation(axis.permutation);
  // Blocks that came from another place take their own permutations back there.
  for (std::size_t i = 0; i < record.axes.size(); ++i) {
    const AxisPermutation& inner = record.axes[i];
    if (inner.outer_count <= 1) continue;
    for (const AxisPermutation& outer : record.axes) {
      if (outer.tensor != inner.tensor || outer.axis != inner.outer_axis) continue;
      const auto count = static_cast<std::size_t>(inner.outer_count);
      const std::size_t length = inner.permutation.size() / count;
      for (std::size_t to = 0; to < count; ++to) {
        const auto from = static_cast<std::size_t>(
            outer.permutation[to * static_cast<std::size_t>(inner.outer_block)] / inner.outer_block);
        for (std::size_t c = 0; c < length; ++c) {
          const auto old = static_cast<std::size_t>(inner.permutation[to * length + c]) - to * length;
          result.axes[i].permutation[from * length + old] = static_cast<int>(from * length + c);
        }
      }
    }
  }
  return result;
}

void prune_bytes(const StoredConstant& constant, int axis, const Pattern& pattern,
                 std::span<const float> scores, std::vector<std::byte>& bytes, const std::string& subject) {
  const WeightLayout layout(constant.dims, axis);
  if (layout.columns() % pattern.group != 0) {
    throw InputError(subject, {}, std::to_string(layout.columns()) + " columns",
                     "whole groups of " + pattern.str());
  }
  const std::size_t element = size_of(constant.type);
  const auto group = static_cast<std::size_t>(pattern.group);
  std::vector<float> of_group(group);
  std::vector<std::uint8_t> kept(group);
  for (int r = 0; r < layout.rows(); ++r) {
    for (int c = 0; c < layout.columns(); c += pattern.group) {
      for (int i = 0; i < pattern.group; ++i) {
        of_group[static_cast<std::size_t>(i)] = scores[layout.offset(r, c + i)];
      }
      select_kept(of_group, pattern.keep, kept);
      for (int i = 0; i < pattern.group; ++i) {
        if (kept[static_cast<std::size_t>(i)] != 0) continue;
        std::memset(bytes.data() + layout.offset(r, c + i) * element, 0, element);
      }
    }
  }
}

}  // namespace nmperm
