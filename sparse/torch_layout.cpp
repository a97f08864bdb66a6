#include "sparse/torch_layout.h"

#include <cstring>

#include "core/error.h"

namespace nmperm {
namespace {

/// Calls move(position among the plain words, position in the layout) for every word.
template <typename Move>
void for_each_word(const TorchLayout& layout, int rows, int columns, Move move) {
  const int words = columns / layout.word_columns();
  std::size_t plain = 0;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < words; ++c, ++plain) move(plain, torch_word_position(layout, r, c, rows));
  }
}

}  // namespace

TorchLayout torch_layout(ValueType type, const Pattern& pattern, int rows, int columns,
                         const std::string& subject) {
  if (pattern != Pattern{2, 4}) throw InputError(subject, "pattern", pattern.str(), "2:4");
  if (type == ValueType::kF32) throw InputError(subject, "dtype", to_string(type), "f16, bf16 or i8");
  const TorchLayout layout = type == ValueType::kI8 ? TorchLayout{4, 16, 128} : TorchLayout{2, 32, 64};
  if (rows > 0 && columns > 0 && rows % layout.row_multiple == 0 && columns % layout.column_multiple == 0) {
    return layout;
  }
  throw InputError(subject, "shape", std::to_string(rows) + " x " + std::to_string(columns),
                   "multiples of " + std::to_string(layout.row_multiple) + " rows and " +
                       std::to_string(layout.column_multiple) + " columns for " + to_string(type));
}

std::size_t torch_word_position(const TorchLayout& layout, int row, int column, int rows) {
  // Rows r, r + 8, r + 16 ... of a group become neighbours: one thread of a warp reads them together.
  const int group = layout.row_multiple, neighbours = group / 8;
  int to_row = row / group * group + row % 8 * neighbours + row % group / 8;
  int to_column = column;
  if (to_row % 2 == 0 && to_column % 2 == 1) {
    ++to_row;
    --to_column;
  } else if (to_row % 2 == 1 && to_column % 2 == 0) {
    --to_row;
    ++to_column;
  }
  const auto pair = static_cast<std::size_t>(to_column / 2);
  return (pair * static_cast<std::size_t>(rows) + static_cast<std::size_t>(to_row)) * 2 +
         static_cast<std::size_t>(to_column % 2);
}

std::vector<std::byte> torch_metadata(const StoredWeight& stored) {
  const TorchLayout layout = torch_layout(stored.type, stored.pattern, stored.rows, stored.columns);
  const auto size = static_cast<std::size_t>(layout.word_bytes);
  std::vector<std::byte> metadata(stored.indices.size());
  for_each_word(layout, stored.rows, stored.columns, [&](std::size_t plain, std::size_t position) {
    std::memcpy(metadata.data() + position * size, stored.indices.data() + plain * size, size);
  });
  return metadata;
}

std::vector<std::byte> indices_of_torch_metadata(const TorchLayout& layout, int rows, int columns,
                                                 std::span<const std::byte> metadata) {
  const auto size = static_cast<std::size_t>(layout.word_bytes);
  const std::size_t expected = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) / 8;
  if (metadata.size() != expected) {
    throw InputError("torch layout", "metadata", std::to_string(metadata.size()) + " bytes",
                     std::to_string(expected));
  }
  std::vector<std::byte> indices(metadata.size());
  for_each_word(layout, rows, columns, [&](std::size_t plain, std::size_t position) {
    std::memcpy(indices.data() + plain * size, metadata.data() + position * size, size);
  });
  return indices;
}

}  // namespace nmperm
