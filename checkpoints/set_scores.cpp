#include "checkpoints/set_scores.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/error.h"
#include "instances/row_blocks.h"
#include "network/weight_matrix.h"

namespace nmperm {
namespace {

/// A matrix stored with its input channels along axis 0 or 1.
ScoreMatrix matrix_of(StoredTensor tensor, int input_axis) {
  const auto& shape = tensor.info.shape;
  const int outputs = static_cast<int>(shape[static_cast<std::size_t>(1 - input_axis)]);
  const int inputs = static_cast<int>(shape[static_cast<std::size_t>(input_axis)]);
  ScoreMatrix matrix(outputs, inputs);
  Float32Reader reader(tensor);
  if (input_axis == 1) {
    fill_rows(matrix, [&](int, std::span<float> row) { reader.read(row); });
  } else {
    for (int c = 0; c < inputs; ++c) {
      reader.read(std::span(matrix.column(c), static_cast<std::size_t>(outputs)));
    }
  }
  return matrix;
}

/// Columns of a matrix in the order of the set's channels.
ScoreMatrix selected_columns(const ScoreMatrix& scores, const std::vector<int>& columns) {
  ScoreMatrix result(scores.rows(), static_cast<int>(columns.size()));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::copy_n(scores.column(columns[c]), scores.rows(), result.column(static_cast<int>(c)));
  }
  return result;
}

/// Calls visit(scores of the weight, columns) for every consumer; a weight that occurs several times in a row
/// is read once.
template <typename Visit>
void for_each_consumer(const CheckpointFiles& files, const CheckpointPlan& plan, const CheckpointSet& set,
                       const Scoring& scoring, Visit visit) {
  int read = -1;
  std::optional<ScoreMatrix> scores;
  for (const ConsumerColumns& part : set.consumers) {
    if (part.placed != read) {
      scores.reset();  // before the next one takes its room
      scores = scores_of(files, plan, part.placed, scoring);
      read = part.placed;
    }
    visit(*scores, part.columns);
  }
}

std::int64_t rows_of(const CheckpointFiles& files, const CheckpointPlan& plan, const CheckpointSet& set) {
  std::int64_t rows = 0;
  for (const ConsumerColumns& part : set.consumers) {
    const PlacedTensor& placed = plan.placed[static_cast<std::size_t>(part.placed)];
    const auto output = static_cast<std::size_t>(1 - placed.rule->input_axis);
    rows += static_cast<std::int64_t>(plan.tensor(files, part.placed).shape[output]);
  }
  return rows;
}

}  // namespace

ScoreMatrix weight_of(const CheckpointFiles& files, const CheckpointPlan& plan, int placed) {
  const int input_axis = plan.placed[static_cast<std::size_t>(placed)].rule->input_axis;
  return matrix_of(files.read(plan.tensor(files, placed)), input_axis);
}

ScoreMatrix scores_of(const CheckpointFiles& files, const CheckpointPlan& plan, int placed,
                      const Scoring& scoring) {
  const CheckpointTensor& tensor = plan.tensor(files, placed);
  const int input_axis = plan.placed[static_cast<std::size_t>(placed)].rule->input_axis;
  const auto gradient = [&](StoredTensor stored) {
    if (stored.info.shape != tensor.shape) {
      throw InputError(stored.data->name(), "shape " + shape_text(stored.info.shape),
                       "is not that of the weight", shape_text(tensor.shape));
    }
    return matrix_of(std::move(stored), input_axis);
  };
  return scoring.score(weight_of(files, plan, placed), tensor.name, gradient);
}

SetProblem set_problem(const CheckpointFiles& files, const CheckpointPlan& plan, const CheckpointSet& set,
                       const Scoring& scoring, std::int64_t most_bytes) {
  const int channels = set.channels();
  const std::int64_t rows = rows_of(files, plan, set);
  const std::int64_t room = std::min<std::int64_t>(most_bytes / (std::int64_t{sizeof(float)} * channels),
                                                   std::numeric_limits<int>::max());
  const std::int64_t taken = std::clamp<std::int64_t>(room, 1, rows);
  ScoreMatrix stacked(static_cast<int>(taken), channels);
  std::int64_t first = 0;  // row of the stack that is the consumer's first
  for_each_consumer(files, plan, set, scoring,
                    [&](const ScoreMatrix& scores, const std::vector<int>& columns) {
                      // Row t of the problem is row t * rows / taken of the stack.
                      const std::int64_t begin = (first * taken + rows - 1) / rows;
                      const std::int64_t end = ((first + scores.rows()) * taken + rows - 1) / rows;
                      for (std::size_t c = 0; c < columns.size(); ++c) {
                        const float* const from = scores.column(columns[c]);
                        float* const to = stacked.column(static_cast<int>(c));
                        for (std::int64_t t = begin; t < end; ++t) to[t] = from[t * rows / taken - first];
                      }
                      first += scores.rows();
                    });
  return {Problem(std::move(stacked), plan.pattern, Segments(set.segments)), rows};
}

Magnitude set_magnitude(const CheckpointFiles& files, const CheckpointPlan& plan, const CheckpointSet& set,
                        const Scoring& scoring, const Permutation& permutation) {
  Magnitude sum;
  for_each_consumer(files, plan, set, scoring,
                    [&](const ScoreMatrix& scores, const std::vector<int>& columns) {
                      const ScoreMatrix part = selected_columns(scores, columns);
                      const Magnitude reference = reference_magnitude(part, plan.pattern);
                      sum.total += reference.total;
                      sum.default_kept += reference.default_kept;
                      sum.row_bound += reference.row_bound;
                      sum.kept += kept_magnitude(part, plan.pattern, permutation);
                    });
  return sum;
}

}  // namespace nmperm
