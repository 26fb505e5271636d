#include "engine/roi/score_models.hpp"

#include <cmath>

#include "engine/core/error.hpp"
#include "engine/design/estimability.hpp"

namespace sociometer {

Eigen::MatrixXd ScoreModel::covariates() const {
  Eigen::MatrixXd out(score.size(), nuisance.cols());
  out << score, nuisance.rightCols(nuisance.cols() - 1);
  return out;
}

Eigen::MatrixXd ScoreModel::design() const {
  Eigen::MatrixXd out(score.size(), nuisance.cols() + 1);
  out << nuisance, score;
  return out;
}

ScoreModel score_model(const IndividualData& data, size_t score, bool together) {
  const Eigen::Index n = data.score_values.rows(), n_scores = data.score_values.cols();
  const Eigen::Index n_covariates = Eigen::Index(data.covariates.size());
  ScoreModel out;
  out.score = data.score_values.col(Eigen::Index(score));
  out.nuisance.resize(n, 1 + n_covariates + (together ? n_scores - 1 : 0));
  out.nuisance.col(0).setOnes();
  if (n_covariates > 0) out.nuisance.middleCols(1, n_covariates) = data.covariate_values;
  Eigen::Index next = 1 + n_covariates;
  for (Eigen::Index k = 0; together && k < n_scores; ++k)
    if (k != Eigen::Index(score)) out.nuisance.col(next++) = data.score_values.col(k);
  if (!(sd_of(out.score) > 1e-10 * out.score.norm()))
    fail(ErrorCode::bad_input, "score {} is the same in all {} participants", data.scores[score],
         n);
  if (EstimableSpace(out.design()).rank() <= out.nuisance.cols())
    fail(ErrorCode::bad_input,
         "score {} follows from the covariates{}, or these from each other; leave one out",
         data.scores[score], together ? " and other scores" : "");
  return out;
}

double sd_of(const Eigen::VectorXd& values) {
  return std::sqrt((values.array() - values.mean()).square().sum() / double(values.size() - 1));
}

}  // namespace sociometer
