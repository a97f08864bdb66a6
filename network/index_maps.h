// Index maps of views: the same elements at other places.
#pragma once

#include <vector>

#include "network/operation.h"

namespace nmperm {

/// The elements `indices` along an axis of known size. An element that is taken more than once gets a slot
/// for each; one that alone remains of its axis cannot trade places any more.
TensorView select(Operation& operation, const TensorView& view, int axis,
                  const std::vector<std::int64_t>& indices);

/// Removes an axis of dimension 1 (or an unknown one that is 1 at run time).
void remove_axis(TensorView& view, int axis);
/// Puts an axis of dimension 1 in at `axis`.
void insert_axis(TensorView& view, int axis);
/// Axis i of the result is axis order[i] of the view.
TensorView transpose(const TensorView& view, const std::vector<int>& order);

/// The view in another shape with as many elements. Blocks that cannot be followed are pinned.
TensorView reshape(Operation& operation, TensorView view, const Shape& dims);

}  // namespace nmperm
