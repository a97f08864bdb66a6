#include "heuristics/group_crossover.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "heuristics/kept.h"

namespace nmperm {

std::vector<double> kept_by_group(const Problem& problem, const Permutation& permutation) {
  std::vector<double> kept;
  for (int i = 0; i < problem.columns(); i += problem.pattern().group) {
    kept.push_back(kept_of_group_columns(problem, permutation.data() + i));
  }
  return kept;
}

std::vector<double> mean_column_value(const Problem& problem, const std::vector<Parent>& members) {
  std::vector<double> value(static_cast<std::size_t>(problem.columns()), 0.0);
  const auto group = static_cast<std::size_t>(problem.pattern().group);
  for (const Parent& member : members) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      value[static_cast<std::size_t>((*member.permutation)[i])] +=
          (*member.kept)[i / group] / static_cast<double>(group * members.size());
    }
  }
  return value;
}

namespace {

/// A group of a parent that the child may take over.
struct Gene {
  double merit;  // kept magnitude above the columns' values
  std::vector<int> columns;
};

class Child {
 public:
  Child(const Problem& problem)
      : problem_(problem), taken_(static_cast<std::size_t>(problem.columns()), false) {}

  bool fits(const Gene& gene) const {
    return std::none_of(gene.columns.begin(), gene.columns.end(),
                        [&](int c) { return taken_[static_cast<std::size_t>(c)]; });
  }

  void take(const Gene& gene) {
    for (const int c : gene.columns) taken_[static_cast<std::size_t>(c)] = true;
    chosen_.push_back(gene.columns);
  }

  /// Groups in the segments that they belong to; the columns left over in random order behind them.
  Permutation permutation(Rng& rng) {
    const Segments& segments = problem_.segments();
    std::vector<std::vector<int>> parts(static_cast<std::size_t>(segments.count()));
    for (const auto& columns : chosen_) {
      auto& part = parts[static_cast<std::size_t>(segments.of_column(columns.front()))];
      part.insert(part.end(), columns.begin(), columns.end());
    }
    Permutation result;
    for (int s = 0; s < segments.count(); ++s) {
      std::vector<int> rest;
      for (int c = segments.begin(s); c < segments.end(s); ++c) {
        if (!taken_[static_cast<std::size_t>(c)]) rest.push_back(c);
      }
      rng.shuffle(rest);
      const auto& part = parts[static_cast<std::size_t>(s)];
      result.insert(result.end(), part.begin(), part.end());
      result.insert(result.end(), rest.begin(), rest.end());
    }
    return result;
  }

 private:
  const Problem& problem_;
  std::vector<char> taken_;
  std::vector<std::vector<int>> chosen_;
};

std::vector<Gene> genes_of(const Problem& problem, const Parent& parent,
                           const std::vector<double>& column_value) {
  std::vector<Gene> genes;
  const int group = problem.pattern().group;
  for (int i = 0; i < problem.columns(); i += group) {
    Gene gene{(*parent.kept)[static_cast<std::size_t>(i / group)], {}};
    for (int k = 0; k < group; ++k) {
      gene.columns.push_back((*parent.permutation)[static_cast<std::size_t>(i + k)]);
      gene.merit -= column_value[static_cast<std::size_t>(gene.columns.back())];
    }
    std::sort(gene.columns.begin(), gene.columns.end());
    genes.push_back(std::move(gene));
  }
  return genes;
}

/// Removes the genes that no longer fit, and returns the best of a few random ones that do; empty columns if
/// none does.
Gene draw(std::vector<Gene>& genes, const Child& child, Rng& rng) {
  constexpr int kTournament = 4;
  std::erase_if(genes, [&](const Gene& gene) { return !child.fits(gene); });
  Gene best{0, {}};
  for (int k = 0; k < kTournament && !genes.empty(); ++k) {
    const Gene& candidate = genes[static_cast<std::size_t>(rng.below(static_cast<int>(genes.size())))];
    if (best.columns.empty() || candidate.merit > best.merit) best = candidate;
  }
  return best;
}

}  // namespace

Permutation group_crossover(const Problem& problem, const Parent& a, const Parent& b,
                            const std::vector<double>& column_value, Rng& rng) {
  std::array<std::vector<Gene>, 2> genes = {genes_of(problem, a, column_value),
                                            genes_of(problem, b, column_value)};
  Child child(problem);
  std::set<std::vector<int>> groups_of_b;
  for (const Gene& gene : genes[1]) groups_of_b.insert(gene.columns);
  for (const Gene& gene : genes[0]) {
    if (groups_of_b.contains(gene.columns)) child.take(gene);
  }
  auto turn = static_cast<std::size_t>(rng.below(2));
  for (int passed = 0; passed < 2; turn ^= 1) {
    const Gene gene = draw(genes[turn], child, rng);
    passed = gene.columns.empty() ? passed + 1 : 0;
    if (!gene.columns.empty()) child.take(gene);
  }
  return child.permutation(rng);
}

}  // namespace nmperm
