#include "engine/simulate/power.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/core/random.hpp"
#include "engine/simulate/streams.hpp"
#include "engine/stats/correlation.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// Random numbers per participant: four true effects, four errors, the score, and the design.
constexpr uint64_t kDrawsPerPerson = 10;

Eigen::Matrix2d correlated(double r) { return (Eigen::Matrix2d() << 1, r, r, 1).finished(); }

/// Kronecker product, for cells A_X, A_Y, B_X, B_Y.
Eigen::Matrix4d product(const Eigen::Matrix2d& regions, const Eigen::Matrix2d& signals) {
  Eigen::Matrix4d out;
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 4; ++j) out(i, j) = regions(i / 2, j / 2) * signals(i % 2, j % 2);
  return out;
}

Eigen::Matrix2d noise_covariance(const PowerAssumptions& a) {
  const Eigen::Vector2d sd(a.noise_sd[0], a.noise_sd[1]);
  return sd.asDiagonal() * correlated(a.noise_correlation) * sd.asDiagonal();
}

/// Weights of A's standardised true effects in the score.
Eigen::Vector2d score_weights(const PowerAssumptions& a) {
  return correlated(a.signal_correlation).inverse() *
         Eigen::Vector2d(a.score_correlation, a.other_score_correlation);
}
double score_explained(const PowerAssumptions& a) {
  return score_weights(a).dot(Eigen::Vector2d(a.score_correlation, a.other_score_correlation));
}

/// Square roots of the covariances resulting from one design.
struct Roots {
  Eigen::Matrix4d effects;  ///< of true effects
  std::vector<Eigen::Matrix4d> errors;
};

Eigen::Matrix4d root_of(const Eigen::Matrix4d& covariance) { return covariance.llt().matrixL(); }

Roots roots_of(const PowerAssumptions& a, const StudyDesigns& design) {
  Roots out;
  out.effects =
      root_of(product(correlated(a.region_correlation), correlated(a.signal_correlation)));
  for (const auto& error : design.error)
    out.errors.push_back(root_of(product(noise_covariance(a), error)));
  return out;
}

/// One study: estimates as deviations from the mean, and scores.
struct StudyDraw {
  Eigen::MatrixXd cells;  ///< (n, 4)
  Eigen::VectorXd score;
};

StudyDraw draw(const PowerAssumptions& a, const Roots& roots, Index n,
               const CounterRandom& random) {
  const Eigen::Vector2d weights = score_weights(a);
  const double rest = std::sqrt(1 - score_explained(a));
  StudyDraw out{Eigen::MatrixXd(n, 4), Eigen::VectorXd(n)};
  for (Index i = 0; i < n; ++i) {
    const uint64_t first = uint64_t(i) * kDrawsPerPerson;
    Eigen::Vector4d z, e;
    for (int c = 0; c < 4; ++c) {
      z[c] = random.normal(first + uint64_t(c));
      e[c] = random.normal(first + uint64_t(4 + c));
    }
    const size_t n_designs = roots.errors.size();
    const size_t which =
        std::min(n_designs - 1, size_t(random.uniform(first + 9) * double(n_designs)));
    const Eigen::Vector4d effects = roots.effects * z;
    out.cells.row(i) = (a.between_sd * effects + roots.errors[which] * e).transpose();
    out.score[i] = weights.dot(effects.head<2>()) + rest * random.normal(first + 8);
  }
  return out;
}

/// The figures of a row that do not require simulation, and the means of its cells.
struct Setting {
  PowerRow row;
  Eigen::RowVector4d mean;
};

Setting setting_of(const PowerPlan& plan, const StudyDesigns& design, double effect) {
  const PowerAssumptions& a = plan.people;
  const Eigen::Matrix2d error = design.mean_error();
  const double true_variance = a.between_sd * a.between_sd;
  Setting out;
  for (size_t r : {0u, 1u}) {
    const double variance =
        true_variance + a.noise_sd[r] * a.noise_sd[r] * error(Index(r), Index(r));
    const double sd = std::sqrt(variance), own = effect * (r == 0 ? 1 : a.effect_ratio);
    out.row.effect[r] = plan.unit == EffectUnit::d ? own * sd : own;
    out.row.d[r] = out.row.effect[r] / sd;
    out.row.reliability[r] = true_variance / variance;
  }
  out.mean << out.row.effect[0], a.shared_effect[0], a.shared_effect[1], out.row.effect[1];
  return out;
}

using Claims = std::array<bool, kClaims>;

void judge_claims(Claims& claims, const Eigen::MatrixXd& cells, const EvidenceRule& rule) {
  const auto set = [&](Claim claim, bool value) { claims[size_t(claim)] = value; };
  const PairFigures figures = pair_figures(cells, rule);
  const PairVerdict v = judge({figures}, rule)[0];
  const bool selective = v.verdict == Verdict::selective_double_dissociation,
             dissociated = selective || v.verdict == Verdict::double_dissociation,
             expected = v.signal_of_first == 0;
  set(Claim::double_dissociation, dissociated && expected);
  set(Claim::selective, selective && expected);
  set(Claim::reversed, dissociated && !expected);
  set(Claim::single, v.verdict == Verdict::single_dissociation);
  set(Claim::alike, v.verdict == Verdict::alike);
  set(Claim::open, v.verdict == Verdict::open);
  set(Claim::zeros,
      zero_supported(figures.cell[0][1], rule) && zero_supported(figures.cell[1][0], rule));
  set(Claim::interaction,
      mean_figures(cells.col(0) - cells.col(1) - cells.col(2) + cells.col(3), rule).p < rule.alpha);
}

/// Whether the slope's two-sided p is below `alpha`, in the direction of `expected` (0: either).
bool slope_shown(const Eigen::VectorXd& values, const Eigen::VectorXd& score, double expected,
                 double alpha) {
  const auto figures = pearson_correlation(score, values, Eigen::MatrixXd::Ones(values.size(), 1));
  return figures.p < alpha && figures.r * expected >= 0;
}

/// Claims of one study at each number of participants; slopes are computed once for all effects.
class Study {
 public:
  Study(const PowerPlan& plan, const Roots& roots, uint64_t number)
      : plan_(plan),
        drawn_(draw(plan.people, roots, plan.participants.back(),
                    CounterRandom(plan.seed, stream_of(RandomUse::power_study, number)))) {}

  Claims slopes(Index n) const {
    const PowerAssumptions& a = plan_.people;
    const double alpha = plan_.rule.alpha / plan_.slope_tests;
    const Eigen::VectorXd score = drawn_.score.head(n), x = drawn_.cells.col(0).head(n),
                          y = drawn_.cells.col(1).head(n);
    Claims out{};
    out[size_t(Claim::slope)] = slope_shown(x, score, a.score_correlation, alpha);
    out[size_t(Claim::slopes_differ)] =
        slope_shown(x - y, score, a.score_correlation - a.other_score_correlation, alpha);
    return out;
  }

  Claims all(Index n, const Eigen::RowVector4d& mean, const Claims& slopes) const {
    Claims out = slopes;
    judge_claims(out, drawn_.cells.topRows(n).rowwise() + mean, plan_.rule);
    return out;
  }

 private:
  const PowerPlan& plan_;
  StudyDraw drawn_;
};

/// Rows of one design: by effect, then participants.
std::vector<PowerRow> rows_of(const PowerPlan& plan, const StudyDesigns& design, size_t index,
                              int n_threads) {
  const Roots roots = roots_of(plan.people, design);
  std::vector<Setting> settings;
  for (double effect : plan.effects) settings.push_back(setting_of(plan, design, effect));
  const size_t n_sizes = plan.participants.size(), n_rows = n_sizes * settings.size();
  std::vector<Claims> claims(n_rows * plan.studies);
  parallel_for(Index(plan.studies), n_threads, [&](Index k) {
    const Study study(plan, roots, uint64_t(k));
    for (size_t j = 0; j < n_sizes; ++j) {
      const Index n = plan.participants[j];
      const Claims slopes = study.slopes(n);
      for (size_t e = 0; e < settings.size(); ++e)
        claims[size_t(k) * n_rows + e * n_sizes + j] = study.all(n, settings[e].mean, slopes);
    }
  });
  std::vector<PowerRow> rows;
  for (size_t e = 0; e < settings.size(); ++e)
    for (size_t j = 0; j < n_sizes; ++j) {
      PowerRow row = settings[e].row;
      row.participants = plan.participants[j];
      row.design = index, row.effect_index = e;
      for (size_t c = 0; c < kClaims; ++c) {
        uint64_t count = 0;
        for (uint64_t k = 0; k < plan.studies; ++k) count += claims[k * n_rows + rows.size()][c];
        row.rate[c] = double(count) / double(plan.studies);
      }
      rows.push_back(row);
    }
  return rows;
}

void check_correlation(const char* what, double value) {
  if (!(value > -1 && value < 1))
    fail(ErrorCode::bad_input, "the {} is {}; a correlation lies between -1 and 1, both excluded",
         what, value);
}

void check_people(const PowerAssumptions& a) {
  for (const double value : {a.effect_ratio, a.shared_effect[0], a.shared_effect[1]})
    if (!std::isfinite(value)) fail(ErrorCode::bad_input, "an effect is {}; give a number", value);
  if (!(a.between_sd >= 0) || !std::isfinite(a.between_sd))
    fail(ErrorCode::bad_input,
         "the standard deviation of effects between people is {}; it is 0 or more", a.between_sd);
  for (const double sd : a.noise_sd)
    if (!(sd > 0) || !std::isfinite(sd))
      fail(ErrorCode::bad_input, "the standard deviation of the noise is {}; it is more than 0",
           sd);
  check_correlation("correlation between regions", a.region_correlation);
  check_correlation("correlation between signals", a.signal_correlation);
  check_correlation("correlation of the regions' noise", a.noise_correlation);
  check_correlation("correlation of score and own effect", a.score_correlation);
  check_correlation("correlation of score and other effect", a.other_score_correlation);
  if (!(score_explained(a) < 1))
    fail(ErrorCode::bad_input,
         "no score correlates {} and {} with two signals' effects that correlate {} themselves; "
         "make one of the three smaller",
         a.score_correlation, a.other_score_correlation, a.signal_correlation);
}

void check_rule(const PowerPlan& plan) {
  const EvidenceRule& rule = plan.rule;
  if (!(rule.alpha > 0 && rule.alpha < 1))
    fail(ErrorCode::bad_input, "alpha is {}; it lies between 0 and 1", rule.alpha);
  if (!(rule.evidence > 1) || !std::isfinite(rule.evidence))
    fail(ErrorCode::bad_input, "the Bayes factor asked for is {}; one that supports is above 1",
         rule.evidence);
  if (!(rule.equivalence_d > 0))
    fail(ErrorCode::bad_input, "the equivalence bound is {}; it is above 0, or inf for none",
         rule.equivalence_d);
  if (!(rule.cauchy_scale > 0) || !std::isfinite(rule.cauchy_scale))
    fail(ErrorCode::bad_input, "the scale of the prior is {}; it is above 0", rule.cauchy_scale);
  if (plan.slope_tests < 1)
    fail(ErrorCode::bad_input, "{} slopes tested together; at least 1", plan.slope_tests);
}

}  // namespace

std::string to_string(Claim claim) {
  static const std::array<const char*, kClaims> names{
      "double_dissociation", "selective", "single",       "alike", "open", "reversed", "zeros",
      "interaction",         "slope",     "slopes_differ"};
  return names[size_t(claim)];
}

void check(const PowerPlan& plan) {
  if (plan.participants.empty()) fail(ErrorCode::bad_input, "no number of participants is given");
  for (size_t i = 0; i < plan.participants.size(); ++i) {
    if (plan.participants[i] < 3)
      fail(ErrorCode::bad_input, "{} participants per study; at least 3 are needed",
           plan.participants[i]);
    if (i > 0 && plan.participants[i] <= plan.participants[i - 1])
      fail(ErrorCode::bad_input, "numbers of participants ascend; {} comes after {}",
           plan.participants[i], plan.participants[i - 1]);
  }
  if (plan.effects.empty()) fail(ErrorCode::bad_input, "no effect is given");
  for (const double effect : plan.effects)
    if (!std::isfinite(effect))
      fail(ErrorCode::bad_input, "an effect is {}; give a number", effect);
  if (plan.studies < 1) fail(ErrorCode::bad_input, "0 studies; at least 1 is needed");
  check_people(plan.people);
  check_rule(plan);
}

std::vector<PowerRow> power_rows(const PowerPlan& plan, const std::vector<StudyDesigns>& designs,
                                 int n_threads) {
  check(plan);
  require(!designs.empty(), "at least one design");
  std::vector<PowerRow> all;
  for (size_t i = 0; i < designs.size(); ++i) {
    require(!designs[i].error.empty(), "at least one person's design");
    const auto rows = rows_of(plan, designs[i], i, n_threads);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

std::optional<Index> enough_participants(const std::vector<PowerRow>& rows, size_t design,
                                         size_t effect_index, Claim claim, double target) {
  std::optional<Index> enough;
  for (const PowerRow& row : rows) {
    if (row.design != design || row.effect_index != effect_index) continue;
    if (!(row.of(claim) >= target))
      enough.reset();
    else if (!enough)
      enough = row.participants;
  }
  return enough;
}

double rate_error(double rate, uint64_t studies) {
  return std::sqrt(rate * (1 - rate) / double(studies));
}

}  // namespace sociometer
