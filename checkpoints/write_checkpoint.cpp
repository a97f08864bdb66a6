#include "checkpoints/write_checkpoint.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "checkpoints/folder_in_the_making.h"
#include "checkpoints/moved_tensors.h"
#include "checkpoints/set_scores.h"
#include "core/error.h"
#include "io/atomic_file.h"
#include "sparse/mask.h"
#include "sparse/verify_product.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

class Writer {
 public:
  Writer(const CheckpointFiles& files, const CheckpointPlan& plan, const ChannelOrders& orders,
         const Scoring& scoring, const CheckpointOutput& output)
      : files_(files),
        plan_(plan),
        orders_(orders),
        scoring_(scoring),
        output_(output),
        moved_(files, plan, orders),
        folder_(output.folder),
        pruned_(plan.placed.size(), false) {
    for (const CheckpointWeight& weight : plan.weights) {
      pruned_[static_cast<std::size_t>(weight.placed)] = output.prune && weight.selected;
    }
  }

  /// Permuted, with the record of it.
  ProductErrors run() {
    write_proven([] { return true; });
    write_file(folder_.path(kCheckpointRecord),
               to_json(record_of(files_, plan_, orders_, pruned_, scoring_.criterion().info().name)));
    folder_.commit();
    return std::move(products_);
  }

  /// Without a record; false, and nothing is written, where `interrupt` was set meanwhile.
  bool run_back(const std::atomic<bool>& interrupt) {
    const bool whole = write_proven([&] { return !interrupt; });
    if (whole) folder_.commit();
    return whole;
  }

 private:
  /// Everything but a record, into the folder in the making. `goes_on` is asked before every tensor.
  template <typename GoesOn>
  bool write_proven(GoesOn goes_on) {
    for (std::size_t shard = 0; shard < files_.shards().size(); ++shard) {
      if (!write_shard(shard, goes_on)) return false;
    }
    for (std::size_t shard = 0; shard < files_.shards().size(); ++shard) {
      if (!check_shard(shard, goes_on)) return false;
    }
    for (const std::string& name : files_.companions()) {
      if (name == kCheckpointRecord) continue;  // of what is taken back
      std::error_code error;
      fs::copy_file(files_.folder() + "/" + name, folder_.path(name), error);
      if (error) throw InputError(files_.folder() + "/" + name, {}, "cannot be copied: " + error.message());
    }
    return true;
  }

  bool is_pruned(std::size_t tensor) const {
    const int placed = moved_.placed(tensor);
    return placed >= 0 && pruned_[static_cast<std::size_t>(placed)];
  }

  template <typename GoesOn>
  bool write_shard(std::size_t shard, GoesOn goes_on) {
    AtomicFile file(folder_.path(files_.shards()[shard]));
    file.write(files_.preamble(shard));
    for (std::size_t i = 0; i < files_.tensors().size(); ++i) {
      if (files_.tensors()[i].shard != shard) continue;
      if (!goes_on()) return false;
      if (is_pruned(i)) {
        file.write(pruned_bytes(i));
      } else {
        moved_.write(i, file);
      }
    }
    file.commit();
    return true;
  }

  std::vector<std::byte> pruned_bytes(std::size_t tensor) {
    std::vector<std::byte> bytes = files_.bytes(files_.tensors()[tensor]);
    const TensorMove move = moved_.move_of(tensor);
    const int placed = moved_.placed(tensor);
    const int axis = plan_.placed[static_cast<std::size_t>(placed)].rule->input_axis;
    const ScoreMatrix scores = scores_of(files_, plan_, placed, scoring_);
    Permutation order = move.orders[static_cast<std::size_t>(axis)];
    if (order.empty()) order = identity_permutation(scores.columns());
    const auto mask = pattern_mask(scores, plan_.pattern, order);
    check_product(placed, order, mask);
    prune_bytes(move, axis, mask, bytes);
    return moved_bytes(move, bytes);
  }

  /// The sparse product of some rows of a weight.
  void check_product(int placed, const Permutation& order, std::span<const std::uint8_t> mask) {
    const ScoreMatrix weight = weight_of(files_, plan_, placed);
    const int rows = std::min(weight.rows(), kProductRows);
    std::vector<float> values;
    std::vector<std::uint8_t> kept;
    for (int k = 0; k < rows; ++k) {
      const auto r = static_cast<int>(static_cast<std::int64_t>(k) * weight.rows() / rows);
      for (int c = 0; c < weight.columns(); ++c) values.push_back(weight.at(r, c));
      const auto row = mask.subspan(static_cast<std::size_t>(r) * order.size(), order.size());
      kept.insert(kept.end(), row.begin(), row.end());
    }
    const std::string& name = plan_.tensor(files_, placed).name;
    const double error = verify_sparse_product({values, rows, weight.columns()}, order, plan_.pattern, kept);
    products_.emplace_back(name, error);
    if (error <= kMaxProductError) return;
    throw CheckError(output_.folder, "sparse product of '" + name + "'",
                     fmt::format("relative error {:.3e}", error),
                     fmt::format("at most {:.0e}", kMaxProductError));
  }

  /// Reads a shard again and compares it with the checkpoint's.
  template <typename GoesOn>
  bool check_shard(std::size_t shard, GoesOn goes_on) const {
    const Safetensors written(open_file(folder_.path(files_.shards()[shard])));
    if (written.preamble() != files_.preamble(shard)) fail_structure("the header of a shard differs");
    for (std::size_t i = 0; i < files_.tensors().size(); ++i) {
      const CheckpointTensor& tensor = files_.tensors()[i];
      if (tensor.shard != shard) continue;
      if (!goes_on()) return false;
      const MoveCheck found =
          is_pruned(i)
              ? moved_.compare_pruned(i, plan_.pattern, scores_of(files_, plan_, moved_.placed(i), scoring_),
                                      written.read_bytes(tensor.name))
              : moved_.compare(i, *written.stream(tensor.name));
      if (!found.equal) fail_structure("tensor '" + tensor.name + "': " + found.difference);
    }
    return true;
  }

  [[noreturn]] void fail_structure(const std::string& difference) const {
    throw CheckError(output_.folder, "structure", difference, "the checkpoint under the permutations");
  }

  const CheckpointFiles& files_;
  const CheckpointPlan& plan_;
  const ChannelOrders& orders_;
  const Scoring& scoring_;
  const CheckpointOutput& output_;
  MovedTensors moved_;
  FolderInTheMaking folder_;
  std::vector<bool> pruned_;  // of each placed tensor
  ProductErrors products_;
};

}  // namespace

void require_output_folder(const CheckpointOutput& output, const CheckpointFiles& files) {
  const fs::path target = without_slashes(output.folder);
  std::error_code error;
  const fs::path inside =
      fs::weakly_canonical(target, error).lexically_relative(fs::weakly_canonical(files.folder(), error));
  if (!inside.empty() && *inside.begin() != "..") {
    throw InputError(output.folder, {}, "lies in the checkpoint itself", "another folder");
  }
  if (fs::exists(target, error) && !output.replace) {
    const bool empty = fs::is_directory(target, error) && fs::is_empty(target, error) && !error;
    if (!empty) throw InputError(output.folder, {}, "exists already", "a new or empty folder");
  }
  const FolderInTheMaking probe(target);
}

ProductErrors write_checkpoint(const CheckpointFiles& files, const CheckpointPlan& plan,
                               const ChannelOrders& orders, const Scoring& scoring,
                               const CheckpointOutput& output) {
  return Writer(files, plan, orders, scoring, output).run();
}

bool undo_checkpoint(const CheckpointFiles& files, const std::string& folder,
                     const std::atomic<bool>& interrupt) {
  const auto record = read_record(files);
  if (!record) {
    throw InputError(files.folder(), {}, "holds no permutations to undo",
                     std::string("a folder that nmperm apply wrote, with ") + kCheckpointRecord);
  }
  const CheckpointPlan plan = plan_movement(files);
  ChannelOrders orders = recorded_orders(files, plan, *record);
  for (Permutation& order : orders) order = inverse_permutation(order);
  return Writer(files, plan, orders, Scoring(), {folder, false, false}).run_back(interrupt);
}

}  // namespace nmperm
