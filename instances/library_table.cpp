#include "instances/library_table.h"

#include <algorithm>

#include <fmt/format.h>

namespace nmperm {
namespace {

/// What one row says, as text.
struct Row {
  std::string name, size, pattern, total, default_kept, row_bound, kept, efficacy, bound, gap, solver, date;
};

std::string magnitude(double value) {
  return fmt::format("{:.3f}", value);
}

std::string percent(double share) {
  return fmt::format("{:.3f} %", 100 * share);
}

std::string gap_text(const BestKnown& entry) {
  if (!entry.bound) return "unknown";
  return entry.optimal() ? "optimal" : percent(*entry.gap());
}

Row row_of(const LibraryInstance& instance, const BestKnown* entry) {
  Row row;
  row.name = instance.name;
  row.size = fmt::format("{} x {}", instance.rows, instance.columns);
  row.pattern = instance.pattern.str();
  if (entry == nullptr) return row;
  row.total = magnitude(entry->magnitude.total);
  row.default_kept = magnitude(entry->magnitude.default_kept);
  row.row_bound = magnitude(entry->magnitude.row_bound);
  row.kept = magnitude(entry->magnitude.kept);
  const auto efficacy = entry->magnitude.efficacy();
  row.efficacy = efficacy ? fmt::format("{:.3f}", *efficacy) : "";
  row.bound = entry->bound ? magnitude(entry->bound->kept) : "unknown";
  row.gap = gap_text(*entry);
  row.solver = entry->credit.solver;
  row.date = entry->credit.date;
  return row;
}

/// Certificate, or how to make it again.
std::string proof_of(const BestKnown* entry) {
  if (entry == nullptr || !entry->bound) return "";
  const KnownBound& bound = *entry->bound;
  if (bound.certificate.empty()) return bound.method;
  return fmt::format("[{}](../../instances/library/{})", bound.method, bound.certificate);
}

std::string markdown_table(const Library& library, const std::vector<BestKnown>& entries, LibraryPart part) {
  std::string text =
      "| instance | rows x columns | pattern | total | default | row bound | best known | efficacy | bound | "
      "gap | "
      "found by | proof | date |\n|---|---|---|---:|---:|---:|---:|---:|---:|---:|---|---|---|\n";
  for (const LibraryInstance& instance : library.instances()) {
    if (instance.part != part) continue;
    const BestKnown* const entry = find_entry(entries, instance.name);
    const Row row = row_of(instance, entry);
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", row.name,
                        row.size, row.pattern, row.total, row.default_kept, row.row_bound, row.kept,
                        row.efficacy, row.bound, row.gap, row.solver, proof_of(entry), row.date);
  }
  return text;
}

/// What a better permutation or bound could still change, widest gap first; without a bound last.
std::string open_table(const Library& library, const std::vector<BestKnown>& entries) {
  std::vector<const LibraryInstance*> open;
  for (const LibraryInstance& instance : library.instances()) {
    const BestKnown* const entry = find_entry(entries, instance.name);
    if (entry == nullptr || !entry->optimal()) open.push_back(&instance);
  }
  const auto gap_of = [&](const LibraryInstance* instance) {
    const BestKnown* const entry = find_entry(entries, instance->name);
    return entry == nullptr ? 0.0 : entry->gap().value_or(0.0);
  };
  std::stable_sort(open.begin(), open.end(),
                   [&](const auto* a, const auto* b) { return gap_of(a) > gap_of(b); });
  std::string text =
      "| instance | rows x columns | pattern | best known | bound | gap | gap to the row bound | found by |\n"
      "|---|---|---|---:|---:|---:|---:|---|\n";
  for (const LibraryInstance* const instance : open) {
    const BestKnown* const entry = find_entry(entries, instance->name);
    const Row row = row_of(*instance, entry);
    const std::string to_row_bound =
        entry == nullptr ? "" : percent(entry->magnitude.gap(entry->magnitude.row_bound));
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} |\n", row.name, row.size, row.pattern,
                        row.kept, row.bound, row.gap, to_row_bound, row.solver);
  }
  return text;
}

std::string summary(const Library& library, const std::vector<BestKnown>& entries) {
  const auto optimal =
      std::count_if(entries.begin(), entries.end(), [](const auto& e) { return e.optimal(); });
  const auto bounded =
      std::count_if(entries.begin(), entries.end(), [](const auto& e) { return e.bound && !e.optimal(); });
  const auto open = static_cast<std::ptrdiff_t>(library.instances().size()) - optimal - bounded;
  return fmt::format("{} instances: {} proven optimal, {} with a certified gap, {} without a bound.",
                     library.instances().size(), optimal, bounded, open);
}

}  // namespace

std::string library_markdown(const Library& library, const std::vector<BestKnown>& entries) {
  constexpr const char* kHead = R"(# Best known values of the instance library

Written by `nmperm library list --markdown` from `instances/library/best_known.json`, where the permutations are.
{}

*best known* is the largest kept magnitude that a permutation in that file reaches, *bound* the least proven limit,
*gap* their difference as a share of what is pruned. A proof with a link is a certificate in this repository; one
without was verified when it was entered, and `bound.command` in the file makes it again. *unknown*: no bound other
than the row bound is known. How to submit a better value: [library.md](../library.md).
)";
  std::string text = fmt::format(kHead, summary(library, entries));
  text += "\n## Open\n\nNo proof forbids a better permutation here.\n\n";
  text += open_table(library, entries);
  text += "\n## Reporting\n\nSolvers were never tuned on these.\n\n";
  text += markdown_table(library, entries, LibraryPart::kReporting);
  text += "\n## Tuning\n\nThese may be used to choose parameters.\n\n";
  return text + markdown_table(library, entries, LibraryPart::kTuning);
}

std::string library_text(const std::vector<const LibraryInstance*>& instances,
                         const std::vector<BestKnown>& entries) {
  constexpr const char* kLine = "{:<32} {:<9} {:>11} {:>4} {:>14} {:>9} {:>14} {:>9}  {}\n";
  std::string text = fmt::format(kLine, "instance", "part", "size", "N:M", "best known", "efficacy", "bound",
                                 "gap", "found by");
  for (const LibraryInstance* const instance : instances) {
    const Row row = row_of(*instance, find_entry(entries, instance->name));
    text += fmt::format(kLine, row.name, to_string(instance->part), row.size, row.pattern, row.kept,
                        row.efficacy, row.bound, row.gap, row.solver);
  }
  return text;
}

}  // namespace nmperm
