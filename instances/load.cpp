#include "instances/load.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include "core/error.h"
#include "instances/generators.h"
#include "instances/library.h"
#include "instances/row_blocks.h"
#include "instances/spec.h"
#include "io/name_list.h"
#include "io/npy.h"
#include "io/npz.h"
#include "io/safetensors.h"
#include "network/onnx_model.h"

namespace nmperm {
namespace {

/// A weight [K, C, height, width], height = width = 1 for a linear one. Row of an element: (k, y, x) in this
/// order.
struct Geometry {
  std::size_t outputs, columns, height, width;

  std::size_t kernel() const { return height * width; }
  std::size_t rows() const { return outputs * kernel(); }
  std::size_t elements() const { return rows() * columns; }
};

/// Elements that are converted at once, at most (16 MB of float32).
constexpr std::size_t kChunkElements = std::size_t{1} << 22;

Geometry geometry_of(const TensorInfo& info, const std::string& subject) {
  const auto& shape = info.shape;
  if (shape.size() < 2 || shape.size() > 4) {
    throw InputError(subject, "shape " + shape_text(shape), std::to_string(shape.size()) + " dimensions",
                     "2 (out, in), 3 or 4 (convolution K, C, R, S)");
  }
  const std::uint64_t elements = element_count(info, subject);
  if (elements == 0) {
    throw InputError(subject, "shape " + shape_text(shape), "no elements", "at least one row and one column");
  }
  constexpr std::uint64_t kMost = std::numeric_limits<int>::max();
  if (shape[1] > kMost || elements / shape[1] > kMost) {
    throw InputError(subject, "shape " + shape_text(shape), "too many rows or columns",
                     "at most " + std::to_string(kMost) + " of each");
  }
  return {shape[0], shape[1], shape.size() > 2 ? shape[2] : 1, shape.size() > 3 ? shape[3] : 1};
}

/// What becomes of the signs of a tensor's elements.
enum class Signs { kDropped, kKept };

/// Moves the elements of a tensor, as they come, to their places among the scores.
class TensorLoader {
 public:
  TensorLoader(StoredTensor& tensor, const Geometry& geometry, Signs signs, ScoreMatrix& scores)
      : reader_(tensor),
        geometry_(geometry),
        kept_bits_(signs == Signs::kKept ? 0xffffffffu : 0x7fffffffu),
        scores_(scores) {}

  void load_fortran_order() {
    // Runs over the outputs; (c, y, x) stay the same, and x is the slowest.
    for_each_run(geometry_.outputs,
                 [this](std::size_t run, std::size_t k, const float* values, std::size_t count) {
                   const std::size_t c = run % geometry_.columns, yx = run / geometry_.columns;
                   const std::size_t y = yx % geometry_.height, x = yx / geometry_.height;
                   float* out = column(c) + k * geometry_.kernel() + y * geometry_.width + x;
                   for (std::size_t i = 0; i < count; ++i, out += geometry_.kernel()) *out = kept(values[i]);
                 });
  }

  void load_c_order() {
    const std::size_t slab = geometry_.columns * geometry_.kernel();  // all that belongs to one output
    const std::size_t slabs = std::min((kBlockRows - 1) / geometry_.kernel() + 1, kChunkElements / slab);
    if (slabs > 1) return load_slabs(slab, slabs);
    // Runs over the kernel: consecutive rows of one column.
    for_each_run(geometry_.kernel(),
                 [this](std::size_t run, std::size_t yx, const float* values, std::size_t count) {
                   const std::size_t c = run % geometry_.columns, k = run / geometry_.columns;
                   float* const out = column(c) + k * geometry_.kernel() + yx;
                   for (std::size_t i = 0; i < count; ++i) out[i] = kept(values[i]);
                 });
  }

 private:
  float kept(float value) const {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & kept_bits_);
  }
  float* column(std::size_t c) { return scores_.column(static_cast<int>(c)); }

  /// Cuts the tensor into runs of `length` consecutive elements (storage order) and calls
  /// place(run, offset in the run, values, count); long runs come in pieces.
  template <typename Place>
  void for_each_run(std::size_t length, Place place) {
    const std::size_t total = geometry_.elements();
    std::vector<float> chunk(std::min(total, kChunkElements));
    for (std::size_t begin = 0; begin < total; begin += chunk.size()) {
      chunk.resize(std::min(chunk.size(), total - begin));
      reader_.read(chunk);
      for (std::size_t i = 0; i < chunk.size();) {
        const std::size_t offset = (begin + i) % length;
        const std::size_t count = std::min(length - offset, chunk.size() - i);
        place((begin + i) / length, offset, chunk.data() + i, count);
        i += count;
      }
    }
  }

  /// Small kernels: `slabs` outputs at a time, so that whole cache lines of a column are written at once.
  void load_slabs(std::size_t slab, std::size_t slabs) {
    std::vector<float> chunk(slab * slabs);
    const std::size_t kernel = geometry_.kernel();
    for (std::size_t k0 = 0; k0 < geometry_.outputs; k0 += slabs) {
      const std::size_t height = std::min(slabs, geometry_.outputs - k0);
      reader_.read(std::span(chunk).first(height * slab));
      for (std::size_t c = 0; c < geometry_.columns; ++c) {
        float* out = column(c) + k0 * kernel;
        for (std::size_t k = 0; k < height; ++k, out += kernel) {
          const float* const values = chunk.data() + k * slab + c * kernel;
          for (std::size_t i = 0; i < kernel; ++i) out[i] = kept(values[i]);
        }
      }
    }
  }

  Float32Reader reader_;
  const Geometry& geometry_;
  std::uint32_t kept_bits_;  // all, or all but the sign
  ScoreMatrix& scores_;
};

/// An initializer of an ONNX file, or the tensor of one of its Constant nodes, as it is stored.
StoredTensor open_initializer(const InstanceSpec& spec) {
  const OnnxModel model = OnnxModel::read(spec.path);
  const int index = spec.tensor.empty() ? -1 : model.find_constant(spec.tensor);
  if (index >= 0) return model.constant_tensor(index);
  std::vector<std::string> names;
  for (int i = 0; i < model.constant_count(); ++i) {
    const std::size_t rank = model.constant(i).dims.size();
    if (is_floating(model.constant(i).type) && rank >= 2 && rank <= 4)
      names.push_back(model.constant(i).name);
  }
  throw InputError(spec.path, spec.tensor.empty() ? "" : "initializer '" + spec.tensor + "'",
                   spec.tensor.empty() ? "no initializer is named" : "is not in the file",
                   spec.path + ":INITIALIZER, INITIALIZER " + name_list(spec.tensor, std::move(names)));
}

StoredTensor open_tensor(const InstanceSpec& spec) {
  if (spec.kind == InstanceSpec::Kind::kOnnx) return open_initializer(spec);
  auto source = open_file(spec.path);
  if (spec.kind == InstanceSpec::Kind::kNpy) return read_npy(std::move(source));
  if (spec.kind == InstanceSpec::Kind::kNpz) {
    if (!spec.tensor.empty()) return read_npz(std::move(source), spec.tensor);
    throw InputError(spec.path, {}, "no array is named",
                     spec.path + ":NAME, NAME " + name_list({}, npz_names(source)));
  }
  return Safetensors(std::move(source)).read(spec.tensor);
}

ScoreMatrix matrix_of_tensor(StoredTensor tensor, Signs signs) {
  const std::string subject = tensor.data->name();
  const Geometry geometry = geometry_of(tensor.info, subject);
  require_size(tensor.info, tensor.data->remaining_bytes(), subject);
  ScoreMatrix matrix(static_cast<int>(geometry.rows()), static_cast<int>(geometry.columns));
  TensorLoader loader(tensor, geometry, signs, matrix);
  if (tensor.info.fortran_order) {
    loader.load_fortran_order();
  } else {
    loader.load_c_order();
  }
  tensor.data->finish();
  return matrix;
}

ScoreMatrix load_matrix(const InstanceSpec& spec, Signs signs) {
  switch (spec.kind) {
    case InstanceSpec::Kind::kGenerated:
      return spec.generator->make(spec.rows, spec.columns, spec.seed);
    case InstanceSpec::Kind::kLibrary: {
      const Library library;
      const LibraryInstance& listed = library.find(spec.name);
      ScoreMatrix matrix = load_matrix(parse_instance_spec(library.source_of(listed)), signs);
      if (signs == Signs::kDropped) require_listed_scores(listed, matrix);
      return matrix;
    }
    default:
      return matrix_of_tensor(open_tensor(spec), signs);
  }
}

ScoreMatrix load_matrix(const std::string& text, Signs signs) {
  try {
    return load_matrix(parse_instance_spec(text), signs);
  } catch (const std::bad_alloc&) {
    throw InputError(text, {}, "needs more memory than there is");
  }
}

}  // namespace

ScoreMatrix scores_of_tensor(StoredTensor tensor) {
  return matrix_of_tensor(std::move(tensor), Signs::kDropped);
}

Instance load_instance(const std::string& spec) {
  return {spec, load_matrix(spec, Signs::kDropped)};
}

Weight load_weight(const std::string& spec) {
  const ScoreMatrix matrix = load_matrix(spec, Signs::kKept);
  Weight weight{spec, matrix.rows(), matrix.columns(), {}};
  weight.values.reserve(static_cast<std::size_t>(weight.rows) * static_cast<std::size_t>(weight.columns));
  for_each_row_block(matrix, [&](std::span<const float> rows) {
    weight.values.insert(weight.values.end(), rows.begin(), rows.end());
  });
  return weight;
}

}  // namespace nmperm
