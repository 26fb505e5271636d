#include "cli/jobs/trials/trial_images.hpp"

#include <algorithm>
#include <map>

#include "engine/core/error.hpp"
#include "engine/core/large_buffer.hpp"
#include "engine/core/missing.hpp"
#include "engine/glm/trial_averages.hpp"
#include "io/stores/trials_file.hpp"

namespace sociometer::jobs {
namespace {

StoredTrials stored_trials(const Mask& mask, const std::vector<ListedTrial>& trials,
                           const TrialValues& values) {
  StoredTrials out{mask, values.amplitude, values.variance, {}, {}, {}, {}, {}};
  out.onset_s.resize(Eigen::Index(trials.size()));
  out.vif.resize(Eigen::Index(trials.size()));
  for (size_t i = 0; i < trials.size(); ++i) {
    out.run.push_back(uint32_t(trials[i].run + 1));
    out.onset_s[Eigen::Index(i)] = trials[i].event->onset_s;
    out.vif[Eigen::Index(i)] = trials[i].facts.vif;
    out.type.push_back(trials[i].event->type);
    out.status.push_back(uint8_t(trials[i].facts.status));
  }
  return out;
}

TrialVolumesRecord volumes_of(const std::vector<ListedTrial>& trials) {
  TrialVolumesRecord out;
  for (const auto& trial : trials) {
    out.run_number.push_back(int(trial.run + 1));
    out.onset_s.push_back(trial.event->onset_s);
  }
  return out;
}

/// Values of trial_type are labels themselves; those of other columns follow the column's name.
std::string label_of(const std::string& column, const std::string& value) {
  return camel_case(column == "trial_type" ? value : column + " " + value);
}

}  // namespace

TrialValues join_runs(std::vector<TrialResults>& runs, int n_threads) {
  Eigen::Index n_trials = 0, n_voxels = 0;
  for (const auto& run : runs) {
    n_trials += run.amplitude.rows();
    n_voxels = run.amplitude.cols();
  }
  const auto join = [&](Eigen::MatrixXd TrialResults::*values) {
    Eigen::MatrixXd out(n_voxels, n_trials);
    prefer_huge_pages(pages_of(out));
    Eigen::Index at = 0;
    for (auto& run : runs) {
      Eigen::MatrixXd& own = run.*values;
      if (own.size() == 0 && n_voxels > 0 && run.amplitude.rows() > 0) return Eigen::MatrixXd();
      put_trials(own, at, n_threads, out);
      at += own.rows();
    }
    return out;
  };
  TrialValues out;
  out.variance = join(&TrialResults::variance);
  out.amplitude = join(&TrialResults::amplitude);
  runs.clear();
  return out;
}

std::string average_map_name(const std::string& label) {
  return "contrast-" + label + "_stat-effect_statmap";
}

TrialAverages average_trials(const std::string& column, const std::vector<std::string>& of_trials,
                             const std::vector<ListedTrial>& trials,
                             const Eigen::MatrixXd& amplitude) {
  TrialAverages out;
  std::map<std::string, std::vector<Eigen::Index>> with_value;
  for (size_t t = 0; t < trials.size(); ++t)
    if (!of_trials[t].empty()) {
      auto& list = with_value[of_trials[t]];
      if (trials[t].facts.status == TrialStatus::ok) list.push_back(Eigen::Index(t));
    }
  std::map<std::string, std::string> value_of_label;
  std::vector<std::vector<Eigen::Index>> groups;
  for (const auto& [value, list] : with_value) {
    const std::string label = label_of(column, value);
    const auto [other, fresh] = value_of_label.emplace(label, value);
    if (label.empty() || !fresh)
      fail(ErrorCode::bad_input,
           "--average-by {}: the values '{}' and '{}' would both be called '{}' in file names; "
           "rename one in the events",
           column, value, other->second, label);
    out.values.push_back(value);
    out.labels.push_back(label);
    out.n_trials.push_back(long(list.size()));
    groups.push_back(list);
  }
  out.means = mean_amplitudes(amplitude, groups);
  return out;
}

void write_trial_images(const TrialsRequest& a, const Mask& mask,
                        const std::vector<ListedTrial>& trials, const TrialValues& values,
                        const TrialFitRecord& facts, MapWriter& writer, OutputSet& outputs,
                        int n_threads) {
  if (a.writes_hdf5()) {
    const auto path = outputs.stage(writer.prefixed("trials.h5"));
    write_trials(path.string(), stored_trials(mask, trials, values), "Sociometer " + version(),
                 n_threads);
  }
  if (!a.writes_nifti()) return;
  TrialMapRecord record{"amplitudes of single trials, one volume per row of trials.tsv",
                        volumes_of(trials),
                        {},
                        facts,
                        {},
                        {}};
  writer.add("desc-trials_stat-effect_statmap", values.amplitude, writer.type(), record);
  if (values.variance.size() == 0) return;
  record.description = "variances of the amplitudes, one volume per row of trials.tsv";
  writer.add("desc-trials_stat-variance_statmap", values.variance, writer.type(), record);
}

void write_averages(const std::string& column, const TrialAverages& averages,
                    const TrialFitRecord& facts, MapWriter& writer) {
  for (size_t i = 0; i < averages.values.size(); ++i) {
    const TrialMapRecord record{
        "mean amplitude of the trials with a value of a column",
        {},
        TrialAverageRecord{column, averages.values[i], averages.n_trials[i]},
        facts,
        {},
        {}};
    writer.add(average_map_name(averages.labels[i]), averages.means.col(Eigen::Index(i)),
               writer.type(), record);
  }
}

}  // namespace sociometer::jobs
