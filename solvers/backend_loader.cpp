#include "solvers/backend_loader.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

#include "core/error.h"
#include "solvers/backend_module.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

struct KnownBackend {
  const char* name;
  const char* package;
};
constexpr KnownBackend kKnown[] = {{"cbc", "coinor-libcbc-dev"}, {"glpk", "libglpk-dev"}};

std::string advice(const std::string& name) {
  std::string others;
  for (const auto& known : kKnown) {
    if (known.name != name) others += std::string(" or use backend=") + known.name;
  }
  for (const auto& known : kKnown) {
    if (known.name == name) {
      return std::string("install the Debian package ") + known.package + " and configure and build again," +
             others + ", or point NMPERM_BACKEND_PATH to the module's folder";
    }
  }
  return {};
}

// Folder of the binary that this code was linked into.
fs::path own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&load_backend), &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code failed;
  // The main program may be known to the loader by a bare name.
  fs::path file = fs::canonical("/proc/self/exe", failed);
  if (const fs::path named = info.dli_fname; named.has_parent_path() || failed) {
    if (const fs::path resolved = fs::canonical(named, failed); !failed) file = resolved;
  }
  return file.parent_path();
}

std::vector<fs::path> search_folders() {
  std::vector<fs::path> folders;
  if (const char* const given = std::getenv("NMPERM_BACKEND_PATH"); given != nullptr && *given != '\0') {
    const std::string list = given;
    for (std::size_t begin = 0; begin <= list.size();) {
      const std::size_t end = std::min(list.find(':', begin), list.size());
      if (end > begin) folders.emplace_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
    return folders;
  }
  fs::path folder = own_folder();
  folders.push_back(folder);
  constexpr int kLevels = 3;
  for (int level = 0; level < kLevels; ++level, folder = folder.parent_path()) {
    folders.push_back(folder / "backends");
    folders.push_back(folder / NMPERM_BACKEND_INSTALL_DIR);
  }
  return folders;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

[[noreturn]] void refuse(const std::string& name, const std::string& problem) {
  throw UnsupportedError("backend " + name, {}, one_line(problem), advice(name));
}

/// The module of this file, which may be a bare name; null where the dynamic linker does not find it.
const BackendModule* open_module(const std::string& name, const fs::path& file) {
  // Local, so that no symbol of one solver can meet one of the other.
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const message = dlerror();
    const std::string reason = message != nullptr ? message : file.string();
    // The message begins with what is not there: the module, or a library that it needs.
    if (!file.has_parent_path() && reason.rfind(file.string() + ":", 0) == 0) return nullptr;
    refuse(name, "the module does not load: " + reason);
  }
  const auto* const module = static_cast<const BackendModule*>(dlsym(handle, kBackendSymbol));
  if (module == nullptr) refuse(name, file.string() + " is no backend module");
  if (module->abi != kBackendAbi || module->program_size != sizeof(MixedIntegerProgram) ||
      module->request_size != sizeof(MipRequest)) {
    refuse(name, file.string() + " was built for another version of this program");
  }
  return module;
}

}  // namespace

const std::vector<std::string>& backend_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& known : kKnown) list.emplace_back(known.name);
    return list;
  }();
  return names;
}

std::unique_ptr<MipBackend> load_backend(const std::string& name) {
  if (const auto& names = backend_names(); std::find(names.begin(), names.end(), name) == names.end()) {
    throw InternalError("no backend named " + name);
  }
  const std::string file_name = "libnmperm_" + name + ".so";
  for (const fs::path& folder : search_folders()) {
    std::error_code unreadable;
    if (fs::exists(folder / file_name, unreadable)) {
      return std::unique_ptr<MipBackend>(open_module(name, folder / file_name)->create());
    }
  }
  const char* const given = std::getenv("NMPERM_BACKEND_PATH");
  if (given != nullptr && *given != '\0') {
    refuse(name,
           "not installed: " + file_name + " was not found in NMPERM_BACKEND_PATH=" + std::string(given));
  }
  if (const BackendModule* const module = open_module(name, file_name); module != nullptr) {
    return std::unique_ptr<MipBackend>(module->create());
  }
  refuse(name, "not installed: " + file_name + " was not found");
}

}  // namespace nmperm
