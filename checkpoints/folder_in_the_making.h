// Output folders that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace nmperm {

/// "a/b//" as "a/b".
std::string without_slashes(std::string folder);

/// A hidden folder beside the one to be written, which goes away unless it is given that name.
class FolderInTheMaking {
 public:
  /// Throws InputError, naming `target`, when no folder can be made there.
  explicit FolderInTheMaking(const std::string& target);
  ~FolderInTheMaking();
  FolderInTheMaking(const FolderInTheMaking&) = delete;
  FolderInTheMaking& operator=(const FolderInTheMaking&) = delete;

  /// Of a file in it.
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// Gives the folder its name. An older one goes away after that. Throws InputError.
  void commit();

 private:
  std::filesystem::path target_, folder_;
};

}  // namespace nmperm
