#include "criteria/scoring.h"

#include <utility>

#include "core/error.h"
#include "io/sha256.h"

namespace nmperm {
namespace {

std::vector<double> elements_of(StoredTensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(element_count(tensor.info, tensor.data->name())));
  Float32Reader(tensor).read(values);
  return {values.begin(), values.end()};
}

Hessian hessian_of(StoredTensor& tensor, int columns) {
  const auto& shape = tensor.info.shape;
  const auto width = static_cast<std::uint64_t>(columns);
  const std::size_t rank = shape.size();
  const bool square = (rank == 2 || rank == 3) && shape[rank - 1] == width && shape[rank - 2] == width;
  if (rank != 1 && !square) {
    throw InputError(tensor.data->name(), "shape " + shape_text(shape), "is no Hessian of this weight",
                     "[" + std::to_string(columns) + ", " + std::to_string(columns) + "] or the diagonal [" +
                         std::to_string(columns) + "]");
  }
  return {square, elements_of(tensor)};
}

}  // namespace

Scoring::Scoring(Criterion criterion, std::shared_ptr<const ByteSource> statistics)
    : criterion_(std::move(criterion)), source_(std::move(statistics)) {
  const CriterionInfo& info = criterion_.info();
  if (info.statistic == Statistic::kNone && source_) {
    throw InputError(source_->name(), {}, "criterion " + info.name + " needs no statistics",
                     "no --statistics, or another --criterion");
  }
  if (info.statistic != Statistic::kNone && !source_) {
    throw InputError("criterion " + info.name, {}, "needs statistics",
                     std::string("--statistics FILE.safetensors with a tensor WEIGHT.") +
                         to_string(info.statistic) + " for each weight");
  }
  if (source_) file_ = std::make_shared<const Safetensors>(source_);
}

Scoring::Scoring(Criterion criterion, const std::string& statistics_path)
    : Scoring(std::move(criterion),
              statistics_path.empty() ? std::shared_ptr<const ByteSource>() : open_file(statistics_path)) {}

std::string Scoring::statistics_sha256() const {
  if (!source_) return {};
  return sha256_of(*source_);
}

LayerStatistics Scoring::statistics_of(const ScoreMatrix& weights, const std::string& layer,
                                       const ToMatrix& to_matrix) const {
  LayerStatistics statistics;
  const Statistic needed = criterion_.info().statistic;
  if (needed == Statistic::kNone) return statistics;
  StoredTensor tensor = file_->read(layer + "." + to_string(needed));
  statistics.subject = tensor.data->name();
  if (needed == Statistic::kHessian) {
    statistics.hessian = hessian_of(tensor, weights.columns());
  } else if (needed == Statistic::kNorm) {
    if (tensor.info.shape.size() != 1) {
      throw InputError(statistics.subject, "shape " + shape_text(tensor.info.shape), "is no list of norms",
                       "one norm for each input channel");
    }
    statistics.norms = elements_of(tensor);
  } else {
    statistics.gradient = to_matrix(std::move(tensor));
  }
  return statistics;
}

ScoreMatrix Scoring::score(ScoreMatrix weights, const std::string& layer, const ToMatrix& to_matrix) const {
  const LayerStatistics statistics = statistics_of(weights, layer, to_matrix);
  return criterion_.score(std::move(weights), statistics);
}

}  // namespace nmperm
