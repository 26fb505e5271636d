#include "engine/core/masked_values.hpp"

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

void require_stored(const Space& space, Index n_values) {
  require(n_values == space.n_stored(), "an image of the space");
}

}  // namespace

Eigen::VectorXd values_at(const Space& space, const Eigen::Ref<const Eigen::VectorXd>& image) {
  require_stored(space, image.size());
  Eigen::VectorXd values(space.size());
  for (Index v = 0; v < values.size(); ++v) values[v] = image[space.stored_at()[size_t(v)]];
  return values;
}

Eigen::MatrixXd rows_at(const Space& space, const Eigen::Ref<const Eigen::MatrixXd>& images) {
  require_stored(space, images.rows());
  Eigen::MatrixXd values(images.cols(), space.size());
  for (Index v = 0; v < values.cols(); ++v)
    values.col(v) = images.row(space.stored_at()[size_t(v)]).transpose();
  return values;
}

std::vector<Index> shared_positions(const Space& whole, const Space& part) {
  std::vector<Index> positions;
  const std::span<const uint32_t> places = part.stored_at();
  auto other = places.begin();
  for (Index v = 0; v < whole.size(); ++v) {
    const uint32_t place = whole.stored_at()[size_t(v)];
    while (other != places.end() && *other < place) ++other;
    if (other != places.end() && *other == place) positions.push_back(v);
  }
  return positions;
}

Eigen::VectorXd region_numbers(const std::vector<std::vector<Index>>& regions, Index n_stored) {
  Eigen::VectorXd numbers = Eigen::VectorXd::Zero(n_stored);
  for (size_t i = 0; i < regions.size(); ++i)
    for (const Index v : regions[i]) numbers[v] = double(i + 1);
  return numbers;
}

Eigen::MatrixXd stacked(const std::vector<Eigen::MatrixXd>& parts, Index n_columns) {
  Index n_rows = 0;
  for (const Eigen::MatrixXd& part : parts) n_rows += part.rows();
  Eigen::MatrixXd all(n_rows, n_columns);
  Index row = 0;
  for (const Eigen::MatrixXd& part : parts) {
    require(part.cols() == n_columns, "matrices of the same columns");
    all.middleRows(row, part.rows()) = part;
    row += part.rows();
  }
  return all;
}

}  // namespace sociometer
