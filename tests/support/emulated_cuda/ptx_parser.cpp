#include "tests/support/emulated_cuda/ptx_parser.h"

#include <algorithm>
#include <utility>

#include "tests/support/emulated_cuda/kernel_parser.h"
#include "tests/support/emulated_cuda/result.h"
#include "tests/support/emulated_cuda/token_reader.h"

namespace nmperm::emulated_cuda {
namespace {

void parse_version(TokenReader& tokens) {
  tokens.expect(".version");
  const int line = tokens.line();
  const std::string version = tokens.word("a version");
  const std::size_t point = version.find('.');
  if (point == std::string::npos) refuse_ptx(line, "version " + version + ", expected MAJOR.MINOR");
  const std::uint64_t major = integer_of(version.substr(0, point), line);
  const std::uint64_t minor = integer_of(version.substr(point + 1), line);
  if (std::pair(major, minor) > std::pair<std::uint64_t, std::uint64_t>(7, 1)) {
    throw Fault(kUnsupportedPtxVersion,
                "line " + std::to_string(line) + ": version " + version + ", this driver reads up to 7.1");
  }
}

/// The architecture of the kernels, 80 for sm_80.
int parse_target(TokenReader& tokens, int capability) {
  tokens.expect(".target");
  const int line = tokens.line();
  const std::string target = tokens.word("a target");
  if (target.rfind("sm_", 0) != 0) refuse_ptx(line, "target " + target + ", expected sm_N");
  const std::uint64_t architecture = integer_of(target.substr(3), line);
  if (architecture > static_cast<std::uint64_t>(capability)) {
    refuse_ptx(line, "target " + target + ", this device is sm_" + std::to_string(capability));
  }
  return static_cast<int>(architecture);
}

void parse_parameters(TokenReader& tokens, Kernel& kernel) {
  tokens.expect("(");
  if (tokens.take(")")) return;
  do {
    tokens.expect(".param");
    const int line = tokens.line();
    const Type type = declared_type(tokens);
    if (type == kPred) refuse_ptx(line, "a parameter of type .pred");
    Parameter parameter{tokens.word("the name of a parameter"), type, 0};
    const std::size_t size = type.size_bytes();
    parameter.offset = (kernel.parameter_bytes() + size - 1) / size * size;
    for (const Parameter& other : kernel.parameters) {
      if (other.name == parameter.name)
        refuse_ptx(line, "parameter " + parameter.name + " is declared twice");
    }
    kernel.parameters.push_back(std::move(parameter));
  } while (tokens.take(","));
  tokens.expect(")");
}

}  // namespace

PtxModule parse_ptx(std::string_view text, int capability) {
  TokenReader tokens(tokens_of(text));
  if (!tokens.next_is(".version")) throw Fault(kInvalidImage, "the image does not begin with .version");
  parse_version(tokens);
  const int architecture = parse_target(tokens, capability);
  tokens.expect(".address_size");
  tokens.expect("64");
  PtxModule module;
  while (!tokens.at_end()) {
    tokens.expect(".visible");
    tokens.expect(".entry");
    const int line = tokens.line();
    Kernel kernel;
    kernel.name = tokens.word("the name of a kernel");
    for (const Kernel& other : module.kernels) {
      if (other.name == kernel.name) refuse_ptx(line, "kernel " + kernel.name + " is defined twice");
    }
    parse_parameters(tokens, kernel);
    parse_kernel(tokens, architecture, kernel);
    module.kernels.push_back(std::move(kernel));
  }
  return module;
}

}  // namespace nmperm::emulated_cuda
