// Any bytes as one of the JSON files of a checkpoint: config.json, the index of its shards, the record of a
// permuted one, the state of a search. The first byte says which.
#include "checkpoints/checkpoint_files.h"
#include "checkpoints/checkpoint_record.h"
#include "checkpoints/model_shape.h"
#include "checkpoints/search_state.h"
#include "io/json.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace nmperm;
  if (size_bytes == 0) return 0;
  const auto source = fuzz::source_of(data + 1, size_bytes - 1);
  fuzz::read_or_refuse([&] {
    if (data[0] == 'i') {
      fuzz::require(!parse_checkpoint_index(*source).empty());
    } else if (data[0] == 's') {
      const SearchState state = parse_search_state(*source);
      const std::string text = to_json(state);
      fuzz::require(to_json(parse_search_state(*open_memory("text", std::as_bytes(std::span(text))))) ==
                    text);
    } else if (data[0] == 'r') {
      const std::string text = to_json(parse_checkpoint_record(*source));
      fuzz::require(to_json(parse_checkpoint_record(*open_memory("text", std::as_bytes(std::span(text))))) ==
                    text);
    } else {
      const std::string_view text(reinterpret_cast<const char*>(data) + 1, size_bytes - 1);
      const ModelShape shape = parse_model_shape(parse_json(text, "input"), "input");
      fuzz::require(shape.hidden > 0 && shape.layers > 0 && shape.head_size > 0 && shape.sharing() > 0);
      for (const TensorRule& rule : shape.family->body) {
        for (const Axis axis : rule.axes) fuzz::require(axis_length(axis, shape).value_or(1) > 0);
      }
    }
  });
  return 0;
}
