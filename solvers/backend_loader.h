// Finds and loads the modules that hold MIP solvers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "solvers/mip_backend.h"

namespace nmperm {

/// Names of the backends that this project knows: "cbc", "glpk".
const std::vector<std::string>& backend_names();

/// Loads the module libnmperm_<name>.so and returns a new backend. Looked for, in this order:
/// - where the environment variable NMPERM_BACKEND_PATH is set: in its colon-separated folders only;
/// - else relative to the folder D of the binary (executable or shared library) that holds this code: D; and
///   in D and the two folders above it, `backends` (build tree) and the install folder (lib/nmperm);
/// - then where the dynamic linker looks: in the RUNPATH of that binary (find_package(nmperm) adds the
/// install
///   folder to what links the solvers), in LD_LIBRARY_PATH, and in the system's library folders.
/// Modules stay loaded until the process ends. Thread-safe.
///
/// Throws UnsupportedError, naming the Debian package to install, when the module is missing, does not load
/// (its solver's library is missing), or was built from other headers.
std::unique_ptr<MipBackend> load_backend(const std::string& name);

}  // namespace nmperm
