#include "tests/support/emulated_cuda/interpreter.h"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <string>

#include "tests/support/emulated_cuda/arithmetic.h"
#include "tests/support/emulated_cuda/result.h"
#include "tests/support/emulated_cuda/sparse_mma.h"

namespace nmperm::emulated_cuda {
namespace {

struct Place {
  unsigned block_x, block_y;
  unsigned first_thread;  // of the warp, counted within the block
  unsigned threads;       // 1 to 32: the last warp of a block may have fewer
};

class Warp {
 public:
  Warp(const Kernel& kernel, const Launch& launch, DeviceMemory& memory, Place place)
      : kernel_(kernel),
        launch_(launch),
        memory_(memory),
        place_(place),
        values_(kernel.registers.size() * kLanes),
        is_written_(kernel.registers.size() * kLanes) {
    std::fill_n(counters_.begin(), place.threads, std::size_t{0});
    std::fill(counters_.begin() + place.threads, counters_.end(), end());
  }

  void run() {
    constexpr int kMaxSteps = 1 << 22;
    for (int steps = 0;; ++steps) {
      const std::size_t lowest = *std::min_element(counters_.begin(), counters_.end());
      if (lowest >= end()) return;
      const Instruction& instruction = kernel_.instructions[lowest];
      try {
        if (steps == kMaxSteps) throw Fault(kLaunchTimeout, "the warp does not come to an end");
        step(instruction, lowest);
      } catch (const Fault& fault) {
        throw Fault(fault.result(), "kernel " + kernel_.name + ", line " + std::to_string(instruction.line) +
                                        ", block (" + std::to_string(place_.block_x) + ", " +
                                        std::to_string(place_.block_y) + "): " + fault.what());
      }
    }
  }

 private:
  std::size_t end() const { return kernel_.instructions.size(); }

  void step(const Instruction& instruction, std::size_t counter) {
    int executing = 0;
    std::array<bool, kLanes> executes{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (counters_[lane] != counter) continue;
      ++counters_[lane];
      executes[lane] =
          !instruction.guarded || (read(instruction.guard_register, lane) != 0) != instruction.guard_negated;
      executing += executes[lane] ? 1 : 0;
    }
    if (instruction.form->operation == Operation::kSparseMma) {
      if (executing == 0) return;
      if (executing < kLanes) {
        throw Fault(kLaunchFailed, "mma.sp by " + std::to_string(executing) + " of 32 lanes");
      }
      multiply(instruction);
      return;
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (executes[lane]) execute(instruction, lane);
    }
  }

  void execute(const Instruction& instruction, std::size_t lane) {
    switch (instruction.form->operation) {
      case Operation::kBranch:
        counters_[lane] = instruction.target;
        break;
      case Operation::kReturn:
        counters_[lane] = end();
        break;
      case Operation::kLoadParameter:
        load(instruction, launch_.parameters.data() + instruction.offset, lane);
        break;
      case Operation::kLoad:
        load(instruction, accessed(instruction, instruction.form->written, lane), lane);
        break;
      case Operation::kStore: {
        std::vector<std::uint32_t> words;
        for (const Operand& operand : instruction.read) {
          words.push_back(static_cast<std::uint32_t>(value_of(operand, lane)));
        }
        std::memcpy(accessed(instruction, instruction.form->read, lane), words.data(), 4 * words.size());
        break;
      }
      default: {
        std::array<std::uint64_t, 3> values{};
        for (std::size_t i = 0; i < instruction.read.size(); ++i)
          values[i] = value_of(instruction.read[i], lane);
        write(instruction.written[0], lane, computed(*instruction.form, values));
      }
    }
  }

  void load(const Instruction& instruction, const std::byte* bytes, std::size_t lane) {
    for (std::size_t i = 0; i < instruction.written.size(); ++i) {
      const std::size_t size = instruction.form->written[i].size_bytes();
      std::uint64_t value = 0;
      std::memcpy(&value, bytes + i * size, size);
      write(instruction.written[i], lane, value);
    }
  }

  /// The host's view of what an instruction loads or stores.
  std::byte* accessed(const Instruction& instruction, const std::vector<Type>& types, std::size_t lane) {
    const std::uint64_t address =
        read(instruction.address_register, lane) + static_cast<std::uint64_t>(instruction.offset);
    const std::size_t size = types.size() * types[0].size_bytes();
    std::byte* const bytes = memory_.range(address, size);
    if (bytes == nullptr || address % size != 0) {
      std::ostringstream what;
      what << (bytes == nullptr ? "illegal" : "misaligned") << " address 0x" << std::hex << address
           << std::dec << " for " << size << " bytes in lane " << lane;
      throw Fault(bytes == nullptr ? kIllegalAddress : kMisalignedAddress, what.str());
    }
    return bytes;
  }

  void multiply(const Instruction& instruction) {
    const MmaElement element = instruction.form->element;
    std::array<Fragments, 3> fragments;  // A, B, C
    std::array<std::uint32_t, kLanes> metadata{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t i = 0; i < 12; ++i) {
        fragments[i / 4][lane][i % 4] = static_cast<std::uint32_t>(value_of(instruction.read[i], lane));
      }
      if (contributes_metadata(element, instruction.selector, static_cast<int>(lane))) {
        metadata[lane] = static_cast<std::uint32_t>(value_of(instruction.read[12], lane));
      }
    }
    const Fragments d =
        sparse_mma(element, instruction.selector, fragments[0], fragments[1], fragments[2], metadata);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t i = 0; i < 4; ++i) write(instruction.written[i], lane, d[lane][i]);
    }
  }

  std::uint64_t value_of(const Operand& operand, std::size_t lane) const {
    switch (operand.kind) {
      case Operand::Kind::kRegister:
        return read(operand.register_index, lane);
      case Operand::Kind::kImmediate:
        return operand.immediate;
      case Operand::Kind::kSpecial:
        break;
    }
    switch (operand.special) {
      case Special::kTidX:
        return (place_.first_thread + lane) % launch_.block[0];
      case Special::kCtaidX:
        return place_.block_x;
      case Special::kCtaidY:
        return place_.block_y;
      case Special::kNtidX:
        return launch_.block[0];
      case Special::kNctaidX:
        return launch_.grid[0];
      case Special::kLaneid:
        break;
    }
    return lane;
  }

  std::uint64_t read(std::size_t index, std::size_t lane) const {
    if (!is_written_[index * kLanes + lane]) {
      throw Fault(kLaunchFailed, "register " + kernel_.registers[index].name +
                                     " is read before it was written, in lane " + std::to_string(lane));
    }
    return values_[index * kLanes + lane];
  }

  void write(std::size_t index, std::size_t lane, std::uint64_t value) {
    values_[index * kLanes + lane] = value;
    is_written_[index * kLanes + lane] = true;
  }

  const Kernel& kernel_;
  const Launch& launch_;
  DeviceMemory& memory_;
  const Place place_;
  std::array<std::size_t, kLanes>
      counters_{};                     // the next instruction of each lane; end() and beyond: it is done
  std::vector<std::uint64_t> values_;  // of register i in lane l at 32 i + l; 32-bit values zero-extended
  std::vector<bool> is_written_;
};

}  // namespace

void run_kernel(const Kernel& kernel, const Launch& launch, DeviceMemory& memory) {
  const unsigned threads = launch.block[0] * launch.block[1] * launch.block[2];
  for (unsigned z = 0; z < launch.grid[2]; ++z) {
    for (unsigned y = 0; y < launch.grid[1]; ++y) {
      for (unsigned x = 0; x < launch.grid[0]; ++x) {
        for (unsigned first = 0; first < threads; first += kLanes) {
          Warp(kernel, launch, memory, {x, y, first, std::min(threads - first, unsigned{kLanes})}).run();
        }
      }
    }
  }
}

}  // namespace nmperm::emulated_cuda
