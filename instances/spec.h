// What an INSTANCE argument asks for.
#pragma once

#include <cstdint>
#include <string>

namespace nmperm {

struct Generator;

/// One of `FILE.npy`, `FILE.npz:NAME`, `FILE.safetensors:NAME`, `FILE.onnx:INITIALIZER`,
/// `KIND:ROWSxCOLUMNS:SEED` with a kind of generators(), `library:NAME`.
struct InstanceSpec {
  enum class Kind { kNpy, kNpz, kSafetensors, kOnnx, kGenerated, kLibrary };

  Kind kind = Kind::kNpy;
  std::string path;                      // files
  std::string tensor;                    // kNpz, kSafetensors, kOnnx; empty where the user named none
  const Generator* generator = nullptr;  // kGenerated
  int rows = 0;                          // kGenerated
  int columns = 0;                       // kGenerated
  std::uint32_t seed = 0;                // kGenerated
  std::string name;                      // kLibrary
};

/// Reads an INSTANCE argument; opens no file. Throws InputError on anything else than the forms above.
InstanceSpec parse_instance_spec(const std::string& text);

}  // namespace nmperm
