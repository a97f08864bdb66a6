// Products of matrices: Gemm, and MatMul of weights and of activations (attention).
#include "network/broadcast.h"
#include "network/index_maps.h"
#include "network/matrix_product.h"
#include "network/operation.h"

namespace nmperm {
namespace {

/// A two-dimensional factor that the file stores is a weight.
void add_factor(Operation& operation, const TensorView& view, int summed, int kept) {
  if (view.rank() != 2) return;
  operation.add_weight(view, summed, kept);
}

bool matmul(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || operation.output_count() != 1) return false;
  TensorView a = operation.input(0), b = operation.input(1);
  if (!a.known_rank || !b.known_rank || a.rank() < 1 || b.rank() < 1) return false;
  const bool row = a.rank() == 1, column = b.rank() == 1;
  if (row) insert_axis(a, 0);
  if (column) insert_axis(b, 1);
  TensorView& out = operation.output(0);
  const Factor factor_a = {&a, 0, a.rank() - 1, a.rank() - 2}, factor_b = {&b, 1, b.rank() - 2, b.rank() - 1};
  if (!follow_product(operation, factor_a, factor_b, out)) return false;
  add_factor(operation, b, 0, 1);
  add_factor(operation, a, 1, 0);
  if (column) remove_axis(out, out.rank() - 1);
  if (row) remove_axis(out, out.rank() - (column ? 1 : 2));
  return true;
}

bool gemm(Operation& operation) {
  if (!operation.has(0) || !operation.has(1) || operation.output_count() != 1) return false;
  operation.assume_rank(0, 2);
  const TensorView& a = operation.input(0);
  const TensorView& b = operation.input(1);
  if (!a.known_rank || !b.known_rank || a.rank() != 2 || b.rank() != 2) return false;
  const int summed_a = operation.node().integer("transA", 0) != 0 ? 0 : 1;
  const int summed_b = operation.node().integer("transB", 0) != 0 ? 1 : 0;
  TensorView product;
  const Factor factor_a = {&a, 0, summed_a, 1 - summed_a}, factor_b = {&b, 1, summed_b, 1 - summed_b};
  if (!follow_product(operation, factor_a, factor_b, product)) return false;
  add_factor(operation, b, summed_b, 1 - summed_b);
  add_factor(operation, a, summed_a, 1 - summed_a);
  if (!operation.has(2)) {
    operation.output(0) = std::move(product);
    return true;
  }
  const std::vector<Operand> operands = {{&product, 1}, {&operation.input(2), 2}};
  Shape dims;
  if (!broadcast_dims(operands, dims)) return false;
  combine(operation, operands, dims, operation.output(0));
  return true;
}

}  // namespace

void add_linear_operations(OperationTable& table) {
  table["MatMul"] = matmul;
  table["Gemm"] = gemm;
}

}  // namespace nmperm
