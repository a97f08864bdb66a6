// The permuted, and if wanted pruned, checkpoint as files; and the way back.
#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "checkpoints/checkpoint_record.h"
#include "criteria/scoring.h"

namespace nmperm {

struct CheckpointOutput {
  std::string folder;
  bool prune = false;
  bool replace = false;  ///< an older folder of this name may be replaced
};

/// Throws InputError unless `folder` can be made: it does not exist, is empty, or may be replaced; it is not
/// the checkpoint's own folder, nor inside it.
void require_output_folder(const CheckpointOutput& output, const CheckpointFiles& files);

/// Sparse products of rows of a pruned weight: tensor and largest relative error (verify_sparse_product()).
using ProductErrors = std::vector<std::pair<std::string, double>>;
/// Rows of each pruned weight that are multiplied, evenly spaced.
inline constexpr int kProductRows = 64;

/// Writes the shards with the same names, headers and order of tensors, one tensor at a time; then reads all
/// of them again and compares every tensor bit for bit with the checkpoint's under the permutations, and the
/// pruned ones with their zeros; then copies companions(), adds the record, and gives the folder its name. It
/// appears whole or not at all.
///
/// Memory: one weight of a block three times, once of them in float32. Throws InputError where a file cannot
/// be written, CheckError where the comparison fails, and as Scoring::score().
ProductErrors write_checkpoint(const CheckpointFiles& files, const CheckpointPlan& plan,
                               const ChannelOrders& orders, const Scoring& scoring,
                               const CheckpointOutput& output);

/// Writes a permuted checkpoint in the order before, the same way and with the same proof, without a record;
/// zeros stay. Returns false, and writes nothing, where `interrupt` was set meanwhile. Throws InputError
/// where there is no record or it does not fit the checkpoint.
bool undo_checkpoint(const CheckpointFiles& files, const std::string& folder,
                     const std::atomic<bool>& interrupt);

}  // namespace nmperm
