// Responses chosen per voxel against fits of every response, and trials of voxels with responses
// of their own against fits of each response alone: the slow, obvious way.
#include "engine/glm/hrf_choice.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/random.hpp"
#include "engine/core/series_source.hpp"
#include "engine/glm/shape_groups.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace hrf_choice_test {  // names like kScans are those of other tests too
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::close_number;
using testing::close_relative;

constexpr Index kScans = 140, kVoxels = 70;
constexpr double kTr = 1.5;

/// Two runs with conditions of unequal timing, one of them modulated, and one only in the first.
struct Example {
  explicit Example(double noise_sd = 4);
  std::vector<ChoiceRun> runs;
  std::vector<MatrixXd> series;  ///< per run, (scans, voxels)
  std::vector<int> planted;      ///< response of each voxel
  Mask mask;
  FirstLevelPlan plan{.noise_model = NoiseModel{}};

  OpenRun open() const {
    return [this](size_t r) { return std::make_unique<SeriesSource>(series[r]); };
  }
  ChosenHrf choose(HrfChoice model) const { return choose_hrf(runs, model, plan, open(), mask); }
};

Events example_events(uint64_t run) {
  const CounterRandom random(11, run);
  Events events;
  double onset = 3;
  for (uint64_t i = 0; onset < kTr * double(kScans) - 25; ++i) {
    events.push_back({onset, 2, i % 2 ? "b" : "a", 1, {{"value", random.uniform(2 * i)}}});
    onset += 6 + 6 * random.uniform(2 * i + 1);
  }
  if (run == 0) events.push_back({100, 1, "c", 1, {{"value", 0.5}}});
  return events;
}

Example::Example(double noise_sd) {
  const CounterRandom random(12, 1), slow(12, 2);
  uint64_t at = 0;
  for (uint64_t r = 0; r < 2; ++r) {
    ChoiceRun run{"run " + std::to_string(r + 1),         example_events(r), {}, {}, kTr,
                  std::vector<uint8_t>(size_t(kScans), 1)};
    run.options.hrf = library_hrf(10);
    run.options.modulators = {parse_modulators("a:value")};
    NamedColumns confounds{{"motion"}, MatrixXd(kScans, 1)};
    for (Index t = 0; t < kScans; ++t) confounds.values(t, 0) = slow.normal(uint64_t(t) + 1000 * r);
    run.design = make_design(run.events, confounds, kTr, kScans, run.options);
    if (r == 1) run.kept[20] = run.kept[21] = run.kept[90] = 0;
    MatrixXd y(kScans, kVoxels);
    for (Index v = 0; v < kVoxels; ++v) {
      const int response = int(v) % kHrfLibrarySize + 1;
      if (r == 0) planted.push_back(response);
      DesignOptions options = run.options;
      options.hrf = library_hrf(response);
      options.modulators.clear();
      const VectorXd signal =
          task_columns(run.events, kTr, run.design.frame_times_s, options).values.rowwise().sum();
      const VectorXd drift = run.design.values.col(run.design.find("drift_2"));
      for (Index t = 0; t < kScans; ++t)
        y(t, v) =
            800 + 10 * double(v) + 15 * signal[t] + 5 * drift[t] + noise_sd * random.normal(at++);
    }
    series.push_back(y);
    runs.push_back(std::move(run));
  }
  mask = SeriesSource(series[0]).all_voxels();
}

MatrixXd kept_rows(const MatrixXd& all, const std::vector<uint8_t>& kept) {
  std::vector<Index> rows;
  for (size_t t = 0; t < kept.size(); ++t)
    if (kept[t]) rows.push_back(Index(t));
  return all(rows, Eigen::all);
}

/// Task columns of all runs under one response, each run's nuisance columns apart.
struct Stacked {
  MatrixXd nuisance, task;
  std::vector<Index> first_row;
};

Stacked stack(const Example& x, const HrfModel& hrf, HrfChoice model,
              const std::vector<size_t>& used) {
  std::vector<std::string> names;
  std::vector<MatrixXd> z, task;
  for (const ChoiceRun& run : x.runs)
    for (size_t j = 0; j < run.design.names.size(); ++j)
      if (run.design.roles[j] == ColumnRole::task &&
          std::find(names.begin(), names.end(), run.design.names[j]) == names.end())
        names.push_back(run.design.names[j]);
  Index rows = 0, columns = 0;
  for (const size_t r : used) {
    const ChoiceRun& run = x.runs[r];
    DesignOptions options = run.options;
    options.hrf = hrf;
    if (model == HrfChoice::all_events) options.modulators.clear();
    const DesignMatrix design = make_design(run.events, {}, kTr, kScans, options);
    MatrixXd own = MatrixXd::Zero(kScans, model == HrfChoice::all_events ? 1 : Index(names.size()));
    for (Index j = 0; j < design.n_columns(); ++j) {
      if (design.roles[size_t(j)] != ColumnRole::task) continue;
      const auto at = std::find(names.begin(), names.end(), design.names[size_t(j)]);
      own.col(model == HrfChoice::all_events ? 0 : at - names.begin()) += design.values.col(j);
    }
    std::vector<Index> rest;
    for (Index j = 0; j < run.design.n_columns(); ++j)
      if (run.design.roles[size_t(j)] != ColumnRole::task) rest.push_back(j);
    task.push_back(kept_rows(own, run.kept));
    z.push_back(kept_rows(run.design.values(Eigen::all, rest), run.kept));
    rows += z.back().rows();
    columns += z.back().cols();
  }
  Stacked out{MatrixXd::Zero(rows, columns), MatrixXd(rows, task[0].cols()), {}};
  Index row = 0, column = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    out.first_row.push_back(row);
    out.nuisance.block(row, column, z[i].rows(), z[i].cols()) = z[i];
    out.task.middleRows(row, z[i].rows()) = task[i];
    row += z[i].rows();
    column += z[i].cols();
  }
  return out;
}

double residual_squares(const MatrixXd& x, const VectorXd& y) {
  return (y - x * x.completeOrthogonalDecomposition().solve(y)).squaredNorm();
}

struct Decided {
  int number;
  double r_squared, gain;
};

/// One voxel, by 21 least-squares fits.
Decided decide(const Example& x, HrfChoice model, Index voxel, const std::vector<size_t>& used) {
  double alone = 0, best = 0, canonical = 0;
  int number = 0;
  for (int k = 1; k <= kHrfLibrarySize + 1; ++k) {
    const Stacked s = stack(x, k <= kHrfLibrarySize ? library_hrf(k) : HrfModel{}, model, used);
    VectorXd y(s.task.rows());
    Index row = 0;
    for (const size_t r : used) {
      VectorXd own = kept_rows(x.series[r].col(voxel), x.runs[r].kept);
      if (x.plan.scaling == Scaling::psc) own = 100 * (own / own.mean()).array() - 100;
      y.segment(row, own.size()) = own;
      row += own.size();
    }
    MatrixXd both(y.size(), s.nuisance.cols() + s.task.cols());
    both << s.nuisance, s.task;
    const double squares = residual_squares(both, y);
    if (k == 1) alone = residual_squares(s.nuisance, y);
    if (k > kHrfLibrarySize)
      canonical = squares;
    else if (number == 0 || squares < best)
      best = squares, number = k;
  }
  return {number, 1 - best / alone, (canonical - best) / alone};
}

class Choices : public ::testing::TestWithParam<std::tuple<HrfChoice, Scaling>> {};

TEST_P(Choices, EqualSeparateLeastSquaresFits) {
  const auto [model, scaling] = GetParam();
  Example x;
  x.plan.scaling = scaling;
  const ChosenHrf chosen = x.choose(model);
  for (Index v = 0; v < kVoxels; v += 3) {
    const Decided twin = decide(x, model, v, {0, 1});
    EXPECT_EQ(int(chosen.number[size_t(v)]), twin.number) << v;
    EXPECT_TRUE(close_number(chosen.r_squared[v], twin.r_squared, 1e-8)) << v;
    EXPECT_TRUE(close_number(chosen.gain[v], twin.gain, 1e-8, 1e-2)) << v;
  }
}
INSTANTIATE_TEST_SUITE_P(Models, Choices,
                         ::testing::Combine(::testing::Values(HrfChoice::all_events,
                                                              HrfChoice::conditions),
                                            ::testing::Values(Scaling::none, Scaling::psc)));

TEST(HrfChoice, LeavesOutRunsInWhichAVoxelCannotBeFitted) {
  Example x;
  x.series[0].col(5).setConstant(7);
  x.series[1](60, 6) = std::nan("");
  x.series[1](20, 7) = std::nan("");  // censored
  for (MatrixXd& y : x.series) y.col(8).setZero();
  const ChosenHrf chosen = x.choose(HrfChoice::all_events);
  for (const auto& [voxel, used] : {std::pair{Index{5}, std::vector<size_t>{1}},
                                    {Index{6}, std::vector<size_t>{0}},
                                    {Index{9}, std::vector<size_t>{0, 1}}}) {
    const Decided twin = decide(x, HrfChoice::all_events, voxel, used);
    EXPECT_EQ(int(chosen.number[size_t(voxel)]), twin.number) << voxel;
    EXPECT_TRUE(close_number(chosen.r_squared[voxel], twin.r_squared, 1e-8)) << voxel;
  }
  EXPECT_GT(chosen.number[7], 0);
  EXPECT_EQ(chosen.number[8], 0);
  EXPECT_TRUE(std::isnan(chosen.r_squared[8]) && std::isnan(chosen.gain[8]));
}

TEST(HrfChoice, TakesTheLowestNumberOfEqualOnes) {
  Example x;
  for (ChoiceRun& run : x.runs) {
    for (Event& event : run.events) event.onset_s += 1000;  // none reaches the run
    run.design = make_design(run.events, {}, kTr, kScans, run.options);
  }
  const ChosenHrf chosen = x.choose(HrfChoice::all_events);
  for (Index v = 0; v < kVoxels; ++v) {
    EXPECT_EQ(chosen.number[size_t(v)], 1);
    EXPECT_EQ(chosen.r_squared[v], 0);
  }
}

TEST(HrfChoice, DoesNotDependOnThreads) {
  Example x;
  const ChosenHrf one = x.choose(HrfChoice::conditions);
  for (const int n_threads : {2, 7}) {
    x.plan.n_threads = n_threads;
    const ChosenHrf more = x.choose(HrfChoice::conditions);
    EXPECT_EQ(one.number, more.number);
    EXPECT_TRUE(testing::same_bits(one.r_squared, more.r_squared));
    EXPECT_TRUE(testing::same_bits(one.gain, more.gain));
  }
}

/// Shares of voxels whose response is the planted one, and at most one off.
std::pair<double, double> recovered(double noise_sd) {
  const Example x(noise_sd);
  const ChosenHrf chosen = x.choose(HrfChoice::all_events);
  double exact = 0, near = 0;
  for (size_t v = 0; v < x.planted.size(); ++v) {
    const int off = std::abs(int(chosen.number[v]) - x.planted[v]);
    exact += off == 0;
    near += off <= 1;
  }
  return {exact / double(kVoxels), near / double(kVoxels)};
}

TEST(HrfChoice, RecoversPlantedResponses) {
  EXPECT_EQ(recovered(1e-3).first, 1);
  // Responses of about 5 to events of 2 s: noise of a fifth of it, and about as large.
  for (const auto& [noise_sd, least_exact, least_near] :
       {std::tuple{1.0, 0.9, 0.98}, std::tuple{4.0, 0.5, 0.9}}) {
    const auto [exact, near] = recovered(noise_sd);
    std::printf("noise %g: %.2f of the responses found, %.2f within one\n", noise_sd, exact, near);
    EXPECT_GT(exact, least_exact);
    EXPECT_GT(near, least_near);
  }
}

/// Shares of noise voxels in which a test at 5 % of each contrast of a and b passes, with the
/// responses that the same data chose.
std::pair<double, double> false_positives(HrfChoice model) {
  constexpr Index kMany = 3000;
  Example x;
  x.runs[0].events.pop_back();  // the single c
  for (ChoiceRun& run : x.runs) {
    run.options.modulators.clear();
    run.design = make_design(run.events, {}, kTr, kScans, run.options);
  }
  const CounterRandom random(13, 1);
  uint64_t at = 0;
  for (MatrixXd& y : x.series) {
    y.resize(kScans, kMany);
    for (double& value : y.reshaped()) value = 100 + random.normal(at++);
  }
  x.mask = SeriesSource(x.series[0]).all_voxels();
  const ChosenHrf chosen = x.choose(model);
  double sum = 0, difference = 0;
  for (int k = 1; k <= kHrfLibrarySize; ++k) {
    const Stacked s = stack(x, library_hrf(k), HrfChoice::conditions, {0, 1});
    MatrixXd both(s.task.rows(), 2 + s.nuisance.cols());
    both << s.task, s.nuisance;
    const Eigen::HouseholderQR<MatrixXd> qr(both);
    const MatrixXd unit = (both.transpose() * both).inverse().topLeftCorner(2, 2);
    const double dof = double(both.rows() - both.cols());
    for (Index v = 0; v < kMany; ++v) {
      if (chosen.number[size_t(v)] != k) continue;
      VectorXd y(both.rows());
      y << kept_rows(x.series[0].col(v), x.runs[0].kept),
          kept_rows(x.series[1].col(v), x.runs[1].kept);
      const VectorXd b = qr.solve(y);
      const double variance = (y - both * b).squaredNorm() / dof;
      constexpr double kCritical = 1.969;  // two-sided 5 %, 250 to 280 degrees of freedom
      for (const double sign : {1.0, -1.0}) {
        const Eigen::Vector2d c(1, sign);
        const double t = c.dot(b.head(2)) / std::sqrt(variance * c.dot(unit * c));
        (sign > 0 ? sum : difference) += std::abs(t) > kCritical;
      }
    }
  }
  return {sum / double(kMany), difference / double(kMany)};
}

TEST(HrfChoice, InflatesTestsOfWhatItWasChosenBy) {
  const auto [sum, difference] = false_positives(HrfChoice::all_events);
  EXPECT_GT(sum, 0.10);
  EXPECT_LT(difference, 0.07);
  const auto [sum_too, difference_too] = false_positives(HrfChoice::conditions);
  EXPECT_GT(sum_too, 0.10);
  EXPECT_GT(difference_too, 0.08);
}

/// The runs of one response, with single trials.
FirstLevel with_trials(const Example& x, int number, const TrialOptions& options) {
  FirstLevel first{.plan = x.plan};
  for (const ChoiceRun& run : x.runs) {
    DesignOptions of_response = run.options;
    of_response.hrf = library_hrf(number);
    const DesignMatrix design =
        with_response(run.design, run.events, kTr, run.options, of_response.hrf);
    const auto trials = prepare_trials(split_trials(run.events, design, kTr, of_response, options),
                                       options, run.kept, true, x.plan.noise_model);
    first.runs.push_back(
        prepare_run({run.name, trials->split.model, run.kept, {0}, kTr, trials}, x.plan));
  }
  return first;
}

std::vector<ShapeGroup> groups_of(const Example& x, const std::vector<uint8_t>& number,
                                  const TrialOptions& options) {
  std::vector<ShapeGroup> groups = group_by_shape(number, x.mask);
  for (ShapeGroup& group : groups) {
    group.first = with_trials(x, group.number, options);
    group.heights = {0.5 + group.number, 2};
  }
  return groups;
}

struct TrialCase {
  const char* noise;
  TrialMethod method;
  Scaling scaling;
  friend void PrintTo(const TrialCase& c, std::ostream* out) {
    *out << c.noise << " " << name_of(c.method) << " " << name_of(c.scaling);
  }
};
class GroupedTrials : public ::testing::TestWithParam<TrialCase> {};

/// Each response's trials by the way that all voxels take, with a mask of its own; of all voxels
/// where these share their noise.
TEST_P(GroupedTrials, EqualThoseOfEachResponseAlone) {
  const TrialCase& c = GetParam();
  Example x;
  x.plan.noise_model = parse_noise_model(c.noise);
  x.plan.scaling = c.scaling;
  const TrialOptions options{c.method};
  std::vector<uint8_t> number(size_t(kVoxels), 4);
  for (size_t v = 0; v < number.size(); v += 3) number[v] = v % 2 ? 17 : 9;
  number[30] = 0;
  const auto groups = groups_of(x, number, options);
  ASSERT_EQ(groups.size(), 3u);
  const FirstLevelFit joined =
      join_shape_groups(groups, fit_shape_groups(groups, x.open(), x.mask), number);
  for (const ShapeGroup& group : groups) {
    const bool coupled = couples_voxels(x.plan);
    const FirstLevelFit alone =
        fit_first_level(group.first, x.open(), coupled ? x.mask : group.mask);
    for (size_t r = 0; r < 2; ++r)
      for (size_t i = 0; i < group.voxels.size(); ++i) {
        const Index v = group.voxels[i], at = coupled ? v : Index(i);
        if (number[size_t(v)] == 0) {
          EXPECT_TRUE(joined.trials[r].amplitude.col(v).array().isNaN().all());
          continue;
        }
        const double height = group.heights[r];
        ASSERT_TRUE(close_relative(joined.trials[r].amplitude.col(v),
                                   height * alone.trials[r].amplitude.col(at), 1e-8, 1e-2));
        ASSERT_TRUE(close_relative(joined.trials[r].variance.col(v),
                                   height * height * alone.trials[r].variance.col(at), 1e-8));
        ASSERT_EQ(joined.estimates[r].mean[v], alone.estimates[r].mean[at]);
      }
  }
}
INSTANTIATE_TEST_SUITE_P(Noise, GroupedTrials,
                         ::testing::Values(TrialCase{"ols", TrialMethod::lss, Scaling::none},
                                           TrialCase{"ols", TrialMethod::lsa, Scaling::psc},
                                           TrialCase{"ar1", TrialMethod::lss, Scaling::grand},
                                           TrialCase{"ar2", TrialMethod::lsa, Scaling::none},
                                           TrialCase{"ar4-averaged", TrialMethod::lss,
                                                     Scaling::none},
                                           TrialCase{"arma11", TrialMethod::lss, Scaling::psc},
                                           TrialCase{"tukey", TrialMethod::lsa, Scaling::none},
                                           TrialCase{"spm-ar1", TrialMethod::lss, Scaling::none}));

TEST(ShapeGroups, HaveTheVoxelsOfTheirResponse) {
  const Example x;
  std::vector<uint8_t> number(size_t(kVoxels), 3);
  number[0] = 0;
  number[5] = 12;
  const auto groups = group_by_shape(number, x.mask);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].number, 3);
  EXPECT_EQ(groups[0].voxels.front(), 0);  // without a response: in the first group
  EXPECT_EQ(groups[1].voxels, (std::vector<Index>{5}));
  EXPECT_EQ(groups[1].mask.voxels, (std::vector<uint32_t>{x.mask.voxels[5]}));
  EXPECT_EQ(group_by_shape(std::vector<uint8_t>(size_t(kVoxels), 0), x.mask).size(), 1u);
}

TEST(ShapeGroups, TellWhichResponsesLoseATrial) {
  Example x;
  // Begins 3 s before the last scan: late responses have not begun by then.
  x.runs[0].events.push_back({kTr * double(kScans - 1) - 3, 1, "a", 1, {{"value", 0.2}}});
  const TrialOptions options{};
  std::vector<uint8_t> number(size_t(kVoxels), 2);
  number[3] = 19;
  const auto groups = groups_of(x, number, options);
  const JointFacts facts = joint_facts(groups, 0);
  ASSERT_EQ(facts.facts.size(), x.runs[0].events.size());
  EXPECT_EQ(facts.facts.back().status, TrialStatus::no_response);
  EXPECT_EQ(facts.lost.back(), (std::vector<int>{19}));
  EXPECT_TRUE(facts.lost.front().empty());
  EXPECT_GE(facts.facts[0].vif, groups[0].first.runs[0].trials->facts[0].vif);
  EXPECT_GE(facts.facts[0].vif, groups[1].first.runs[0].trials->facts[0].vif);
  const FirstLevelFit all =
      join_shape_groups(groups, fit_shape_groups(groups, x.open(), x.mask), number);
  const Index last = all.trials[0].amplitude.rows() - 1;
  EXPECT_TRUE(std::isnan(all.trials[0].amplitude(last, 3)));
  EXPECT_TRUE(std::isfinite(all.trials[0].amplitude(last, 4)));
}

TEST(ShapeGroups, ValuesGoToTheVoxelsWithAResponse) {
  ShapeGroup group;
  group.voxels = {0, 2, 3};
  const std::vector<uint8_t> number{2, 1, 0, 2};
  Eigen::VectorXd all = Eigen::Vector4d(-1, -1, -1, -1);
  put_shaped(group, number, Eigen::Vector3d(5, 6, 7), all);
  EXPECT_EQ(all, Eigen::Vector4d(5, -1, -1, 7));
  EXPECT_EQ(voxels_per_shape(number, 3), (std::vector<long>{1, 1, 2, 0}));
  EXPECT_THROW(voxels_per_shape(number, 1), std::logic_error);
}

}  // namespace
}  // namespace hrf_choice_test
}  // namespace sociometer
