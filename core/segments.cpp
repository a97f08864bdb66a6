#include "core/segments.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/error.h"

namespace nmperm {

Segments::Segments(int columns) : Segments(std::vector<int>{columns}) {}

Segments::Segments(std::vector<int> lengths) : lengths_(std::move(lengths)) {
  starts_.push_back(0);
  for (std::size_t s = 0; s < lengths_.size(); ++s) {
    if (lengths_[s] <= 0 || lengths_[s] > std::numeric_limits<int>::max() - starts_.back()) {
      throw InputError("segments", "entry " + std::to_string(s), "length " + std::to_string(lengths_[s]),
                       "positive lengths that add up to the number of columns");
    }
    starts_.push_back(starts_.back() + lengths_[s]);
  }
  if (lengths_.empty()) throw InputError("segments", {}, "no segment given", "at least one length");
}

int Segments::of_column(int c) const {
  return static_cast<int>(std::upper_bound(starts_.begin(), starts_.end(), c) - starts_.begin()) - 1;
}

void Segments::validate(int columns, const Pattern& pattern) const {
  if (this->columns() != columns) {
    throw InputError("segments", {}, "lengths add up to " + std::to_string(this->columns()),
                     std::to_string(columns) + ", the number of columns");
  }
  for (int s = 0; s < count(); ++s) {
    if (length(s) % pattern.group == 0) continue;
    const int pad = pattern.group - length(s) % pattern.group;
    const std::string place = count() == 1 ? std::string{} : "segment " + std::to_string(s);
    throw InputError(
        count() == 1 ? "columns" : "segments", place,
        std::to_string(length(s)) + " columns are not divisible by M = " + std::to_string(pattern.group),
        "a multiple of M: pad with " + std::to_string(pad) + " zero column" + (pad == 1 ? "" : "s"));
  }
}

}  // namespace nmperm
