// Fits a line through four points with the installed engine: slope 2, intercept 1.
#include <cmath>
#include <cstdio>

#include "engine/design/estimability.hpp"
#include "engine/stats/distributions.hpp"
#include "io/tables/table.hpp"

int main() {
  Eigen::MatrixXd x(4, 2);
  x << 0, 1, 1, 1, 2, 1, 3, 1;
  const Eigen::Vector4d y(1, 3, 5, 7);
  const sociometer::EstimableSpace space(x);
  const Eigen::VectorXd beta = space.betas_from_coordinates() * space.projection(y);
  const bool good = std::abs(beta[0] - 2) < 1e-12 && std::abs(beta[1] - 1) < 1e-12 &&
                    std::abs(sociometer::z_from_t(2.0, 1e9) - 2.0) < 1e-6 &&
                    sociometer::format_number(0.1) == "0.1";
  std::printf("downstream: %s\n", good ? "ok" : "FAILED");
  return good ? 0 : 1;
}
