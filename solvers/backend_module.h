// The entry point of a backend module: a shared library that holds one MIP solver and is loaded at run time.
//
// GLPK is under the GPL-3 and CBC under the EPL-2, which one binary cannot distribute together; so the core
// links neither, and each lives in a module of its own (libnmperm_cbc.so, libnmperm_glpk.so).
#pragma once

#include <cstdint>

#include "solvers/mip_backend.h"

namespace nmperm {

/// What a module exports. The first three members never change place: the loader compares them before it
/// uses anything else, because C++ objects cross the border.
struct BackendModule {
  std::uint32_t abi;           ///< kBackendAbi of the headers that the module was built with
  std::uint32_t program_size;  ///< sizeof(MixedIntegerProgram) there
  std::uint32_t request_size;  ///< sizeof(MipRequest) there
  /// A new backend, owned by the caller.
  MipBackend* (*create)();
};

/// Raised with every change of mip_backend.h, lp_engine.h, mixed_integer_program.h or this file.
inline constexpr std::uint32_t kBackendAbi = 2;
/// Name of the one exported symbol, of type const BackendModule.
inline constexpr const char* kBackendSymbol = "nmperm_backend_module";

}  // namespace nmperm

/// Defines the exported symbol of a module whose backend is a default-constructible CLASS.
#define NMPERM_BACKEND_MODULE(CLASS)                                                               \
  extern "C" {                                                                                     \
  extern __attribute__((visibility("default"))) const nmperm::BackendModule nmperm_backend_module; \
  const nmperm::BackendModule nmperm_backend_module = {                                            \
      nmperm::kBackendAbi, sizeof(nmperm::MixedIntegerProgram), sizeof(nmperm::MipRequest),        \
      []() -> nmperm::MipBackend* { return new CLASS; }};                                          \
  }                                                                                                \
  static_assert(true, "takes the semicolon after the macro")
