#include "io/npz.h"

#include <algorithm>
#include <utility>

#include <zip.h>

#include "core/error.h"
#include "io/name_list.h"
#include "io/npy.h"

namespace nmperm {
namespace {

/// Lets libzip read from a ByteSource. One per zip_source_t, which owns it and deletes it (ZIP_SOURCE_FREE).
struct SourceAdapter {
  std::shared_ptr<const ByteSource> source;
  zip_uint64_t offset = 0;
  zip_error_t error{};
};

zip_int64_t read_at(SourceAdapter& adapter, void* data, zip_uint64_t length) {
  const zip_uint64_t size = std::min(length, adapter.source->size_bytes() - adapter.offset);
  try {
    adapter.source->read(adapter.offset, {static_cast<std::byte*>(data), static_cast<std::size_t>(size)});
  } catch (const InputError&) {  // must not pass through C; libzip reports a read error instead
    zip_error_set(&adapter.error, ZIP_ER_READ, 0);
    return -1;
  }
  adapter.offset += size;
  return static_cast<zip_int64_t>(size);
}

zip_int64_t describe(const SourceAdapter& adapter, void* data) {
  auto& status = *static_cast<zip_stat_t*>(data);
  zip_stat_init(&status);
  status.valid = ZIP_STAT_SIZE;
  status.size = adapter.source->size_bytes();
  return sizeof(status);
}

zip_int64_t serve(void* user, void* data, zip_uint64_t length, zip_source_cmd_t command) {
  auto& adapter = *static_cast<SourceAdapter*>(user);
  switch (command) {
    case ZIP_SOURCE_OPEN:
      adapter.offset = 0;
      return 0;
    case ZIP_SOURCE_READ:
      return read_at(adapter, data, length);
    case ZIP_SOURCE_SEEK: {
      const zip_int64_t offset = zip_source_seek_compute_offset(adapter.offset, adapter.source->size_bytes(),
                                                                data, length, &adapter.error);
      if (offset < 0) return -1;
      adapter.offset = static_cast<zip_uint64_t>(offset);
      return 0;
    }
    case ZIP_SOURCE_TELL:
      return static_cast<zip_int64_t>(adapter.offset);
    case ZIP_SOURCE_STAT:
      return describe(adapter, data);
    case ZIP_SOURCE_ERROR:
      return zip_error_to_data(&adapter.error, data, length);
    case ZIP_SOURCE_CLOSE:
      return 0;
    case ZIP_SOURCE_FREE:
      delete &adapter;
      return 0;
    case ZIP_SOURCE_SUPPORTS:
      return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                            ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                            ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
    default:
      zip_error_set(&adapter.error, ZIP_ER_OPNOTSUPP, 0);
      return -1;
  }
}

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Member = std::unique_ptr<zip_file_t, Discard>;

Archive open_archive(const std::shared_ptr<const ByteSource>& source) {
  // libzip takes an empty file for an archive without members.
  if (source->size_bytes() == 0) throw InputError(source->name(), {}, "is empty", "a .npz file");
  zip_error_t error;
  zip_error_init(&error);
  auto adapter = std::make_unique<SourceAdapter>();
  adapter->source = source;
  zip_source_t* const zip_source = zip_source_function_create(serve, adapter.get(), &error);
  if (zip_source != nullptr) {
    static_cast<void>(adapter.release());
    if (zip_t* const archive = zip_open_from_source(zip_source, ZIP_RDONLY | ZIP_CHECKCONS, &error)) {
      return Archive(archive);
    }
    zip_source_free(zip_source);
  }
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw InputError(source->name(), {}, "is no valid ZIP archive: " + reason, "a .npz file");
}

class MemberStream final : public ByteStream {
 public:
  MemberStream(Archive archive, Member member, std::string name, std::uint64_t size_bytes)
      : ByteStream(std::move(name), size_bytes), archive_(std::move(archive)), member_(std::move(member)) {}

  void finish() override {
    std::byte extra{};  // libzip compares the checksum when it meets the end
    const zip_int64_t count = zip_fread(member_.get(), &extra, 1);
    if (count < 0) fail();
    if (count > 0) throw InputError(name(), {}, "holds more bytes than the archive's directory says");
  }

 private:
  void do_read(std::span<std::byte> out) override {
    while (!out.empty()) {
      const zip_int64_t count = zip_fread(member_.get(), out.data(), out.size());
      if (count < 0) fail();
      if (count == 0) throw InputError(name(), {}, "holds fewer bytes than the archive's directory says");
      out = out.subspan(static_cast<std::size_t>(count));
    }
  }

  [[noreturn]] void fail() {
    throw InputError(name(), {}, std::string("is damaged: ") + zip_file_strerror(member_.get()),
                     "a complete ZIP archive");
  }

  Archive archive_;
  Member member_;  // after the archive: closed first
};

std::string array_name(std::string member) {
  if (member.ends_with(".npy")) member.resize(member.size() - 4);
  return member;
}

std::vector<std::string> names_in(zip_t* archive) {
  std::vector<std::string> names;
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* const name = zip_get_name(archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    names.push_back(name != nullptr ? array_name(name) : std::string{});
  }
  return names;
}

zip_uint64_t index_of(zip_t* archive, const std::string& subject, const std::string& name) {
  const std::vector<std::string> names = names_in(archive);
  const auto found = std::find(names.begin(), names.end(), array_name(name));
  if (found == names.end()) {
    throw InputError(subject, {}, "holds no array '" + name + "'", name_list(name, names));
  }
  return static_cast<zip_uint64_t>(found - names.begin());
}

/// What deflate can produce from one byte, rounded up (RFC 1951: 258 bytes for two bits).
constexpr std::uint64_t kMaxDeflateRatio = 1032;

void require_plausible(const zip_stat_t& status, const std::string& subject) {
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if ((status.valid & kNeeded) != kNeeded) throw InputError(subject, {}, "has an incomplete directory entry");
  if (status.encryption_method != ZIP_EM_NONE) {
    throw InputError(subject, {}, "is encrypted", "a member that is stored or deflated");
  }
  const bool stored = status.comp_method == ZIP_CM_STORE;
  if (!stored && status.comp_method != ZIP_CM_DEFLATE) {
    throw InputError(subject, {}, "is compressed by ZIP method " + std::to_string(status.comp_method),
                     "a member that is stored (0) or deflated (8)");
  }
  if (stored ? status.size != status.comp_size : status.size / kMaxDeflateRatio > status.comp_size) {
    throw InputError(subject, {},
                     std::to_string(status.size) + " bytes cannot come out of " +
                         std::to_string(status.comp_size) + " compressed ones",
                     "a directory with the true sizes");
  }
}

}  // namespace

std::vector<std::string> npz_names(std::shared_ptr<const ByteSource> source) {
  return names_in(open_archive(source).get());
}

StoredTensor read_npz(std::shared_ptr<const ByteSource> source, const std::string& name) {
  Archive archive = open_archive(source);
  const zip_uint64_t index = index_of(archive.get(), source->name(), name);
  const std::string subject = source->name() + ":" + array_name(name);
  zip_stat_t status;
  zip_stat_init(&status);
  zip_stat_index(archive.get(), index, 0, &status);
  require_plausible(status, subject);
  Member member(zip_fopen_index(archive.get(), index, 0));
  if (!member) throw InputError(subject, {}, std::string("cannot be read: ") + zip_strerror(archive.get()));
  return read_npy(
      std::make_unique<MemberStream>(std::move(archive), std::move(member), subject, status.size));
}

}  // namespace nmperm
