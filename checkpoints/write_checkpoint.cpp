#include "checkpoints/write_checkpoint.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <sys/stat.h>

#include "checkpoints/move_tensor.h"
#include "checkpoints/set_scores.h"
#include "core/error.h"
#include "instances/json_members.h"
#include "io/atomic_file.h"
#include "sparse/mask.h"
#include "sparse/verify_product.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

/// What is read of a tensor at once, where its rows stay.
constexpr std::uint64_t kBlockBytes = 8 << 20;

std::string without_slashes(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

/// A folder beside the one to be written, which goes away unless it is given that name.
class FolderInTheMaking {
 public:
  explicit FolderInTheMaking(const std::string& target) : target_(fs::absolute(target)) {
    std::string name =
        (target_.parent_path() / fmt::format(".{}.XXXXXX", target_.filename().string())).string();
    if (mkdtemp(name.data()) == nullptr) {
      throw InputError(target, {}, std::string("cannot be written: ") + std::strerror(errno),
                       "a folder that can be made");
    }
    folder_ = name;
  }
  ~FolderInTheMaking() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  FolderInTheMaking(const FolderInTheMaking&) = delete;
  FolderInTheMaking& operator=(const FolderInTheMaking&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// Gives the folder its name. An older one goes away after that.
  void commit() {
    std::error_code error;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    fs::permissions(folder_, static_cast<fs::perms>(0777u & ~mask), error);
    const fs::path old = folder_.string() + ".old";
    if (fs::exists(target_)) fs::rename(target_, old, error);
    if (!error) fs::rename(folder_, target_, error);
    if (error) {
      throw InputError(target_.string(), {}, "cannot be written: " + error.message(),
                       "a folder that can be made");
    }
    folder_.clear();
    fs::remove_all(old, error);
  }

 private:
  fs::path target_, folder_;
};

class Writer {
 public:
  Writer(const CheckpointFiles& files, const CheckpointPlan& plan, const ChannelOrders& orders,
         const Scoring& scoring, const CheckpointOutput& output)
      : files_(files),
        plan_(plan),
        orders_(orders),
        scoring_(scoring),
        output_(output),
        folder_(without_slashes(output.folder)),
        placed_(files.tensors().size(), -1),
        pruned_(plan.placed.size(), false) {
    for (std::size_t p = 0; p < plan.placed.size(); ++p) {
      placed_[static_cast<std::size_t>(plan.placed[p].tensor)] = static_cast<int>(p);
    }
    for (const CheckpointWeight& weight : plan.weights) {
      pruned_[static_cast<std::size_t>(weight.placed)] = output.prune && weight.selected;
    }
  }

  ProductErrors run() {
    for (std::size_t shard = 0; shard < files_.shards().size(); ++shard) write_shard(shard);
    for (std::size_t shard = 0; shard < files_.shards().size(); ++shard) check_shard(shard);
    for (const std::string& name : files_.companions()) {
      std::error_code error;
      fs::copy_file(files_.folder() + "/" + name, folder_.path(name), error);
      if (error) throw InputError(files_.folder() + "/" + name, {}, "cannot be copied: " + error.message());
    }
    write_file(folder_.path(kCheckpointRecord), record());
    folder_.commit();
    return std::move(products_);
  }

 private:
  /// How a tensor moves; without orders where it stays.
  TensorMove move_of(const CheckpointTensor& tensor, int placed, std::uint64_t size_bytes) const {
    TensorMove move;
    move.shape = tensor.shape;
    std::uint64_t elements = 1;
    for (const std::uint64_t length : tensor.shape) elements *= length;
    move.element_bytes = elements == 0 ? 0 : static_cast<std::size_t>(size_bytes / elements);
    if (placed < 0) return move;
    const PlacedTensor& place = plan_.placed[static_cast<std::size_t>(placed)];
    for (std::size_t axis = 0; axis < place.rule->axes.size(); ++axis) {
      move.orders.push_back(axis_order(plan_, orders_, place, axis));
    }
    return move;
  }

  int placed_of(std::size_t index) const { return placed_[index]; }
  bool is_pruned(int placed) const { return placed >= 0 && pruned_[static_cast<std::size_t>(placed)]; }
  int input_axis(int placed) const { return plan_.placed[static_cast<std::size_t>(placed)].rule->input_axis; }

  void write_shard(std::size_t shard) {
    AtomicFile file(folder_.path(files_.shards()[shard]));
    file.write(files_.preamble(shard));
    for (std::size_t i = 0; i < files_.tensors().size(); ++i) {
      const CheckpointTensor& tensor = files_.tensors()[i];
      if (tensor.shard != shard) continue;
      const int placed = placed_of(i);
      if (is_pruned(placed)) {
        std::vector<std::byte> bytes = files_.bytes(tensor);
        const TensorMove move = move_of(tensor, placed, bytes.size());
        prune(placed, move, bytes);
        file.write(moved_bytes(move, bytes));
      } else {
        const auto stream = files_.stream(tensor);
        for_each_block(move_of(tensor, placed, stream->remaining_bytes()),
                       [&](const TensorMove& part, std::size_t size) {
                         std::vector<std::byte> bytes(size);
                         stream->read(bytes);
                         file.write(moves(part) ? moved_bytes(part, bytes) : std::move(bytes));
                       });
      }
    }
    file.commit();
  }

  /// Calls visit(move of a block of rows, its bytes) from top to bottom: tables as long as the vocabulary are
  /// never held as a whole. Where rows move, all of them are one block.
  template <typename Visit>
  static void for_each_block(const TensorMove& move, Visit visit) {
    TensorMove part = move;
    if (part.shape.empty()) part.shape = {1};
    const std::uint64_t rows = part.shape[0];
    std::uint64_t row_bytes = part.element_bytes;
    for (std::size_t axis = 1; axis < part.shape.size(); ++axis) row_bytes *= part.shape[axis];
    if (rows == 0 || row_bytes == 0) return;
    const bool whole = !part.orders.empty() && !part.orders[0].empty();
    const std::uint64_t step = whole ? rows : std::clamp<std::uint64_t>(kBlockBytes / row_bytes, 1, rows);
    for (std::uint64_t first = 0; first < rows; first += step) {
      part.shape[0] = std::min(step, rows - first);
      visit(part, static_cast<std::size_t>(part.shape[0] * row_bytes));
    }
  }

  static bool moves(const TensorMove& move) {
    for (const Permutation& order : move.orders) {
      if (!order.empty()) return true;
    }
    return false;
  }

  void prune(int placed, const TensorMove& move, std::vector<std::byte>& bytes) {
    const int axis = input_axis(placed);
    const ScoreMatrix scores = scores_of(files_, plan_, placed, scoring_);
    Permutation order = move.orders[static_cast<std::size_t>(axis)];
    if (order.empty()) order = identity_permutation(scores.columns());
    const auto mask = pattern_mask(scores, plan_.pattern, order);
    check_product(placed, order, mask);
    prune_bytes(move, axis, mask, bytes);
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
  void check_shard(std::size_t shard) const {
    const std::string path = folder_.path(files_.shards()[shard]);
    const Safetensors written(open_file(path));
    if (written.preamble() != files_.preamble(shard)) fail_structure("the header of a shard differs");
    for (std::size_t i = 0; i < files_.tensors().size(); ++i) {
      const CheckpointTensor& tensor = files_.tensors()[i];
      if (tensor.shard != shard) continue;
      const MoveCheck found = is_pruned(placed_of(i)) ? check_pruned(tensor, placed_of(i), written)
                                                      : check(tensor, placed_of(i), written);
      if (!found.equal) fail_structure("tensor '" + tensor.name + "': " + found.difference);
    }
  }

  MoveCheck check_pruned(const CheckpointTensor& tensor, int placed, const Safetensors& written) const {
    const std::vector<std::byte> before = files_.bytes(tensor), after = written.read_bytes(tensor.name);
    return check_pruned_move(move_of(tensor, placed, before.size()), input_axis(placed), plan_.pattern,
                             scores_of(files_, plan_, placed, scoring_), before, after);
  }

  MoveCheck check(const CheckpointTensor& tensor, int placed, const Safetensors& written) const {
    const auto before = files_.stream(tensor), after = written.stream(tensor.name);
    MoveCheck result;
    for_each_block(move_of(tensor, placed, before->remaining_bytes()),
                   [&](const TensorMove& part, std::size_t size) {
                     std::vector<std::byte> old_bytes(size), new_bytes(size);
                     before->read(old_bytes);
                     after->read(new_bytes);
                     const MoveCheck block = moves(part) ? check_move(part, old_bytes, new_bytes)
                                                         : MoveCheck{old_bytes == new_bytes, "it differs"};
                     if (result.equal) result = block;
                   });
    return result;
  }

  [[noreturn]] void fail_structure(const std::string& difference) const {
    throw CheckError(output_.folder, "structure", difference, "the checkpoint under the permutations");
  }

  std::string record() const {
    nlohmann::ordered_json json = {{"format", "nmperm-checkpoint-record"},
                                   {"version", 1},
                                   {"pattern", plan_.pattern.str()},
                                   {"criterion", scoring_.criterion().info().name},
                                   {"pruned", nlohmann::ordered_json::array()},
                                   {"tensors", nlohmann::ordered_json::array()}};
    for (std::size_t p = 0; p < plan_.placed.size(); ++p) {
      const PlacedTensor& placed = plan_.placed[p];
      const std::string& name = plan_.tensor(files_, static_cast<int>(p)).name;
      if (pruned_[p]) json["pruned"].push_back({{"tensor", name}, {"axis", placed.rule->input_axis}});
      for (std::size_t axis = 0; axis < placed.rule->axes.size(); ++axis) {
        const int set = plan_.set_along(placed.rule->axes[axis], placed.layer);
        if (set < 0) continue;
        json["tensors"].push_back({{"tensor", name}, {"axis", axis}, {"set", set}});
      }
    }
    json["sets"] = nlohmann::ordered_json::array();
    for (std::size_t s = 0; s < plan_.sets.size(); ++s) {
      json["sets"].push_back({{"name", plan_.sets[s].name}, {"permutation", orders_[s]}});
    }
    return one_line_each(json);
  }

  const CheckpointFiles& files_;
  const CheckpointPlan& plan_;
  const ChannelOrders& orders_;
  const Scoring& scoring_;
  const CheckpointOutput& output_;
  FolderInTheMaking folder_;
  std::vector<int> placed_;   // of each tensor, or -1
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

}  // namespace nmperm
