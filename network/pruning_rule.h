// Which weights N:M prunes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/pattern.h"
#include "network/coupling.h"

namespace nmperm {

/// Weights whose sizes suit sparse hardware, further narrowed by name. Kernels for sparse weights want output
/// channels divisible by 8 and input channels by 16.
class PruningRule {
 public:
  /// `sizes` is "outputs=8,inputs=16" (what the channels must be divisible by; either may be left out);
  /// `include` and `exclude` are regular expressions (ECMAScript) that are searched for in the names of
  /// tensors and nodes; empty for none. Throws InputError on anything else.
  PruningRule(const std::string& sizes, const std::string& include, const std::string& exclude);
  PruningRule() : PruningRule("", "", "") {}
  ~PruningRule();
  PruningRule(PruningRule&&) noexcept;

  /// Empty where the weight's sizes suit the rule, otherwise why not.
  std::string size_refusal(const PrunableWeight& weight, const Pattern& pattern) const;
  /// Empty where include and exclude let the weight pass, otherwise why not.
  std::string name_refusal(const PrunableWeight& weight, const std::string& tensor) const;
  /// One line for a reader.
  std::string describe() const;

 private:
  struct Names;
  std::int64_t outputs_ = 8, inputs_ = 16;
  std::string include_, exclude_;
  std::unique_ptr<Names> names_;
};

}  // namespace nmperm
