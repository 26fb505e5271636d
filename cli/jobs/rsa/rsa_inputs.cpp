#include "cli/jobs/rsa/rsa_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/rsa/residual_noise.hpp"
#include "engine/core/error.hpp"
#include "engine/rsa/pattern_data.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/sidecar_fields.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTableName = "trials.tsv";

int column_of(const Table& table, const std::string& name) {
  const int at = table.find(name);
  if (at < 0)
    fail(ErrorCode::bad_input, "{} has no column '{}'; it is to be a table written by `trials`",
         table.path, name);
  return at;
}

/// A whole number from 1.
int count_in(const Table& table, size_t row, int column) {
  const double value = number_in(table, row, column);
  if (value >= 1 && value <= 1e9 && value == std::floor(value)) return int(value);
  fail(ErrorCode::bad_input, "{} line {}: {} is '{}'; it must be a whole number from 1", table.path,
       table.line_numbers[row], table.names[size_t(column)], table.rows[row][size_t(column)]);
}

/// Puts the rows in the order of the image's volumes; users may have sorted the table.
void order_by_volume(Table& table) {
  const int number = column_of(table, "trial_number");
  const size_t n = table.rows.size();
  std::vector<size_t> row_of(n, n);
  for (size_t r = 0; r < n; ++r) {
    const auto volume = size_t(count_in(table, r, number));
    if (volume > n || row_of[volume - 1] != n)
      fail(ErrorCode::bad_input,
           "{} line {}: trial_number is {}{}; the {} rows are to have the numbers 1 to {}, each "
           "once, as `trials` wrote them",
           table.path, table.line_numbers[r], volume,
           volume > n ? "" : fmt::format(", as in line {}", table.line_numbers[row_of[volume - 1]]),
           n, n);
    row_of[volume - 1] = r;
  }
  const auto rows = std::move(table.rows);
  const auto lines = std::move(table.line_numbers);
  table.rows.clear();
  table.line_numbers.clear();
  for (const size_t r : row_of) {
    table.rows.push_back(rows[r]);
    table.line_numbers.push_back(lines[r]);
  }
}

/// What the record of a table or an image says; nothing without one.
SidecarFields fields_beside(std::string path, const std::string& ending) {
  path.replace(path.size() - ending.size(), std::string::npos, ".json");
  return fs::exists(path) ? fields_in<SidecarFields>(read_json_file(path).value) : SidecarFields{};
}

std::vector<std::string> images_of(const SidecarFields& fields) {
  std::vector<std::string> images;
  if (fields.runs)
    for (const SidecarRun& run : *fields.runs)
      images.push_back(run.bold.value_or("an unknown image"));
  return images;
}

/// A loop that forgets to change one of two names gives amplitudes of one participant to another.
void require_own_images(const std::string& path, const std::string& participant,
                        const SidecarFields& fields) {
  for (const std::string& bold : images_of(fields))
    if (const auto of = participant_in(bold); !of.empty() && of != participant)
      fail(ErrorCode::bad_input,
           "{} is of {} by its name, its amplitudes of {} by its record ({}); run `trials` with "
           "the images of {}, or name the table as they are",
           path, participant, of, bold, participant);
}

/// Table and image of two calls of `trials` name different runs in their sidecars.
void require_same_runs(const std::string& table, const SidecarFields& of_table,
                       const std::string& image, const SidecarFields& of_image) {
  const auto first = images_of(of_table), second = images_of(of_image);
  if (!first.empty() && !second.empty() && first != second)
    fail(ErrorCode::bad_input,
         "by their sidecars {} belongs to {}, and {} to {}; give files that one call of `trials` "
         "wrote",
         table, fmt::join(first, ", "), image, fmt::join(second, ", "));
}

/// A table copied over another's, of as many trials, would give amplitudes to the wrong trials.
void require_same_trials(const Table& table, const std::string& image,
                         const TrialVolumesRecord& volumes) {
  const int run = column_of(table, "run_number"), onset = column_of(table, "onset");
  for (size_t r = 0; r < table.rows.size(); ++r) {
    const int of_table = count_in(table, r, run);
    const double at = number_in(table, r, onset);
    if (r >= volumes.run_number.size() || r >= volumes.onset_s.size())
      fail(ErrorCode::bad_input, "{} has trials of {} volumes in its sidecar, {} has {} rows",
           image, std::min(volumes.run_number.size(), volumes.onset_s.size()), table.path,
           table.rows.size());
    const double of_image = volumes.onset_s[r];
    constexpr double kRounded_s = 1e-4;  // a table that was edited may have fewer digits
    if (of_table != volumes.run_number[r] || !(std::abs(at - of_image) <= kRounded_s))
      fail(ErrorCode::bad_input,
           "{} line {}: trial {} is at {:g} s of run {}, and volume {} of {} is of the trial at "
           "{:g} s of run {}; give the table that `trials` wrote with this image",
           table.path, table.line_numbers[r], r + 1, at, of_table, r + 1, image, of_image,
           volumes.run_number[r]);
  }
}

void take_trials(const RsaRequest& a, TrialSource& s) {
  const int number = column_of(s.table, "trial_number"), run = column_of(s.table, "run_number"),
            onset = column_of(s.table, "onset"), type = column_of(s.table, "trial_type"),
            status = column_of(s.table, "trial_status");
  const int condition = a.conditions.empty() ? -1 : column_of(s.table, a.conditions);
  for (size_t r = 0; r < s.table.rows.size(); ++r) {
    const auto& row = s.table.rows[r];
    const bool wanted = a.trial_types.empty() ||
                        std::find(a.trial_types.begin(), a.trial_types.end(), row[size_t(type)]) !=
                            a.trial_types.end();
    const std::string name = condition < 0 || is_missing(row[size_t(condition)])
                                 ? std::string()
                                 : row[size_t(condition)];
    if (!wanted || row[size_t(status)] != "ok" || (condition >= 0 && name.empty())) continue;
    s.trials.push_back({count_in(s.table, r, number), count_in(s.table, r, run), name,
                        number_in(s.table, r, onset)});
    s.rows.push_back(r);
  }
  if (s.trials.size() < 3)
    fail(ErrorCode::bad_input, "{}: {} trials take part{}; similarity needs 3 or more",
         s.table.path, s.trials.size(),
         a.trial_types.empty() ? ""
                               : fmt::format(" (--trial-types {})", fmt::join(a.trial_types, ",")));
}

TrialSource read_source(const RsaRequest& a, const std::string& path) {
  const fs::path file(path);
  const std::string name = file.filename().string();
  if (!name.ends_with(kTableName))
    fail(ErrorCode::usage,
         "--trials {}: it takes the tables [PREFIX_]trials.tsv of `trials`, with their images "
         "beside them",
         path);
  const std::string stem =
      (file.parent_path() / name.substr(0, name.size() - std::string(kTableName).size())).string();
  TrialSource source;
  source.table = read_table(path);
  source.participant = participant_in(path);
  if (source.participant.empty())
    source.participant = fs::absolute(file).parent_path().filename().string();
  const SidecarFields record = fields_beside(path, ".tsv");
  if (!participant_in(path).empty()) require_own_images(path, source.participant, record);
  source.settings = settings_text(record);
  source.image = stem + "desc-trials_stat-effect_statmap.nii.gz";
  source.mask_image = stem + "mask.nii.gz";
  if (!fs::exists(source.image))
    fail(ErrorCode::bad_input,
         "{} is not beside {}; `trials` writes it with --images nifti (the default) or both",
         source.image, path);
  source.header = read_nifti_header(source.image);
  if (size_t(source.header.n_volumes) != source.table.rows.size())
    fail(ErrorCode::bad_input, "{} has {} volumes and {} {} rows; both are to be of one `trials`",
         source.image, source.header.n_volumes, path, source.table.rows.size());
  order_by_volume(source.table);
  const SidecarFields sidecar = fields_beside(source.image, ".nii.gz");
  require_same_runs(path, record, source.image, sidecar);
  if (sidecar.volumes) require_same_trials(source.table, source.image, *sidecar.volumes);
  take_trials(a, source);
  source.residuals = residuals_of(a.residuals, source);
  return source;
}

}  // namespace

std::vector<TrialSource> read_sources(const RsaRequest& a) {
  std::vector<TrialSource> sources;
  std::set<std::string> participants;
  for (const auto& path : a.trials) {
    sources.push_back(read_source(a, path));
    const TrialSource& source = sources.back();
    if (!participants.insert(source.participant).second)
      fail(ErrorCode::bad_input, "two tables are of participant '{}': {} is the second",
           source.participant, path);
    require_same_grid(source.header.grid, source.image, sources[0].header.grid, sources[0].image);
    check_residuals(source);
  }
  for (const auto& image : a.residuals) {
    const auto has = [&](const TrialSource& source) {
      return std::find(source.residuals.begin(), source.residuals.end(), image) !=
             source.residuals.end();
    };
    if (std::none_of(sources.begin(), sources.end(), has))
      fail(ErrorCode::bad_input, "--residuals {} is of participant '{}', of whom no --trials are",
           image, participant_in(image));
  }
  return sources;
}

PatternData read_patterns(const TrialSource& source, const Mask& wanted,
                          const PatternItems& run_items, NoiseNormalisation normalisation) {
  PatternData out;
  auto read = read_volumes(source.image, wanted);
  out.files = {source.table.file(), read.file};
  const std::vector<Eigen::Index> rows(source.rows.begin(), source.rows.end());
  const Eigen::MatrixXd amplitudes = read.value(rows, Eigen::all);
  if (normalisation != NoiseNormalisation::none) {
    if (!source.residuals.empty()) {
      out.noise = read_residuals(source, wanted, out.files);
    } else {
      TrialDeviations deviations = trial_deviations(run_items, amplitudes);
      out.noise = {std::move(deviations.values), deviations.dof};
    }
    if (!(out.noise.dof >= 1))
      fail(ErrorCode::bad_input,
           "{}: no noise to normalise by, as no condition has two trials in a run; give "
           "--residuals",
           source.table.path);
  }
  const auto usable = usable_voxels(amplitudes, source.trials, out.noise);
  out.mask.grid = wanted.grid;
  for (const Eigen::Index v : usable) out.mask.voxels.push_back(wanted.voxels[size_t(v)]);
  out.amplitudes = amplitudes(Eigen::all, usable);
  if (out.noise.residuals.size() > 0)
    out.noise.residuals = Eigen::MatrixXd(out.noise.residuals(Eigen::all, usable));
  return out;
}

}  // namespace sociometer::jobs
