// Links the rooms that stand on other libraries (protobuf, libzip, OpenSSL), and uses each.
#include <cstdio>
#include <string>

#include "core/error.h"
#include "core/problem.h"
#include "instances/load.h"
#include "instances/solution.h"
#include "network/onnx_model.h"
#include "sparse/mask.h"

int main(int, char** argv) {
  nmperm::Instance instance = nmperm::load_instance("random:1x8:1");
  const nmperm::Problem problem(std::move(instance.scores));
  const auto mask =
      nmperm::pattern_mask(problem.scores(), problem.pattern(), nmperm::identity_permutation(8));
  int kept = 0;
  for (const auto flag : mask) kept += flag;
  std::printf("%d of %zu kept\n", kept, mask.size());
  try {
    nmperm::OnnxModel::read(std::string(argv[1]) + "/missing.onnx");
    return 1;
  } catch (const nmperm::InputError& error) {
    std::printf("%s\n", error.what());
  }
  return 0;
}
