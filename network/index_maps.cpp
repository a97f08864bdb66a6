#include "network/index_maps.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace nmperm {
namespace {

std::vector<std::int64_t> block_dims(const TensorView& view, const LabelBlock& block) {
  std::vector<std::int64_t> dims;
  for (const int axis : block.axes) dims.push_back(view.dim(axis));
  return dims;
}

/// Gives labels that occur more than once in a block a slot each.
void separate_copies(Operation& operation, std::vector<Label>& labels) {
  std::map<std::pair<int, int>, std::int64_t> copies;
  for (Label& label : labels) {
    const std::int64_t copy = copies[{label.atom, label.slot}]++;
    if (copy > 0) label.slot = operation.ties().slot(label.slot, operation.index(), copy);
  }
}

/// Runs of axes of the old and the new shape that hold the same elements.
struct AxisRun {
  int old_first, old_count, new_first, new_count;
  bool followed;  ///< all its dimensions are known
};

/// The shortest runs, from the front and, behind what is unknown, from the back.
std::vector<AxisRun> matching_runs(const Shape& from, const Shape& to) {
  std::vector<AxisRun> front, back;
  int i = 0, j = 0, i_end = static_cast<int>(from.size()), j_end = static_cast<int>(to.size());
  const auto at = [](const Shape& shape, int axis) { return shape[static_cast<std::size_t>(axis)]; };
  const auto match = [&](bool forward) {
    const int i0 = forward ? i : i_end, j0 = forward ? j : j_end;
    int a = i0, b = j0;
    const auto take = [&](const Shape& shape, int& axis, int low, int high, std::int64_t& size) {
      if (forward ? axis >= high : axis <= low) return false;
      const std::int64_t dim = at(shape, forward ? axis : axis - 1);
      axis += forward ? 1 : -1;
      if (dim == kUnknownDimension || (dim > 0 && size > INT64_MAX / dim)) return false;
      size *= dim;
      return true;
    };
    if (i == i_end || j == j_end) return false;
    const bool open_from = at(from, forward ? i : i_end - 1) == kUnknownDimension;
    const bool open_to = at(to, forward ? j : j_end - 1) == kUnknownDimension;
    std::int64_t size_a = 1, size_b = 1;
    if (open_from && open_to && forward) {
      a = i + 1;
      b = j + 1;
    } else {
      if (!take(from, a, i, i_end, size_a) || !take(to, b, j, j_end, size_b)) return false;
      while (size_a != size_b) {
        const bool more = size_a < size_b ? take(from, a, i, i_end, size_a) : take(to, b, j, j_end, size_b);
        if (!more) return false;
      }
    }
    AxisRun run{std::min(a, i0), std::abs(a - i0), std::min(b, j0), std::abs(b - j0), !open_from || !open_to};
    (forward ? front : back).push_back(run);
    (forward ? i : i_end) = a;
    (forward ? j : j_end) = b;
    return true;
  };
  while (match(true)) {
  }
  while (match(false)) {
  }
  if (i < i_end || j < j_end) {
    const bool ones = product({from.begin() + i, from.begin() + i_end}) == 1 &&
                      product({to.begin() + j, to.begin() + j_end}) == 1;
    front.push_back({i, i_end - i, j, j_end - j, ones});
  }
  front.insert(front.end(), back.rbegin(), back.rend());
  // Of two and more open dimensions only the product is known to stay: what stands between them may shift.
  const auto open = [&](const AxisRun& run) { return !run.followed; };
  const auto first = std::find_if(front.begin(), front.end(), open);
  const auto last = std::find_if(front.rbegin(), front.rend(), open).base();
  for (auto run = first; run < last; ++run) run->followed = false;
  return front;
}

/// Axes along which the labels of a block only count elements of the same channel, as after a flatten that is
/// taken back: the block does without them.
void drop_counting_axes(const TensorView& view, LabelBlock& block) {
  for (std::size_t x = block.axes.size(); x-- > 0 && block.axes.size() > 1;) {
    const auto dims = block_dims(view, block);
    std::vector<int> others;
    for (int i = 0; i < static_cast<int>(dims.size()); ++i) {
      if (i != static_cast<int>(x)) others.push_back(i);
    }
    std::vector<Label> first(block.labels.size() / static_cast<std::size_t>(dims[x]), Label{-1, -1});
    std::map<std::pair<int, std::int64_t>, int> slots;  // slot at index 0 and the index: the slot there
    bool counts = true;
    std::size_t at = 0;
    for (IndexCounter counter(dims); counts && !counter.done(); counter.next(), ++at) {
      const Label& label = block.labels[at];
      Label& zero = first[static_cast<std::size_t>(linear_index(counter.index(), dims, others))];
      if (counter.index()[x] == 0) zero = label;
      const int slot = slots.emplace(std::pair(zero.slot, counter.index()[x]), label.slot).first->second;
      counts = zero.atom == label.atom && slot == label.slot;
    }
    if (!counts) continue;
    block.labels = std::move(first);
    block.axes.erase(block.axes.begin() + static_cast<std::ptrdiff_t>(x));
  }
}

/// Replaces the axes of a run; what the block that touches it becomes.
class Regrouping {
 public:
  Regrouping(Operation& operation, TensorView& view, const AxisRun& run, const Shape& dims)
      : operation_(operation), view_(view), run_(run), old_dims_(view.dims) {
    new_sizes_.assign(dims.begin() + run.new_first, dims.begin() + run.new_first + run.new_count);
  }

  void apply() {
    std::vector<LabelBlock> touched;
    std::erase_if(view_.blocks, [&](LabelBlock& block) {
      if (std::none_of(block.axes.begin(), block.axes.end(), [&](int axis) { return in_run(axis); }))
        return false;
      touched.push_back(std::move(block));
      return true;
    });
    for (LabelBlock& block : view_.blocks) {
      for (int& axis : block.axes) axis = moved(axis);
    }
    view_.dims.erase(view_.dims.begin() + run_.old_first,
                     view_.dims.begin() + run_.old_first + run_.old_count);
    view_.dims.insert(view_.dims.begin() + run_.old_first, new_sizes_.begin(), new_sizes_.end());
    if (touched.empty()) return;
    if (touched.size() > 1 || !run_.followed || product(new_sizes_) < 1) {
      for (const LabelBlock& block : touched) {
        operation_.pin(block, operation_.described() + " mixes them with other axes");
      }
      return;
    }
    remap(touched.front());
  }

 private:
  bool in_run(int axis) const { return axis >= run_.old_first && axis < run_.old_first + run_.old_count; }
  int moved(int axis) const { return axis < run_.old_first ? axis : axis + run_.new_count - run_.old_count; }

  void remap(const LabelBlock& block) {
    LabelBlock result;
    for (const int axis : block.axes) {
      if (axis < run_.old_first) result.axes.push_back(axis);
    }
    for (int i = 0; i < run_.new_count; ++i) {
      if (new_sizes_[static_cast<std::size_t>(i)] > 1) result.axes.push_back(run_.old_first + i);
    }
    for (const int axis : block.axes) {
      if (!in_run(axis) && axis > run_.old_first) result.axes.push_back(moved(axis));
    }
    const auto dims = block_dims(view_, result);
    if (const std::int64_t count = product(dims); count < 0 || count > kMaxBlockLabels) {
      operation_.pin(block, "they are too many after " + operation_.described());
      return;
    }
    for (IndexCounter counter(dims); !counter.done(); counter.next()) {
      result.labels.push_back(label_at(block, result, dims, counter.index()));
    }
    drop_counting_axes(view_, result);
    view_.blocks.push_back(std::move(result));
  }

  /// The label of the element that stands at `index` of the new block.
  Label label_at(const LabelBlock& block, const LabelBlock& result, const std::vector<std::int64_t>& dims,
                 const std::vector<std::int64_t>& index) const {
    std::int64_t inside = 0;  // index inside the run
    std::vector<std::int64_t> old(old_dims_.size(), 0);
    for (std::size_t i = 0; i < result.axes.size(); ++i) {
      const int axis = result.axes[i];
      if (axis >= run_.old_first && axis < run_.old_first + run_.new_count) {
        inside = inside * dims[i] + index[i];
      } else {
        old[static_cast<std::size_t>(axis < run_.old_first ? axis : axis - run_.new_count + run_.old_count)] =
            index[i];
      }
    }
    for (int axis = run_.old_first + run_.old_count; axis-- > run_.old_first;) {
      const auto at = static_cast<std::size_t>(axis);
      old[at] = inside % old_dims_[at];
      inside /= old_dims_[at];
    }
    std::int64_t from = 0, offset = 0, width = 1;
    for (const int axis : block.axes) {
      from = from * old_dims_[static_cast<std::size_t>(axis)] + old[static_cast<std::size_t>(axis)];
    }
    for (int axis = run_.old_first; axis < run_.old_first + run_.old_count; ++axis) {
      if (axis_position(block, axis) >= 0) continue;
      offset = offset * old_dims_[static_cast<std::size_t>(axis)] + old[static_cast<std::size_t>(axis)];
      width *= old_dims_[static_cast<std::size_t>(axis)];
    }
    Label label = block.labels[static_cast<std::size_t>(from)];
    if (width > 1) label.slot = operation_.ties().slot(label.slot, operation_.index(), offset);
    return label;
  }

  Operation& operation_;
  TensorView& view_;
  AxisRun run_;
  Shape old_dims_, new_sizes_;
};

/// What is left of a view's values by select().
std::vector<std::int64_t> selected_values(const TensorView& view, int axis,
                                          const std::vector<std::int64_t>& indices) {
  const std::int64_t after = product({view.dims.begin() + axis + 1, view.dims.end()});
  const std::int64_t size = view.dim(axis);
  std::vector<std::int64_t> picked;
  for (std::int64_t before = 0; size > 0 && before * size * after < std::ssize(*view.values); ++before) {
    for (const std::int64_t index : indices) {
      const auto first = view.values->begin() + (before * size + index) * after;
      picked.insert(picked.end(), first, first + after);
    }
  }
  return picked;
}

}  // namespace

TensorView select(Operation& operation, const TensorView& view, int axis,
                  const std::vector<std::int64_t>& indices) {
  TensorView out = view;
  out.constant = -1;
  const auto at = static_cast<std::size_t>(axis);
  const LabelBlock* const block = view.block_of(axis);
  out.dims[at] = static_cast<std::int64_t>(indices.size());
  out.values.reset();
  if (view.values && product(view.dims) == std::ssize(*view.values))
    out.values = selected_values(view, axis, indices);
  if (block == nullptr) return out;
  const int position = axis_position(*block, axis);
  LabelBlock picked{block->axes, {}};
  auto dims = block_dims(view, *block);
  const std::int64_t size = dims[static_cast<std::size_t>(position)];
  dims[static_cast<std::size_t>(position)] = out.dims[at];
  for (IndexCounter counter(dims); !counter.done(); counter.next()) {
    std::int64_t from = 0;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      const bool here = static_cast<int>(i) == position;
      from = from * (here ? size : dims[i]) +
             (here ? indices[static_cast<std::size_t>(counter.index()[i])] : counter.index()[i]);
    }
    picked.labels.push_back(block->labels[static_cast<std::size_t>(from)]);
  }
  separate_copies(operation, picked.labels);
  if (indices.size() == 1) picked.axes.erase(picked.axes.begin() + position);
  if (picked.axes.empty()) operation.pin({{}, picked.labels}, operation.described() + " picks one of them");
  std::erase_if(out.blocks, [&](const LabelBlock& b) { return axis_position(b, axis) >= 0; });
  if (!picked.axes.empty() && !picked.labels.empty()) out.blocks.push_back(std::move(picked));
  return out;
}

void remove_axis(TensorView& view, int axis) {
  view.dims.erase(view.dims.begin() + axis);
  for (LabelBlock& block : view.blocks) {
    for (int& a : block.axes) a -= a > axis ? 1 : 0;
  }
  view.constant = -1;
}

void insert_axis(TensorView& view, int axis) {
  view.dims.insert(view.dims.begin() + axis, 1);
  for (LabelBlock& block : view.blocks) {
    for (int& a : block.axes) a += a >= axis ? 1 : 0;
  }
  view.constant = -1;
}

TensorView transpose(const TensorView& view, const std::vector<int>& order) {
  TensorView out = view;
  out.constant = -1;
  std::vector<int> target(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    target[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    out.dims[i] = view.dim(order[i]);
  }
  out.values.reset();
  if (view.values && product(view.dims) == std::ssize(*view.values)) {
    out.values.emplace();
    for (IndexCounter counter(out.dims); !counter.done(); counter.next()) {
      const std::int64_t from = linear_index(counter.index(), out.dims, target);
      out.values->push_back((*view.values)[static_cast<std::size_t>(from)]);
    }
  }
  for (LabelBlock& block : out.blocks) {
    const LabelBlock old = block;
    for (int& axis : block.axes) axis = target[static_cast<std::size_t>(axis)];
    std::sort(block.axes.begin(), block.axes.end());
    const auto new_dims = block_dims(out, block), old_dims = block_dims(view, old);
    // Where axis i of the old block stands in the new one.
    std::vector<int> where;
    for (const int axis : old.axes)
      where.push_back(axis_position(block, target[static_cast<std::size_t>(axis)]));
    std::size_t at = 0;
    for (IndexCounter counter(new_dims); !counter.done(); counter.next(), ++at) {
      block.labels[at] = old.labels[static_cast<std::size_t>(linear_index(counter.index(), new_dims, where))];
    }
  }
  return out;
}

TensorView reshape(Operation& operation, TensorView view, const Shape& dims) {
  view.constant = -1;
  const std::vector<AxisRun> runs = matching_runs(view.dims, dims);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (run->old_count == 1 && run->new_count == 1 && run->followed) continue;
    if (run->old_count == 1 && run->new_count == 1 && view.block_of(run->old_first) == nullptr) {
      view.dims[static_cast<std::size_t>(run->old_first)] = dims[static_cast<std::size_t>(run->new_first)];
      continue;
    }
    Regrouping(operation, view, *run, dims).apply();
  }
  return view;
}

}  // namespace nmperm
