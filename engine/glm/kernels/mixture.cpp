// Compiled once per instruction set (see CMakeLists.txt). No library header may be included here.
#include "engine/glm/kernels/elementary.hpp"

namespace sociometer::kernels {

namespace {

constexpr int kVectorsPerTile = kTileWidth / kLanes;
/// Logarithms of less are not taken: such a voxel has no residual.
constexpr double kLeastSquares = 1e-290;

}  // namespace

void SOCIOMETER_KERNEL(subtract_squares)(int n_rows, const double* rows, double* sums) {
  constexpr int kBlock = 4;
  for (int v = 0; v < kVectorsPerTile; v += kBlock) {
    Vector squares[kBlock];
    for (int c = 0; c < kBlock; ++c) squares[c] = as_vectors(sums)[v + c];
    for (int r = 0; r < n_rows; ++r)
      for (int c = 0; c < kBlock; ++c) {
        const Vector x = as_vectors(rows + r * kTileWidth)[v + c];
        squares[c] -= x * x;
      }
    for (int c = 0; c < kBlock; ++c) as_vectors(sums)[v + c] = squares[c];
  }
}

void SOCIOMETER_KERNEL(atom_posteriors)(int n_atoms, const double* log_factors, double half_dof,
                                        double least, const double* squares,
                                        double* probabilities) {
  for (int v = 0; v < kVectorsPerTile; ++v) {
    Vector most = all(-1.7e308), smallest = all(1.7e308), flaw = Vector{};
    for (int g = 0; g < n_atoms; ++g) {
      const Vector q = as_vectors(squares + g * kTileWidth)[v];
      smallest = kernels::least(smallest, q);
      flaw += q - q;  // NaN for NaN and infinities
      const Vector l = log_factors[g] - half_dof * logarithm(largest(q, all(kLeastSquares)));
      as_vectors(probabilities + g * kTileWidth)[v] = l;
      most = largest(most, l);
    }
    Vector sum = Vector{};
    for (int g = 0; g < n_atoms; ++g) {
      const Vector difference = as_vectors(probabilities + g * kTileWidth)[v] - most;
      Vector p;
      exponentials<1>(&difference, &p);
      as_vectors(probabilities + g * kTileWidth)[v] = p;
      sum += p;
    }
    const Vector threshold = least * sum;
    Vector kept = Vector{};
    for (int g = 0; g < n_atoms; ++g) {
      const Vector p = as_vectors(probabilities + g * kTileWidth)[v];
      kept += p < threshold ? Vector{} : p;
    }
    const Bits sound = (smallest > all(kLeastSquares)) & (flaw == 0);
    const Vector factor = sound ? 1.0 / kept : Vector{};
    for (int g = 0; g < n_atoms; ++g) {
      const Vector p = as_vectors(probabilities + g * kTileWidth)[v];
      as_vectors(probabilities + g * kTileWidth)[v] =
          sound & (p >= threshold) ? p * factor : Vector{};
    }
  }
}

}  // namespace sociometer::kernels
