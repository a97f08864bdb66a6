// From a layer graph to the channels that may move.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "network/channel_ties.h"
#include "network/layer_graph.h"

namespace nmperm {

/// Atoms of one axis of a stored constant. Where `outer_count` > 1 (a grouped convolution's input channels,
/// the gates of a bidirectional recurrence), the axis is permuted separately in each of the `outer_count`
/// blocks of `outer_block` consecutive indices of `outer_axis`.
struct Place {
  int constant = 0;
  int axis = 0;
  int outer_axis = -1;
  std::int64_t outer_block = 1, outer_count = 1;
  /// Elements of two blocks may trade places, where the blocks of `outer_axis` do as wholes.
  bool blocks_alike = false;
  std::int64_t length = 0;  ///< dimension of `axis`
  int first_atom = 0;       ///< atom of index i in block b: first_atom + b * length + i

  std::int64_t atoms() const { return outer_count * length; }
};

/// A weight of Conv, ConvTranspose, Gemm or MatMul: what N:M prunes.
struct PrunableWeight {
  int constant = 0;
  std::string node;                  ///< the first operation that uses it
  int input_place = -1;              ///< its columns: input channels; -1 where it has only one
  int output_place = -1;             ///< -1 where it has only one output channel
  std::int64_t input_channels = 1;   ///< per group
  std::int64_t output_channels = 1;  ///< of all groups
};

struct Coupling {
  ChannelTies ties;
  std::vector<Place> places;            ///< by first atom, ascending
  std::vector<PrunableWeight> weights;  ///< by their first use
  std::vector<TradingClasses> sets;
  std::vector<TradingClasses> groups;  ///< of whole groups and heads: ChannelTies::trading_groups()

  /// The place of an atom, or -1 for the zero channels that padding adds.
  int place_of(int atom) const;
};

/// Follows every operation of the graph. Never fails: what is not understood pins the channels that it
/// touches. Time and memory O(channels of all tensors).
Coupling couple(const LayerGraph& graph);

}  // namespace nmperm
