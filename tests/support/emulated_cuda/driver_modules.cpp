// The entry points for modules and their kernels.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "tests/support/emulated_cuda/driver.h"
#include "tests/support/emulated_cuda/driver_state.h"
#include "tests/support/emulated_cuda/interpreter.h"
#include "tests/support/emulated_cuda/ptx_parser.h"

namespace emulated = nmperm::emulated_cuda;
using emulated::Context;
using emulated::require;

namespace {

/// Where `module` stands among the context's modules; the end where it is none.
auto found_module(Context& context, CUmodule module) {
  return std::find_if(context.modules.begin(), context.modules.end(),
                      [&](const auto& loaded) { return reinterpret_cast<CUmodule>(loaded.get()) == module; });
}

const emulated::Kernel* found_kernel(const Context& context, CUfunction function) {
  for (const auto& module : context.modules) {
    for (const emulated::Kernel& kernel : module->kernels) {
      if (reinterpret_cast<CUfunction>(const_cast<emulated::Kernel*>(&kernel)) == function) return &kernel;
    }
  }
  return nullptr;
}

/// The caller's buffer for what is wrong with a module (options 5 and 6 of cuModuleLoadDataEx).
struct ErrorLog {
  char* text = nullptr;
  void** size_bytes = nullptr;  // in: of the buffer; out: of what stands there; a number in a pointer's place

  void write(const std::string& what) const {
    if (size_bytes == nullptr) return;
    const auto capacity = reinterpret_cast<std::uintptr_t>(*size_bytes) & 0xffffffff;
    const std::size_t kept =
        text == nullptr || capacity == 0 ? 0 : std::min<std::size_t>(what.size(), capacity - 1);
    if (text != nullptr && capacity > 0) {
      std::memcpy(text, what.data(), kept);
      text[kept] = '\0';
    }
    *size_bytes = std::bit_cast<void*>(std::uintptr_t{kept});
  }
};

ErrorLog error_log(unsigned option_count, const int* options, void** values) {
  require(option_count == 0 || (options != nullptr && values != nullptr), emulated::kInvalidValue);
  ErrorLog log;
  for (unsigned i = 0; i < option_count; ++i) {
    if (options[i] == 5) log.text = static_cast<char*>(values[i]);
    if (options[i] == 6) log.size_bytes = &values[i];
  }
  return log;
}

/// The kernel's parameters as the interpreter wants them, each copied from where its pointer says.
std::vector<std::byte> copied_parameters(const emulated::Kernel& kernel, void** parameters) {
  std::vector<std::byte> bytes(kernel.parameter_bytes());
  require(bytes.empty() || parameters != nullptr, emulated::kInvalidValue);
  for (std::size_t i = 0; i < kernel.parameters.size(); ++i) {
    require(parameters[i] != nullptr, emulated::kInvalidValue);
    const emulated::Parameter& parameter = kernel.parameters[i];
    std::memcpy(bytes.data() + parameter.offset, parameters[i], parameter.type.size_bytes());
  }
  return bytes;
}

}  // namespace

extern "C" {

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned option_count, int* options,
                            void** values) {
  return emulated::answered_in_context([&](Context& context) {
    require(module != nullptr && image != nullptr, emulated::kInvalidValue);
    const ErrorLog log = error_log(option_count, options, values);
    try {
      auto parsed = std::make_unique<emulated::PtxModule>(
          emulated::parse_ptx(static_cast<const char*>(image), emulated::device_capability()));
      *module = reinterpret_cast<CUmodule>(parsed.get());
      context.modules.push_back(std::move(parsed));
      log.write("");
    } catch (const emulated::Fault& fault) {
      log.write(fault.what());
      throw;
    }
  });
}

CUresult cuModuleUnload(CUmodule module) {
  return emulated::answered_in_context([&](Context& context) {
    const auto found = found_module(context, module);
    require(found != context.modules.end(), emulated::kInvalidHandle);
    context.modules.erase(found);
  });
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  return emulated::answered_in_context([&](Context& context) {
    require(function != nullptr && name != nullptr, emulated::kInvalidValue);
    const auto found = found_module(context, module);
    require(found != context.modules.end(), emulated::kInvalidHandle);
    for (emulated::Kernel& kernel : (*found)->kernels) {
      if (kernel.name != name) continue;
      *function = reinterpret_cast<CUfunction>(&kernel);
      return;
    }
    throw emulated::Fault(emulated::kNotFound);
  });
}

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                        unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                        CUstream stream, void** parameters, void** extra) {
  return emulated::answered_in_context([&](Context& context) {
    const emulated::Kernel* const kernel = found_kernel(context, function);
    require(kernel != nullptr && stream == nullptr, emulated::kInvalidHandle);
    // CUDA C++ Programming Guide, "Features and Technical Specifications": the same limits for all
    // architectures.
    require(grid_x >= 1 && grid_x <= 0x7fffffff && grid_y >= 1 && grid_y <= 65535 && grid_z >= 1 &&
                grid_z <= 65535,
            emulated::kInvalidValue);
    require(block_x >= 1 && block_x <= 1024 && block_y >= 1 && block_y <= 1024 && block_z >= 1 &&
                block_z <= 64 && block_x * block_y * block_z <= 1024,
            emulated::kInvalidValue);
    require(shared_bytes <= 48 * 1024 && extra == nullptr, emulated::kInvalidValue);
    const emulated::Launch launch{
        {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, copied_parameters(*kernel, parameters)};
    try {
      emulated::run_kernel(*kernel, launch, context.memory);
    } catch (const emulated::Fault& fault) {
      // The launch itself is good; what the kernel did comes out later.
      context.fault = fault.result();
      emulated::say(fault.what());
    }
  });
}
}
