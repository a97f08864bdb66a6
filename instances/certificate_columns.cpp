#include "instances/certificate_columns.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <new>

#include "instances/certificate_kernel.h"

namespace nmperm {
namespace {

constexpr std::size_t kLanes = 8;  // float64 lanes of the widest vectors
constexpr std::size_t kAlignment = 64;

std::size_t rounded_up(std::size_t count) {
  return (count + kLanes - 1) / kLanes * kLanes;
}

std::int64_t least_pruned(const std::vector<const double*>& columns, int rows, const Pattern& pattern) {
  const auto kept = static_cast<std::ptrdiff_t>(columns.size()) / pattern.group * pattern.keep;
  std::vector<double> row(columns.size());
  double sum = 0;
  for (int r = 0; r < rows; ++r) {
    std::transform(columns.begin(), columns.end(), row.begin(), [r](const double* c) { return c[r]; });
    std::nth_element(row.begin(), row.begin() + kept, row.end(), std::greater<>());
    for (auto at = row.begin() + kept; at != row.end(); ++at) sum += *at;
  }
  return static_cast<std::int64_t>(sum);
}

}  // namespace

void FreeAligned::operator()(double* data) const {
  std::free(data);
}

AlignedDoubles aligned_doubles(std::size_t count) {
  const std::size_t rounded = rounded_up(std::max<std::size_t>(count, 1));
  AlignedDoubles data(static_cast<double*>(std::aligned_alloc(kAlignment, rounded * sizeof(double))));
  if (!data) throw std::bad_alloc();
  std::fill_n(data.get(), rounded, 0.0);
  return data;
}

CertificateColumns::CertificateColumns(const Problem& problem, int segment, double scale)
    : pattern_(problem.pattern()),
      begin_(problem.segments().begin(segment)),
      rows_(rounded_up(static_cast<std::size_t>(problem.rows()))) {
  std::map<std::vector<double>, std::size_t> numbers;
  std::vector<const double*> of_column;
  for (int c = begin_; c < problem.segments().end(segment); ++c) {
    std::vector<double> integers(rows_, 0.0);
    for (int r = 0; r < problem.rows(); ++r) {
      const double exact = static_cast<double>(problem.scores().at(r, c)) * scale;
      integers[static_cast<std::size_t>(r)] = std::nearbyint(exact);
    }
    const auto [at, is_new] = numbers.try_emplace(std::move(integers), size_.size());
    if (is_new) size_.push_back(0);
    ++size_[at->second];
    class_of_.push_back(at->second);
    of_column.push_back(at->first.data());
  }
  row_bound_pruned_ = least_pruned(of_column, problem.rows(), pattern_);

  by_column_ = aligned_doubles(classes() * rows_);
  by_panel_ = aligned_doubles(panels() * kPanelColumns * rows_);
  total_of_.assign(classes(), 0);
  for (const auto& [integers, c] : numbers) {
    for (std::size_t r = 0; r < rows_; ++r) {
      by_column_[c * rows_ + r] = integers[r];
      by_panel_[(c / kPanelColumns * rows_ + r) * kPanelColumns + c % kPanelColumns] = integers[r];
      total_of_[c] += static_cast<std::int64_t>(integers[r]);
    }
    total_ += total_of_[c] * size_[c];
  }
}

double CertificateColumns::groups() const {
  const auto m = static_cast<std::size_t>(pattern_.group);
  std::vector<double> ways(m + 1, 0.0);  // multisets of k of the classes seen so far
  ways[0] = 1;
  for (const int size : size_) {
    for (std::size_t k = m; k > 0; --k) {
      const std::size_t most = std::min(k, static_cast<std::size_t>(size));
      for (std::size_t used = 1; used <= most; ++used) ways[k] += ways[k - used];
    }
  }
  return ways[m];
}

std::size_t CertificateColumns::panels() const {
  return (classes() + kPanelColumns - 1) / kPanelColumns;
}

const double* CertificateColumns::panel(std::size_t p) const {
  return by_panel_.get() + p * kPanelColumns * rows_;
}

}  // namespace nmperm
