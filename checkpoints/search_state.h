// What a search over a checkpoint has reached, in a file: a stopped run goes on from there.
#pragma once

#include <map>
#include <string>

#include "core/result.h"
#include "io/byte_source.h"

namespace nmperm {

/// Longest state file that is read.
inline constexpr std::uint64_t kMaxStateBytes = 1'000'000'000;

struct SearchState {
  std::string inputs;                  ///< CheckpointFiles::sha256()
  std::string settings;                ///< everything else that decides the result, as one line of JSON
  double seconds = 0;                  ///< of all runs so far
  bool written = false;                ///< an interrupted run wrote its output folder with what it had
  std::map<std::string, Result> sets;  ///< finished, by name; bounds have no certificate
};

std::string to_json(const SearchState& state);
/// Throws InputError, naming the place, when this is no state file. Permutations are not checked against
/// sets.
SearchState parse_search_state(const ByteSource& source);

}  // namespace nmperm
