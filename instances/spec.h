// What an INSTANCE argument asks for.
#pragma once

#include <cstdint>
#include <string>

namespace nmperm {

/// One of `FILE.npy`, `FILE.npz:NAME`, `FILE.safetensors:NAME`, `FILE.onnx:INITIALIZER`,
/// `random:ROWSxCOLUMNS:SEED`, `structured:ROWSxCOLUMNS:SEED`.
struct InstanceSpec {
  enum class Kind { kNpy, kNpz, kSafetensors, kOnnx, kRandom, kStructured };

  Kind kind = Kind::kNpy;
  std::string path;        // files
  std::string tensor;      // kNpz, kSafetensors, kOnnx; empty where the user named none
  int rows = 0;            // kRandom, kStructured
  int columns = 0;         // kRandom, kStructured
  std::uint32_t seed = 0;  // kRandom, kStructured
};

/// Reads an INSTANCE argument; opens no file. Throws InputError on anything else than the forms above.
InstanceSpec parse_instance_spec(const std::string& text);

}  // namespace nmperm
