#include "io/npz.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::npy;
using testing::refusal;
using testing::source_of;
using testing::zip;
using testing::ZipMember;

std::vector<float> values() {
  std::vector<float> values;
  for (int i = 0; i < 5000; ++i) values.push_back(static_cast<float>(i % 97) - 40);
  return values;
}

std::string array() {
  return npy("<f4", "(50, 100)", bytes_of(values()));
}

std::vector<float> read_all(const std::string& archive, const std::string& name) {
  StoredTensor tensor = read_npz(source_of(archive), name);
  std::vector<float> out(element_count(tensor.info, name));
  Float32Reader(tensor).read(out);
  tensor.data->finish();
  return out;
}

std::string refused(const std::vector<ZipMember>& members, const std::string& name = "w") {
  const std::string archive = zip(members);
  return refusal([&] { read_all(archive, name); });
}

TEST(Npz, ReadsStoredAndDeflatedMembers) {
  const std::string archive = zip({{"a.npy", npy("<f4", "(1, 2)", bytes_of<float>({8, 9}))},
                                   {"w.npy", array(), true},
                                   {"layer/1.weight.npy", array(), true, true},
                                   {"z.npy", array(), false, true}});
  EXPECT_THAT(npz_names(source_of(archive)), ElementsAre("a", "w", "layer/1.weight", "z"));
  EXPECT_THAT(read_all(archive, "a"), ElementsAre(8, 9));
  EXPECT_EQ(read_all(archive, "w"), values());
  EXPECT_EQ(read_all(archive, "w.npy"), values());
  EXPECT_EQ(read_all(archive, "layer/1.weight"), values());
  EXPECT_EQ(read_all(archive, "z"), values());
}

TEST(Npz, ListsTheNamesWhenOneIsMissing) {
  EXPECT_THAT(refused({{"conv1.npy", array()}, {"conv2.npy", array()}}, "conv3"),
              HasSubstr("memory: holds no array 'conv3' (expected one of conv1, conv2)"));
}

TEST(Npz, RefusesAWrongChecksum) {
  for (const bool deflated : {false, true}) {
    ZipMember member{"w.npy", array(), deflated};
    member.crc = 0x12345678;
    EXPECT_THAT(refused({member}), HasSubstr("memory:w: is damaged: CRC error")) << deflated;
  }
}

TEST(Npz, RefusesOtherMethodsAndEncryption) {
  ZipMember bzip2{"w.npy", array()};
  bzip2.method = std::uint16_t{12};
  EXPECT_THAT(refused({bzip2}), HasSubstr("memory:w: is compressed by ZIP method 12"));
  ZipMember encrypted{"w.npy", array()};
  encrypted.flags = 1;
  EXPECT_THAT(refused({encrypted}), HasSubstr("encrypted"));
}

TEST(Npz, RefusesSizesThatCannotBe) {
  ZipMember bomb{"w.npy", array(), true};
  bomb.size = 4'000'000'000u;
  EXPECT_THAT(refused({bomb}), HasSubstr("4000000000 bytes cannot come out of"));
  ZipMember shorter{"w.npy", npy("<f4", "(50, 100)", bytes_of(values())) + "more", true};
  shorter.size = static_cast<std::uint32_t>(array().size());
  EXPECT_FALSE(refused({shorter}).empty());
  ZipMember longer{"w.npy", npy("<f4", "(50, 101)", bytes_of(values())), true};
  longer.size = static_cast<std::uint32_t>(longer.data.size() + 200);
  EXPECT_FALSE(refused({longer}).empty());
}

TEST(Npz, RefusesAMemberThatIsNoArray) {
  EXPECT_THAT(refused({{"w.npy", "just a few words of text"}}), HasSubstr("memory:w: is no .npy file"));
}

TEST(Npz, RefusesWhatIsNoArchive) {
  for (const std::string& bytes : {std::string("PK"), std::string(1000, 'x'), array()}) {
    EXPECT_THAT(refusal([&] { npz_names(source_of(bytes)); }), HasSubstr("memory: is no valid ZIP archive"));
  }
}

TEST(Npz, RefusesAnEmptyFileAndListsNothingOfAnEmptyArchive) {
  EXPECT_THAT(refusal([] { npz_names(source_of("")); }), HasSubstr("memory: is empty"));
  const std::string empty = zip({});
  EXPECT_THAT(refusal([&] { read_all(empty, "w"); }), HasSubstr("this one holds none"));
}

TEST(Npz, EveryTruncationIsRefused) {
  const std::string archive = zip({{"w.npy", npy("<f4", "(1, 2)", bytes_of<float>({8, 9})), true}});
  for (std::size_t size = 0; size < archive.size(); ++size) {
    const std::string part = archive.substr(0, size);
    EXPECT_FALSE(refusal([&] { read_all(part, "w"); }).empty()) << size;
  }
}

}  // namespace
}  // namespace nmperm
