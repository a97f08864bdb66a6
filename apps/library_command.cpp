// `nmperm library`: named instances, and the best that is known of them.
#include <chrono>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "bench/library_solutions.h"
#include "core/error.h"
#include "instances/library_table.h"
#include "instances/library_update.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "The instance library and its best-known values: list, check, update";

constexpr const char* kFooter =
    R"(Every instance can be used wherever an INSTANCE is expected, as library:NAME; its pattern
is used where no --pattern is given.

Examples:
  nmperm library list --part reporting
  nmperm solve library:random-64x96-100 --output s.json
  nmperm library update s.json
  nmperm compare $(nmperm library list --part reporting --names) --solvers auto)";

struct LibraryOptions {
  std::string part;
  std::string pattern;
  bool names = false;
  bool markdown = false;
  std::vector<std::string> instances;
  std::vector<std::string> solutions;
  int threads = 0;
  std::optional<double> most_groups;
};

std::vector<const LibraryInstance*> selected(const Library& library, const LibraryOptions& options) {
  std::vector<const LibraryInstance*> instances;
  for (const LibraryInstance& instance : library.instances()) {
    if (!options.part.empty() && options.part != to_string(instance.part)) continue;
    if (!options.pattern.empty() && Pattern::parse(options.pattern) != instance.pattern) continue;
    instances.push_back(&instance);
  }
  return instances;
}

int list(const LibraryOptions& options) {
  const Library library;
  if (options.names) {
    for (const LibraryInstance* const instance : selected(library, options))
      fmt::print("library:{}\n", instance->name);
  } else if (options.markdown) {
    fmt::print("{}", library_markdown(library, read_best_known(library)));
  } else {
    fmt::print("{}", library_text(selected(library, options), read_best_known(library)));
  }
  return kExitDone;
}

/// The entries of the instances that were named, or all.
std::vector<const BestKnown*> entries_of(const Library& library, const std::vector<BestKnown>& entries,
                                         const std::vector<std::string>& names) {
  std::vector<const BestKnown*> chosen;
  if (names.empty()) {
    for (const BestKnown& entry : entries) chosen.push_back(&entry);
  }
  for (const std::string& name : names) {
    const BestKnown* const entry = find_entry(entries, library.find(name).name);
    if (entry == nullptr)
      throw InputError(name, {}, "nothing is known of this instance", "one with an entry");
    chosen.push_back(entry);
  }
  return chosen;
}

int check(const LibraryOptions& options) {
  const Library library;
  const std::vector<BestKnown> entries = read_best_known(library);
  std::optional<CheckError> first;
  for (const BestKnown* const entry : entries_of(library, entries, options.instances)) {
    BestKnown checked = *entry;
    const bool left_out = checked.bound && !checked.bound->certificate.empty() && options.most_groups &&
                          group_count(library.find(entry->name)) > *options.most_groups;
    if (left_out) checked.bound->certificate.clear();
    const std::vector<Discrepancy> wrong = check_best_known(library, checked, options.threads);
    fmt::print("{:<32} {}\n", entry->name,
               !wrong.empty() ? "WRONG"
               : left_out     ? "ok, its certificate left out"
                              : "ok");
    if (wrong.empty() || first) continue;
    first.emplace(library.path("best_known.json"), entry->name + ": " + wrong.front().place,
                  wrong.front().recorded, wrong.front().expected);
  }
  if (first) throw CheckError(*first);
  return kExitDone;
}

std::string today() {
  const std::chrono::year_month_day date{
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

int update(const LibraryOptions& options) {
  const Library library;
  std::vector<BestKnown> entries = read_best_known(library);
  for (const std::string& path : options.solutions) {
    for (const Solution& solution : read_submissions(path, library)) {
      const LibraryChange change =
          update_best_known(library, entries, solution, path, NMPERM_VERSION, today(), options.threads);
      if (change.kept || change.bound) write_best_known(library, entries);
      fmt::print("{:<32} {}\n", change.name,
                 change.kept && change.bound ? "better value and bound"
                 : change.kept               ? "better value"
                 : change.bound              ? "better bound"
                                             : "nothing better");
    }
  }
  return kExitDone;
}

void add_threads_option(CLI::App& command, int& threads) {
  command
      .add_option("--threads", threads, "threads that verify certificates; 0 stands for all processors (0)")
      ->type_name("N")
      ->check(whole_number(0, 4096));
}

CLI::App* add_list(CLI::App& library, LibraryOptions& options) {
  CLI::App* const command = library.add_subcommand("list", "Lists the instances and what is known of them");
  command->add_option("--part", options.part, "only this part: tuning or reporting (both)")
      ->type_name("PART")
      ->check(CLI::IsMember({"tuning", "reporting"}));
  command->add_option("--pattern", options.pattern, "only instances for this pattern (all)")
      ->type_name("N:M");
  CLI::Option* const names = command->add_flag("--names", options.names, "only names, as INSTANCE arguments");
  command->add_flag("--markdown", options.markdown, "the whole library as a page in Markdown")
      ->excludes(names);
  return command;
}

CLI::App* add_check(CLI::App& library, LibraryOptions& options) {
  CLI::App* const command =
      library.add_subcommand("check", "Recomputes every value and verifies every stored certificate");
  command->add_option("NAME", options.instances, "instances (all)")->type_name("");
  const auto most_groups = [&options](const double& groups) { options.most_groups = groups; };
  command
      ->add_option_function<double>(
          "--most-groups", most_groups,
          "leave out certificates of instances with more groups\nof columns than this (none)")
      ->type_name("N")
      ->check(number_from(0));
  add_threads_option(*command, options.threads);
  return command;
}

CLI::App* add_update(CLI::App& library, LibraryOptions& options) {
  CLI::App* const command = library.add_subcommand(
      "update", "Enters solutions that are better than what is known, once they are checked");
  command
      ->add_option("SOLUTION", options.solutions,
                   "solution files, each with the certificate that it names,\npermutations alone "
                   "(docs/library.md), or results of\n`nmperm compare`")
      ->required()
      ->type_name("");
  add_threads_option(*command, options.threads);
  return command;
}

}  // namespace

Command add_library_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("library", kDescription);
  const auto options = std::make_shared<LibraryOptions>();
  const CLI::App* const list_command = add_list(*command, *options);
  const CLI::App* const check_command = add_check(*command, *options);
  (void)add_update(*command, *options);
  command->require_subcommand(1);
  command->footer(kFooter);
  return {command, [options, list_command, check_command] {
            if (list_command->parsed()) return list(*options);
            if (check_command->parsed()) return check(*options);
            return update(*options);
          }};
}

}  // namespace nmperm
