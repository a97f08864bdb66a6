#include "checkpoints/folder_in_the_making.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/error.h"

namespace nmperm {

namespace fs = std::filesystem;

std::string without_slashes(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

FolderInTheMaking::FolderInTheMaking(const std::string& target)
    : target_(fs::absolute(without_slashes(target))) {
  std::string name =
      (target_.parent_path() / fmt::format(".{}.XXXXXX", target_.filename().string())).string();
  if (mkdtemp(name.data()) == nullptr) {
    throw InputError(target, {}, std::string("cannot be written: ") + std::strerror(errno),
                     "a folder that can be made");
  }
  folder_ = name;
}

FolderInTheMaking::~FolderInTheMaking() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

void FolderInTheMaking::commit() {
  std::error_code error;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  fs::permissions(folder_, static_cast<fs::perms>(0777u & ~mask), error);
  const fs::path old = folder_.string() + ".old";
  if (fs::exists(target_)) fs::rename(target_, old, error);
  if (!error) fs::rename(folder_, target_, error);
  if (error) {
    throw InputError(target_.string(), {}, "cannot be written: " + error.message(),
                     "a folder that can be made");
  }
  folder_.clear();
  fs::remove_all(old, error);
}

}  // namespace nmperm
