#include "criteria/layer_statistics.h"

#include "core/error.h"

namespace nmperm {

int channel_groups(std::size_t channels, int rows, int columns, const std::string& subject) {
  const auto width = static_cast<std::size_t>(columns);
  const std::size_t groups = channels / width;
  if (groups > 0 && channels % width == 0 && static_cast<std::size_t>(rows) % groups == 0) {
    return static_cast<int>(groups);
  }
  throw InputError(subject, {}, "describes " + std::to_string(channels) + " input channels",
                   std::to_string(columns) +
                       ", the columns of the weight (or as many for each group of a "
                       "grouped convolution)");
}

}  // namespace nmperm
