#include "io/byte_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::refusal;
using testing::TemporaryFolder;

TEST(OpenFile, ReadsAtAnyOffset) {
  const TemporaryFolder folder;
  const auto source = open_file(folder.write("file", "abcdef"));
  EXPECT_EQ(source->size_bytes(), 6u);
  std::string out(3, '\0');
  source->read(2, std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(out, "cde");
  EXPECT_THAT(refusal([&] { source->read(4, std::as_writable_bytes(std::span(out))); }),
              HasSubstr("ends where 3 more bytes should follow"));
  EXPECT_THROW(source->read(~0ull, std::as_writable_bytes(std::span(out))), InputError);
}

TEST(OpenFile, NamesWhatCannotBeOpened) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal([&] { open_file(folder.path("missing.npy")); }),
              HasSubstr(folder.path("missing.npy") + ": cannot be opened: No such file or directory"));
  EXPECT_THAT(refusal([&] { open_file(folder.path("")); }), HasSubstr("is not a regular file"));
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal([&] { open_file(folder.path("pipe")); }), HasSubstr("is not a regular file"));
}

TEST(OpenFile, NoticesAFileThatShrinks) {
  const TemporaryFolder folder;
  const auto source = open_file(folder.write("file", "abcdef"));
  std::filesystem::resize_file(folder.path("file"), 2);
  std::string out(6, '\0');
  EXPECT_THAT(refusal([&] { source->read(0, std::as_writable_bytes(std::span(out))); }),
              HasSubstr("became shorter"));
}

TEST(Stream, HoldsItsPartAndNoMore) {
  const std::string bytes = "abcdef";
  const auto stream = stream_of(testing::source_of(bytes), "part", 1, 3);
  std::string out(2, '\0');
  stream->read(std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(out, "bc");
  EXPECT_EQ(stream->remaining_bytes(), 1u);
  EXPECT_THAT(refusal([&] { stream->read(std::as_writable_bytes(std::span(out))); }),
              HasSubstr("part: ends where 2"));
}

}  // namespace
}  // namespace nmperm
