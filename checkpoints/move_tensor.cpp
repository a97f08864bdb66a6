#include "checkpoints/move_tensor.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

namespace nmperm {
namespace {

/// Rows and columns of a tensor of one or two dimensions, or of one that does not move.
struct Extent {
  explicit Extent(const TensorMove& move) {
    for (std::size_t axis = 0; axis < move.shape.size(); ++axis) {
      (axis == 0 ? rows : columns) *= static_cast<std::size_t>(move.shape[axis]);
    }
  }
  std::size_t rows = 1, columns = 1;
};

const Permutation& order_of(const TensorMove& move, std::size_t axis) {
  static const Permutation none;
  return axis < move.orders.size() ? move.orders[axis] : none;
}

std::size_t source(const Permutation& order, std::size_t i) {
  return order.empty() ? i : static_cast<std::size_t>(order[i]);
}

template <std::size_t kBytes>
void move_row(const Permutation& order, const std::byte* from, std::byte* to) {
  for (std::size_t c = 0; c < order.size(); ++c) {
    std::memcpy(to + c * kBytes, from + static_cast<std::size_t>(order[c]) * kBytes, kBytes);
  }
}

void move_row(const Permutation& order, std::size_t element_bytes, const std::byte* from, std::byte* to) {
  if (element_bytes == 2) return move_row<2>(order, from, to);
  if (element_bytes == 4) return move_row<4>(order, from, to);
  move_row<8>(order, from, to);
}

/// Where each old index stands now.
std::vector<std::size_t> new_places(const Permutation& order, std::size_t length) {
  std::vector<std::size_t> places(length);
  std::iota(places.begin(), places.end(), std::size_t{0});
  for (std::size_t i = 0; i < order.size(); ++i) places[static_cast<std::size_t>(order[i])] = i;
  return places;
}

MoveCheck differs(std::size_t row, std::size_t column, const char* problem) {
  return {false, fmt::format("element [{}, {}] {}", row, column, problem)};
}

}  // namespace

std::vector<std::byte> moved_bytes(const TensorMove& move, std::span<const std::byte> bytes) {
  const Extent extent(move);
  const Permutation &rows = order_of(move, 0), &columns = order_of(move, 1);
  const std::size_t row_bytes = extent.columns * move.element_bytes;
  std::vector<std::byte> result(bytes.size());
  for (std::size_t r = 0; r < extent.rows; ++r) {
    const std::byte* const from = bytes.data() + source(rows, r) * row_bytes;
    std::byte* const to = result.data() + r * row_bytes;
    if (columns.empty()) {
      std::copy_n(from, row_bytes, to);
    } else {
      move_row(columns, move.element_bytes, from, to);
    }
  }
  return result;
}

void prune_bytes(const TensorMove& move, int input_axis, std::span<const std::uint8_t> mask,
                 std::vector<std::byte>& bytes) {
  const Extent extent(move);
  const Permutation& order = order_of(move, static_cast<std::size_t>(input_axis));
  const std::size_t inputs = input_axis == 1 ? extent.columns : extent.rows;
  for (std::size_t k = 0; k < mask.size(); ++k) {
    if (mask[k] != 0) continue;
    const std::size_t output = k / inputs, input = source(order, k % inputs);
    const std::size_t at =
        input_axis == 1 ? output * extent.columns + input : input * extent.columns + output;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at * move.element_bytes), move.element_bytes,
                std::byte{0});
  }
}

MoveCheck check_move(const TensorMove& move, std::span<const std::byte> before,
                     std::span<const std::byte> after) {
  const Extent extent(move);
  if (before.size() != after.size()) return {false, "it has another size"};
  const auto rows = new_places(order_of(move, 0), extent.rows);
  const auto columns = new_places(order_of(move, 1), extent.columns);
  const std::size_t size = move.element_bytes;
  for (std::size_t r = 0; r < extent.rows; ++r) {
    for (std::size_t c = 0; c < extent.columns; ++c) {
      const std::byte* const old_one = before.data() + (r * extent.columns + c) * size;
      const std::byte* const new_one = after.data() + (rows[r] * extent.columns + columns[c]) * size;
      if (std::memcmp(old_one, new_one, size) != 0) {
        return differs(rows[r], columns[c], "is not the element that belongs there");
      }
    }
  }
  return {};
}

MoveCheck check_pruned_move(const TensorMove& move, int input_axis, const Pattern& pattern,
                            const ScoreMatrix& scores, std::span<const std::byte> before,
                            std::span<const std::byte> after) {
  const Extent extent(move);
  if (before.size() != after.size()) return {false, "it has another size"};
  const auto outputs = static_cast<std::size_t>(scores.rows()),
             inputs = static_cast<std::size_t>(scores.columns());
  const Permutation& order = order_of(move, static_cast<std::size_t>(input_axis));
  const auto output_places = new_places(order_of(move, static_cast<std::size_t>(1 - input_axis)), outputs);
  const std::size_t size = move.element_bytes;
  const std::vector<std::byte> zero(size);
  const auto element = [&](std::span<const std::byte> bytes, std::size_t output, std::size_t input) {
    return bytes.data() +
           (input_axis == 1 ? output * extent.columns + input : input * extent.columns + output) * size;
  };
  std::vector<std::size_t> ranked(static_cast<std::size_t>(pattern.group));
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t first = 0; first < inputs; first += ranked.size()) {
      std::iota(ranked.begin(), ranked.end(), first);
      std::stable_sort(ranked.begin(), ranked.end(), [&](std::size_t a, std::size_t b) {
        const int r = static_cast<int>(output);
        return scores.at(r, static_cast<int>(source(order, a))) >
               scores.at(r, static_cast<int>(source(order, b)));
      });
      for (std::size_t rank = 0; rank < ranked.size(); ++rank) {
        const bool kept = rank < static_cast<std::size_t>(pattern.keep);
        const std::byte* const expected =
            kept ? element(before, output, source(order, ranked[rank])) : zero.data();
        if (std::memcmp(expected, element(after, output_places[output], ranked[rank]), size) == 0) continue;
        return differs(output_places[output], ranked[rank], kept ? "should have stayed" : "should be zero");
      }
    }
  }
  return {};
}

}  // namespace nmperm
