#include "tests/support/emulated_cuda/kernel_parser.h"

#include <map>

#include "tests/support/emulated_cuda/ptx_forms.h"

namespace nmperm::emulated_cuda {
namespace {

class KernelParser {
 public:
  KernelParser(TokenReader& tokens, int architecture, Kernel& kernel)
      : tokens_(tokens), architecture_(architecture), kernel_(kernel) {}

  void parse() {
    tokens_.expect("{");
    while (!tokens_.take("}")) {
      if (tokens_.take(".reg")) {
        declare_registers();
      } else if (tokens_.second_is(":")) {
        define_label();
      } else {
        parse_instruction();
      }
    }
    for (const auto& [index, line, label] : branches_) {
      const auto found = labels_.find(label);
      if (found == labels_.end()) refuse_ptx(line, "unknown label '" + label + "'");
      kernel_.instructions[index].target = found->second;
    }
  }

 private:
  struct Branch {
    std::size_t instruction;
    int line;
    std::string label;
  };

  void declare_registers() {
    const Type type = declared_type(tokens_);
    do {
      const int line = tokens_.line();
      const std::string name = tokens_.word("the name of a register");
      if (tokens_.take("<")) {
        const std::uint64_t count = integer_of(tokens_.word("a number of registers"), line);
        if (count == 0 || count > 65536) refuse_ptx(line, "a bad number of registers");
        tokens_.expect(">");
        for (std::uint64_t i = 0; i < count; ++i) declare(name + std::to_string(i), type, line);
      } else {
        declare(name, type, line);
      }
    } while (tokens_.take(","));
    tokens_.expect(";");
  }

  void declare(const std::string& name, Type type, int line) {
    if (!registers_.emplace(name, kernel_.registers.size()).second) {
      refuse_ptx(line, "register " + name + " is declared twice");
    }
    kernel_.registers.push_back({name, type});
  }

  void define_label() {
    const int line = tokens_.line();
    const std::string label = tokens_.word("a label");
    tokens_.expect(":");
    if (!labels_.emplace(label, kernel_.instructions.size()).second) {
      refuse_ptx(line, "label " + label + " is defined twice");
    }
  }

  void parse_instruction() {
    Instruction instruction{.line = tokens_.line(), .form = nullptr, .written = {}, .read = {}};
    line_ = instruction.line;
    if (tokens_.take("@")) {
      instruction.guarded = true;
      instruction.guard_negated = tokens_.take("!");
      instruction.guard_register = register_of(kPred);
    }
    const std::string opcode = tokens_.word("an instruction");
    instruction.form = form_of(opcode);
    if (instruction.form == nullptr) refuse_ptx(line_, "unknown instruction '" + opcode + "'");
    parse_operands(instruction);
    if (!tokens_.take(";")) refuse_ptx(line_, "'" + opcode + "' has other operands, or its ';' is missing");
    kernel_.instructions.push_back(std::move(instruction));
  }

  void parse_operands(Instruction& instruction) {
    const Form& form = *instruction.form;
    switch (form.operation) {
      case Operation::kReturn:
        return;
      case Operation::kBranch:
        branches_.push_back({kernel_.instructions.size(), line_, tokens_.word("a label")});
        return;
      case Operation::kLoadParameter:
        parse_written(instruction);
        tokens_.expect(",");
        parse_parameter_address(instruction);
        return;
      case Operation::kLoad:
        parse_written(instruction);
        tokens_.expect(",");
        parse_address(instruction);
        return;
      case Operation::kStore:
        parse_address(instruction);
        tokens_.expect(",");
        parse_read(instruction, 0, form.read.size());
        return;
      case Operation::kSparseMma:
        parse_sparse_mma(instruction);
        return;
      default:
        parse_written(instruction);
        for (const Type type : form.read) {
          tokens_.expect(",");
          instruction.read.push_back(operand_of(type, form.operation));
        }
    }
  }

  void parse_sparse_mma(Instruction& instruction) {
    if (architecture_ < 80) refuse_ptx(line_, "mma.sp needs .target sm_80");
    parse_written(instruction);
    for (std::size_t fragment = 0; fragment < 3; ++fragment) {
      tokens_.expect(",");
      parse_read(instruction, 4 * fragment, 4);
    }
    tokens_.expect(",");
    instruction.read.push_back(
        {Operand::Kind::kRegister, register_of(instruction.form->read.back()), 0, Special::kTidX});
    tokens_.expect(",");
    const std::uint64_t selector = integer_of(tokens_.word("a sparsity selector"), line_);
    if (selector > (instruction.form->element == MmaElement::kS8 ? 0 : 1)) {
      refuse_ptx(line_, "sparsity selector " + std::to_string(selector) + " is out of range");
    }
    instruction.selector = static_cast<unsigned>(selector);
  }

  /// One register, or as many in braces as the form writes.
  void parse_written(Instruction& instruction) {
    const std::vector<Type>& types = instruction.form->written;
    if (types.size() > 1) tokens_.expect("{");
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (i > 0) tokens_.expect(",");
      instruction.written.push_back(register_of(types[i]));
    }
    if (types.size() > 1) tokens_.expect("}");
  }

  /// The same for what the form reads from operand `begin` on.
  void parse_read(Instruction& instruction, std::size_t begin, std::size_t count) {
    const Form& form = *instruction.form;
    if (count > 1) tokens_.expect("{");
    for (std::size_t i = begin; i < begin + count; ++i) {
      if (i > begin) tokens_.expect(",");
      instruction.read.push_back(operand_of(form.read[i], form.operation));
    }
    if (count > 1) tokens_.expect("}");
  }

  std::size_t register_of(Type type) {
    const std::string name = tokens_.word("a register");
    const auto found = registers_.find(name);
    if (found == registers_.end()) refuse_ptx(line_, "unknown register '" + name + "'");
    if (!agree(kernel_.registers[found->second].type, type)) {
      refuse_ptx(line_, "register " + name + " has another type than the instruction");
    }
    return found->second;
  }

  Operand operand_of(Type type, Operation operation) {
    static const std::map<std::string, Special> kSpecials = {
        {"%tid.x", Special::kTidX},   {"%ctaid.x", Special::kCtaidX},   {"%ctaid.y", Special::kCtaidY},
        {"%ntid.x", Special::kNtidX}, {"%nctaid.x", Special::kNctaidX}, {"%laneid", Special::kLaneid}};
    for (const auto& [name, special] : kSpecials) {
      if (!tokens_.next_is(name)) continue;
      if (operation != Operation::kMove || !agree(kU32, type)) refuse_ptx(line_, name + " in this place");
      tokens_.expect(name);
      return {Operand::Kind::kSpecial, 0, 0, special};
    }
    if (tokens_.next_is("-") || tokens_.next_is_number()) {
      return {Operand::Kind::kImmediate, 0, immediate_of(type), Special::kTidX};
    }
    return {Operand::Kind::kRegister, register_of(type), 0, Special::kTidX};
  }

  /// The bits of a constant: 0f and eight hexadecimal digits where floats or bits may stand, integers where
  /// those may.
  std::uint64_t immediate_of(Type type) {
    const bool negative = tokens_.take("-");
    const std::string text = tokens_.word("a number");
    if (text.rfind("0f", 0) == 0) {
      if (negative || text.size() != 10 || !agree(type, kF32)) refuse_ptx(line_, "constant '" + text + "'");
      return integer_of("0x" + text.substr(2), line_);
    }
    if (!agree(type, type.bits == 32 ? kU32 : kU64)) refuse_ptx(line_, "constant '" + text + "'");
    const std::uint64_t value = integer_of(text, line_);
    const std::uint64_t largest = type.bits == 32 ? 0xffffffff : ~std::uint64_t{0};
    if (value > (negative ? largest / 2 + 1 : largest))
      refuse_ptx(line_, "constant '" + text + "' is too large");
    return (negative ? ~value + 1 : value) & largest;
  }

  void parse_address(Instruction& instruction) {
    tokens_.expect("[");
    instruction.address_register = register_of(kU64);
    instruction.offset = displacement();
    tokens_.expect("]");
  }

  void parse_parameter_address(Instruction& instruction) {
    tokens_.expect("[");
    const std::string name = tokens_.word("a parameter");
    const Parameter* parameter = nullptr;
    for (const Parameter& candidate : kernel_.parameters) {
      if (candidate.name == name) parameter = &candidate;
    }
    if (parameter == nullptr) refuse_ptx(line_, "unknown parameter '" + name + "'");
    const std::int64_t offset = displacement();
    const auto size = static_cast<std::int64_t>(instruction.form->written[0].size_bytes());
    if (offset < 0 || offset + size > static_cast<std::int64_t>(parameter->type.size_bytes()) ||
        offset % size != 0) {
      refuse_ptx(line_, "parameter " + name + " does not hold what is read");
    }
    instruction.offset = static_cast<std::int64_t>(parameter->offset) + offset;
    tokens_.expect("]");
  }

  /// What follows the name in an address: nothing, `+N` or `+-N` bytes.
  std::int64_t displacement() {
    if (!tokens_.take("+")) return 0;
    const bool negative = tokens_.take("-");
    const std::uint64_t value = integer_of(tokens_.word("a number"), line_);
    if (value > 0x7fffffff) refuse_ptx(line_, "the displacement of an address is too large");
    return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  }

  TokenReader& tokens_;
  const int architecture_;
  Kernel& kernel_;
  int line_ = 0;  // of the instruction at hand
  std::map<std::string, std::size_t> registers_;
  std::map<std::string, std::size_t> labels_;
  std::vector<Branch> branches_;
};

}  // namespace

void parse_kernel(TokenReader& tokens, int architecture, Kernel& kernel) {
  KernelParser(tokens, architecture, kernel).parse();
}

}  // namespace nmperm::emulated_cuda
