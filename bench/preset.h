// A preset: a solver with some of its options set, as `compare` names it.
#pragma once

#include <string>
#include <string_view>

#include "core/options.h"

namespace nmperm {

/// `stripe-groups`, or `stripe-groups:bounded-regressions=0:stripe-group-size=8`.
struct Preset {
  std::string solver;
  OptionValues options;  ///< only those that were given

  /// As parse_preset() takes it, options in alphabetical order: equal labels mean equal presets.
  std::string label() const;

  bool operator==(const Preset&) const = default;
};

/// Throws InputError on a text of another form, an unknown solver, an unknown option, or a value out of its
/// range. An alias becomes the solver's name.
Preset parse_preset(std::string_view text);

}  // namespace nmperm
