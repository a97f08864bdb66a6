#include "instances/spec.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/error.h"
#include "instances/generators.h"

namespace nmperm {
namespace {

std::string forms() {
  return "FILE.npy, FILE.npz:NAME, FILE.safetensors:NAME, FILE.onnx:INITIALIZER, library:NAME, or "
         "KIND:ROWSxCOLUMNS:SEED with KIND " +
         generator_names() + ", such as random:ROWSxCOLUMNS:SEED";
}

/// Takes a number from the front of `text`; false where there is none that fits.
template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

InstanceSpec generated(const Generator& generator, const std::string& text, std::string_view rest) {
  InstanceSpec spec;
  spec.kind = InstanceSpec::Kind::kGenerated;
  spec.generator = &generator;
  const bool valid = take_number(rest, spec.rows) && take(rest, 'x') && take_number(rest, spec.columns) &&
                     take(rest, ':') && take_number(rest, spec.seed) && rest.empty();
  if (!valid) {
    throw InputError(text, {}, "is malformed",
                     text.substr(0, text.find(':')) + ":ROWSxCOLUMNS:SEED with a seed 0..4294967295");
  }
  if (spec.rows < 1 || spec.columns < 1) {
    throw InputError(text, {},
                     "matrix of " + std::to_string(spec.rows) + " x " + std::to_string(spec.columns),
                     "at least one row and one column");
  }
  return spec;
}

/// Splits FILE.extension:NAME at the first ".extension:", because names of tensors may hold colons.
bool split_container(const std::string& text, const std::string& extension, InstanceSpec& spec) {
  const std::size_t at = text.find(extension + ":");
  if (at == std::string::npos && !text.ends_with(extension)) return false;
  const std::size_t path_size =
      (at == std::string::npos ? text.size() - extension.size() : at) + extension.size();
  spec.path = text.substr(0, path_size);
  if (at != std::string::npos) spec.tensor = text.substr(path_size + 1);
  return true;
}

}  // namespace

InstanceSpec parse_instance_spec(const std::string& text) {
  using Kind = InstanceSpec::Kind;
  const std::size_t colon = std::min(text.find(':'), text.size());
  if (const Generator* const generator = find_generator(text.substr(0, colon));
      generator != nullptr && colon < text.size()) {
    return generated(*generator, text, std::string_view(text).substr(colon + 1));
  }
  constexpr std::string_view kLibrary = "library:";
  if (text.starts_with(kLibrary)) {
    InstanceSpec spec;
    spec.kind = Kind::kLibrary;
    spec.name = text.substr(kLibrary.size());
    if (spec.name.empty()) throw InputError(text, {}, "names no instance of the library", "library:NAME");
    return spec;
  }
  InstanceSpec spec;
  spec.kind = Kind::kNpz;
  if (split_container(text, ".npz", spec)) return spec;
  spec.kind = Kind::kSafetensors;
  if (split_container(text, ".safetensors", spec)) return spec;
  spec.kind = Kind::kNpy;
  if (split_container(text, ".npy", spec)) {
    if (spec.path != text)
      throw InputError(text, {}, "a .npy file holds one array without a name", spec.path);
    return spec;
  }
  spec.kind = Kind::kOnnx;
  if (split_container(text, ".onnx", spec)) return spec;
  throw InputError(text, {}, "is no instance", forms());
}

}  // namespace nmperm
