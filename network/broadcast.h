// Operations that combine tensors element by element.
#pragma once

#include <vector>

#include "network/operation.h"

namespace nmperm {

/// An input of a combination; axes are aligned at the last one, as NumPy does.
struct Operand {
  const TensorView* view;
  int port;
};

/// The shape of a combination; false where the shapes do not fit, or a rank is not known.
bool broadcast_dims(const std::vector<Operand>& operands, Shape& dims);

/// Ties the operands' channels pairwise and sets `out` (dims as given) to what the combination's move with.
/// Blocks that touch `excluded_axis` (of `out`, or -1) are left out: the caller sees to them.
void combine(Operation& operation, const std::vector<Operand>& operands, const Shape& dims, TensorView& out,
             int excluded_axis = -1);

}  // namespace nmperm
