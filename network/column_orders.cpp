#include "network/column_orders.h"

#include <algorithm>

#include "core/group_kernels.h"
#include "network/constant_view.h"
#include "network/element_scores.h"

namespace nmperm {
namespace {

/// Rows of one block as a matrix of their own.
ScoreMatrix rows_of(const ScoreMatrix& scores, int first, int count) {
  ScoreMatrix part(count, scores.columns());
  for (int c = 0; c < scores.columns(); ++c) {
    for (int r = 0; r < count; ++r) part.at(r, c) = scores.at(first + r, c);
  }
  return part;
}

}  // namespace

ColumnOrders::ColumnOrders(const OnnxModel& model, const NetworkPlan& plan, const GroupSet& set,
                           const Scoring& scoring, const std::vector<int>& moved)
    : coupling_(&plan.coupling), pattern_(plan.pattern) {
  for (const int role : set.consumer_roles) {
    const int index = coupling_->place_of(set.classes->roles[static_cast<std::size_t>(role)].front());
    const auto [found, fresh] = first_matrix_.emplace(index, static_cast<int>(matrices_.size()));
    if (!fresh) continue;
    const Place& place = coupling_->places[static_cast<std::size_t>(index)];
    const StoredConstant& constant = model.constant(place.constant);
    ScoreMatrix scores = score_matrix(constant, ConstantView(model, place.constant).bytes(), place.axis, {},
                                      scoring, model.path() + ":" + constant.name);
    const int rows = scores.rows() / static_cast<int>(place.outer_count);
    for (std::int64_t block = 0; block < place.outer_count; ++block) {
      Permutation order;
      std::int64_t content = block;  // the block that stands here
      for (std::int64_t i = 0; i < place.length; ++i) {
        const int atom = place.first_atom + static_cast<int>(block * place.length + i);
        const AtomPosition from = position_of(*coupling_, index, moved[static_cast<std::size_t>(atom)]);
        order.push_back(static_cast<int>(from.index));
        content = from.block;
      }
      state_.orders.push_back(std::move(order));
      matrices_.push_back(std::make_unique<const ScoreMatrix>(
          place.outer_count == 1 ? std::move(scores)
                                 : rows_of(scores, static_cast<int>(content) * rows, rows)));
    }
  }
  for (std::size_t m = 0; m < matrices_.size(); ++m) {
    auto& kept = state_.groups_kept.emplace_back();
    for (int g = 0; g < matrices_[m]->columns() / pattern_.group; ++g) {
      kept.push_back(group_kept(static_cast<int>(m), g));
      state_.kept += kept.back();
    }
  }
}

const Place& ColumnOrders::place_of(int atom) const {
  return coupling_->places[static_cast<std::size_t>(coupling_->place_of(atom))];
}

int ColumnOrders::matrix_of(int atom) const {
  const int place = coupling_->place_of(atom);
  return first_matrix_.at(place) + static_cast<int>(position_of(*coupling_, place, atom).block);
}

int ColumnOrders::column_of(int atom) const {
  return static_cast<int>(position_of(*coupling_, coupling_->place_of(atom), atom).index);
}

void ColumnOrders::add_pair(int a, int b, std::vector<ColumnPair>& exchange) const {
  if (!in_blocks(a)) add_block_pair(a, b, exchange);
}

void ColumnOrders::add_block_pair(int a, int b, std::vector<ColumnPair>& exchange) const {
  exchange.push_back({matrix_of(a), column_of(a), column_of(b)});
}

double ColumnOrders::group_kept(int matrix, int group) const {
  const auto m = static_cast<std::size_t>(matrix);
  const ScoreMatrix& scores = *matrices_[m];
  std::vector<const float*> columns;
  for (int i = 0; i < pattern_.group; ++i) {
    columns.push_back(scores.column(state_.orders[m][static_cast<std::size_t>(group * pattern_.group + i)]));
  }
  return kept_of_columns(columns.data(), pattern_, static_cast<std::size_t>(scores.stride()));
}

std::vector<std::pair<int, int>> ColumnOrders::touched(const std::vector<ColumnPair>& exchange) const {
  std::vector<std::pair<int, int>> groups;
  for (const ColumnPair& pair : exchange) {
    for (const int column : {pair.a, pair.b}) groups.emplace_back(pair.matrix, column / pattern_.group);
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

void ColumnOrders::swap_columns(const std::vector<ColumnPair>& exchange) {
  for (const ColumnPair& pair : exchange) {
    Permutation& order = state_.orders[static_cast<std::size_t>(pair.matrix)];
    std::swap(order[static_cast<std::size_t>(pair.a)], order[static_cast<std::size_t>(pair.b)]);
  }
}

bool ColumnOrders::improve(const std::vector<ColumnPair>& exchange) {
  const bool inside = std::all_of(exchange.begin(), exchange.end(), [&](const ColumnPair& pair) {
    return pair.a / pattern_.group == pair.b / pattern_.group;
  });
  if (inside) return false;  // groups keep their columns
  const auto groups = touched(exchange);
  swap_columns(exchange);
  std::vector<double> kept;
  double before = 0, after = 0;
  for (const auto& [matrix, group] : groups) {
    before += state_.groups_kept[static_cast<std::size_t>(matrix)][static_cast<std::size_t>(group)];
    kept.push_back(group_kept(matrix, group));
    after += kept.back();
  }
  if (!(after > before * (1 + 1e-7))) {
    swap_columns(exchange);  // an exchange of disjoint pairs takes itself back
    return false;
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    state_
        .groups_kept[static_cast<std::size_t>(groups[i].first)][static_cast<std::size_t>(groups[i].second)] =
        kept[i];
  }
  state_.kept += after - before;
  return true;
}

void ColumnOrders::exchange(const std::vector<ColumnPair>& exchange) {
  swap_columns(exchange);
  for (const auto& [matrix, group] : touched(exchange)) {
    double& kept = state_.groups_kept[static_cast<std::size_t>(matrix)][static_cast<std::size_t>(group)];
    state_.kept -= kept;
    kept = group_kept(matrix, group);
    state_.kept += kept;
  }
}

Magnitude ColumnOrders::magnitude() const {
  Magnitude sum;
  for (const auto& scores : matrices_) {
    const Magnitude one = reference_magnitude(*scores, pattern_);
    sum.total += one.total;
    sum.row_bound += one.row_bound;
  }
  sum.default_kept = sum.kept = exact_kept();
  return sum;
}

double ColumnOrders::exact_kept() const {
  double kept = 0;
  for (std::size_t m = 0; m < matrices_.size(); ++m)
    kept += kept_magnitude(*matrices_[m], pattern_, state_.orders[m]);
  return kept;
}

}  // namespace nmperm
