#include "engine/design/centred_columns.hpp"

#include "engine/core/error.hpp"

namespace sociometer {

void centre_over_kept(Eigen::MatrixXd& columns, const std::vector<uint8_t>& kept) {
  require(columns.rows() == Eigen::Index(kept.size()), "a flag per scan");
  for (Eigen::Index c = 0; c < columns.cols(); ++c) {
    double sum = 0;
    int n = 0;
    for (Eigen::Index t = 0; t < columns.rows(); ++t)
      if (kept[size_t(t)]) sum += columns(t, c), ++n;
    if (n > 0) columns.col(c).array() -= sum / n;
  }
}

}  // namespace sociometer
