#include "heuristics/assignment_neighbourhood.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <utility>

#include "core/group_kernels.h"
#include "core/max_plus_product.h"

namespace nmperm {

void AssignmentNeighbourhood::Free::operator()(void* memory) const {
  std::free(memory);
}

AssignmentNeighbourhood::AssignmentNeighbourhood(const Problem& problem,
                                                 std::shared_ptr<const QuantisedScores> bytes,
                                                 std::size_t max_slots, int threads)
    : scores_(problem.search_scores()),
      pattern_(problem.pattern()),
      bytes_(std::move(bytes)),
      max_slots_(max_slots),
      threads_(threads),
      w_(max_slots * max_slots),
      byte_w_(max_slots * max_slots),
      threshold_bytes_(std::max(scores_.stride() * sizeof(float), bytes_->stride())) {
  // One more for the evaluation of single slots.
  thresholds_.reset(
      static_cast<std::byte*>(std::aligned_alloc(kByteRowAlignment, (max_slots + 1) * threshold_bytes_)));
  if (!thresholds_) throw std::bad_alloc();
}

template <typename Visit>
void AssignmentNeighbourhood::for_others(const Permutation& permutation, int slot, Visit visit) const {
  const int first = slot / pattern_.group * pattern_.group;
  std::size_t k = 0;
  for (int other = first; other < first + pattern_.group; ++other) {
    if (other != slot) visit(k++, permutation[static_cast<std::size_t>(other)]);
  }
}

void AssignmentNeighbourhood::form_rows_in_float(const Permutation& permutation,
                                                 const std::vector<int>& slots, std::size_t begin,
                                                 std::size_t end) {
  const std::size_t n = slots.size();
  std::vector<const float*> thresholds;
  for (std::size_t i = begin; i < end; ++i) {
    std::array<const float*, Pattern::kMaxGroup> others;
    for_others(permutation, slots[i], [&](std::size_t k, int column) { others[k] = scores_.column(column); });
    auto* const threshold = reinterpret_cast<float*>(thresholds_.get() + i * threshold_bytes_);
    slot_threshold(others.data(), pattern_, scores_.stride(), threshold);
    thresholds.push_back(threshold);
  }
  max_plus_product(thresholds.data(), end - begin, columns_.data(), n, scores_.stride(),
                   w_.data() + begin * n, n);
  for (std::size_t i = begin; i < end; ++i) {
    float* const row = w_.data() + i * n;
    const float own = row[i];
    for (std::size_t j = 0; j < n; ++j) row[j] -= own;
  }
}

void AssignmentNeighbourhood::form_rows_in_bytes(const Permutation& permutation,
                                                 const std::vector<int>& slots, std::size_t begin,
                                                 std::size_t end) {
  const std::size_t n = slots.size();
  std::vector<const std::uint8_t*> thresholds;
  for (std::size_t i = begin; i < end; ++i) {
    std::array<const std::uint8_t*, Pattern::kMaxGroup> others;
    for_others(permutation, slots[i], [&](std::size_t k, int column) { others[k] = bytes_->column(column); });
    auto* const threshold = reinterpret_cast<std::uint8_t*>(thresholds_.get() + i * threshold_bytes_);
    slot_threshold_bytes(others.data(), pattern_, bytes_->stride(), threshold);
    thresholds.push_back(threshold);
  }
  max_plus_product_bytes(thresholds.data(), end - begin, byte_columns_.data(), n, bytes_->weights(),
                         bytes_->stride(), byte_w_.data() + begin * n, n);
  const auto unit = static_cast<float>(bytes_->unit());
  for (std::size_t i = begin; i < end; ++i) {
    const std::int32_t* const row = byte_w_.data() + i * n;
    float* const gains = w_.data() + i * n;
    for (std::size_t j = 0; j < n; ++j) gains[j] = unit * static_cast<float>(row[j] - row[i]);
  }
}

// w[i][j]: what slot i gains with the column of slot j in place of its own. Gains instead of values, because
// float32 resolves the small differences that decide.
void AssignmentNeighbourhood::form_gains(const Permutation& permutation, const std::vector<int>& slots,
                                         Precision precision) {
  const std::size_t n = slots.size();
  columns_.clear();
  byte_columns_.clear();
  for (const int slot : slots) {
    const int column = permutation[static_cast<std::size_t>(slot)];
    columns_.push_back(scores_.column(column));
    byte_columns_.push_back(bytes_->column(column));
  }
  constexpr std::size_t kChunk = 32;
  const auto chunks = static_cast<std::ptrdiff_t>((n + kChunk - 1) / kChunk);
#pragma omp parallel for num_threads(threads_) schedule(dynamic) if (threads_ > 1 && chunks > 1)
  for (std::ptrdiff_t chunk = 0; chunk < chunks; ++chunk) {
    const std::size_t begin = static_cast<std::size_t>(chunk) * kChunk, end = std::min(begin + kChunk, n);
    if (precision == Precision::kBytes) {
      form_rows_in_bytes(permutation, slots, begin, end);
    } else {
      form_rows_in_float(permutation, slots, begin, end);
    }
  }
}

/// What a slot gains with `column` in place of its own, in float32.
double AssignmentNeighbourhood::gain_of(const Permutation& permutation, int slot, int column) {
  std::array<const float*, Pattern::kMaxGroup> others;
  for_others(permutation, slot, [&](std::size_t k, int other) { others[k] = scores_.column(other); });
  auto* const threshold = reinterpret_cast<float*>(thresholds_.get() + max_slots_ * threshold_bytes_);
  slot_threshold(others.data(), pattern_, scores_.stride(), threshold);
  return replacement(threshold, scores_.column(column), scores_.stride()) -
         replacement(threshold, scores_.column(permutation[static_cast<std::size_t>(slot)]),
                     scores_.stride());
}

// A cycle of the assignment is a closed exchange of columns: it stands or falls by its own gain.
std::size_t AssignmentNeighbourhood::move(Incumbent& incumbent, const std::vector<int>& slots,
                                          const std::vector<int>& column_of, bool gains_only) {
  std::size_t moved = 0;
  Permutation& permutation = incumbent.permutation;
  done_.assign(slots.size(), false);
  for (std::size_t first = 0; first < slots.size(); ++first) {
    cycle_.clear();
    before_.clear();
    for (std::size_t i = first; !done_[i]; i = static_cast<std::size_t>(column_of[i])) {
      done_[i] = true;
      cycle_.push_back(slots[i]);
      before_.push_back(permutation[static_cast<std::size_t>(slots[i])]);
    }
    const std::size_t length = cycle_.size();
    if (length < 2) continue;
    double gain = 0;
    for (std::size_t k = 0; k < length; ++k)
      gain += gain_of(permutation, cycle_[k], before_[(k + 1) % length]);
    if (gains_only && gain <= 0) continue;
    for (std::size_t k = 0; k < length; ++k) {
      permutation[static_cast<std::size_t>(cycle_[k])] = before_[(k + 1) % length];
    }
    incumbent.kept += gain;
    moved += length;
  }
  return moved;
}

std::size_t AssignmentNeighbourhood::improve(Incumbent& incumbent, const std::vector<int>& slots,
                                             double noise, Precision precision, Rng& rng) {
  form_gains(incumbent.permutation, slots, precision);
  if (noise > 0) add_noise(slots.size(), noise, rng);
  return move(incumbent, slots, assignment_.solve(w_.data(), slots.size(), slots.size()), noise <= 0);
}

void AssignmentNeighbourhood::add_noise(std::size_t n, double amplitude, Rng& rng) {
  // Four 16-bit numbers from each draw, two for every entry: their difference is triangular in (-1, 1).
  const float scale = static_cast<float>(amplitude) / 65536.0f;
  for (std::size_t i = 0; i < n; ++i) {
    float* const row = w_.data() + i * n;
    const float own = row[i];
    for (std::size_t j = 0; j + 1 < n; j += 2) {
      const std::uint64_t bits = rng.next();
      const auto part = [&](int k) { return static_cast<int>((bits >> (16 * k)) & 0xffff); };
      row[j] += scale * static_cast<float>(part(0) - part(1));
      row[j + 1] += scale * static_cast<float>(part(2) - part(3));
    }
    row[i] = own;
  }
}

}  // namespace nmperm
