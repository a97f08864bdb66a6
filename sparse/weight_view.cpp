#include "sparse/weight_view.h"

#include <string>

#include "core/error.h"

namespace nmperm {

void WeightView::validate() const {
  const std::string shape = std::to_string(rows) + " x " + std::to_string(columns);
  if (rows < 1 || columns < 1) throw InputError("weight", "shape", shape, "at least one row and one column");
  if (values.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) return;
  throw InputError("weight", "shape", std::to_string(values.size()) + " values for " + shape,
                   "rows times columns of them");
}

}  // namespace nmperm
