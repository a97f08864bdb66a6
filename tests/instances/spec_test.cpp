#include "instances/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "instances/generators.h"
#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal;
using Kind = InstanceSpec::Kind;

TEST(InstanceSpec, ReadsGenerators) {
  const InstanceSpec random = parse_instance_spec("random:128x64:1");
  EXPECT_EQ(random.kind, Kind::kGenerated);
  EXPECT_STREQ(random.generator->name, "random");
  EXPECT_EQ(random.rows, 128);
  EXPECT_EQ(random.columns, 64);
  EXPECT_EQ(random.seed, 1u);
  const InstanceSpec structured = parse_instance_spec("structured:1x2:4294967295");
  EXPECT_STREQ(structured.generator->name, "structured");
  EXPECT_EQ(structured.seed, 4294967295u);
  for (const Generator& generator : generators()) {
    EXPECT_EQ(parse_instance_spec(std::string(generator.name) + ":3x8:0").generator, &generator);
  }
}

TEST(InstanceSpec, ReadsNamesOfTheLibrary) {
  const InstanceSpec spec = parse_instance_spec("library:ties-64x64-100");
  EXPECT_EQ(spec.kind, Kind::kLibrary);
  EXPECT_EQ(spec.name, "ties-64x64-100");
  EXPECT_EQ(spec.path, "");
  EXPECT_THAT(refusal([] { parse_instance_spec("library:"); }),
              HasSubstr("names no instance of the library (expected library:NAME)"));
}

TEST(InstanceSpec, ReadsFiles) {
  EXPECT_EQ(parse_instance_spec("a/b c.npy").kind, Kind::kNpy);
  EXPECT_EQ(parse_instance_spec("a/b c.npy").path, "a/b c.npy");
  const InstanceSpec npz = parse_instance_spec("x.npz:layer:0/kernel:0");
  EXPECT_EQ(npz.kind, Kind::kNpz);
  EXPECT_EQ(npz.path, "x.npz");
  EXPECT_EQ(npz.tensor, "layer:0/kernel:0");
  const InstanceSpec safetensors = parse_instance_spec("./m.safetensors:a.npy");
  EXPECT_EQ(safetensors.kind, Kind::kSafetensors);
  EXPECT_EQ(safetensors.path, "./m.safetensors");
  EXPECT_EQ(safetensors.tensor, "a.npy");
  EXPECT_EQ(parse_instance_spec("m.safetensors").tensor, "");
}

TEST(InstanceSpec, RefusesMalformedGenerators) {
  for (const char* text : {"random:", "random:128", "random:128x64", "random:128x64:", "random:128x64:-1",
                           "random:128x64:4294967296", "random:128X64:1", "random:99999999999x4:1",
                           "random: 4x4:1", "random:4x4:1 ", "structured:axb:c"}) {
    EXPECT_THAT(refusal([&] { parse_instance_spec(text); }),
                AllOf(HasSubstr(text), HasSubstr(":ROWSxCOLUMNS:SEED")));
  }
  EXPECT_THAT(refusal([] { parse_instance_spec("random:0x64:1"); }),
              HasSubstr("random:0x64:1: matrix of 0 x 64 (expected at least one row and one column)"));
  EXPECT_THAT(refusal([] { parse_instance_spec("structured:4x-4:1"); }), HasSubstr("at least one row"));
}

TEST(InstanceSpec, NamesAnInitializerOfAnOnnxFile) {
  const InstanceSpec spec = parse_instance_spec("folder/net.onnx:layer1:weight");
  EXPECT_EQ(spec.kind, InstanceSpec::Kind::kOnnx);
  EXPECT_EQ(spec.path, "folder/net.onnx");
  EXPECT_EQ(spec.tensor, "layer1:weight");
}

TEST(InstanceSpec, ListsTheFormsForAnythingElse) {
  for (const char* text : {"", "weights", "weights.pt", "weights.NPY2", "uniform:4x4:1"}) {
    EXPECT_THAT(refusal([&] { parse_instance_spec(text); }),
                AllOf(HasSubstr("FILE.npy"), HasSubstr("FILE.safetensors:NAME"),
                      HasSubstr("random:ROWSxCOLUMNS:SEED")));
  }
  EXPECT_THAT(refusal([] { parse_instance_spec("w.npy:name"); }),
              HasSubstr("one array without a name (expected w.npy)"));
}

}  // namespace
}  // namespace nmperm
