#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

#include "io/images/nifti.hpp"
#include "io/images/nifti_write.hpp"
#include "io/records/signed_record.hpp"
#include "io/records/trial_records.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

/// Trials made for tests of `rsa`.
namespace sociometer::testing {
namespace rsa_cli {

constexpr int kPeople = 6, kRuns = 3, kPerRun = 8;

inline Mask box_mask() {
  Grid grid;
  grid.size = {6, 5, 4};
  grid.world_from_voxel.diagonal() << 3, 3, 3, 1;
  Mask mask{grid, {}};
  for (uint32_t v = 0; v < 120; ++v)
    if (v % 17 != 3) mask.voxels.push_back(v);
  return mask;
}

inline void write_image(const std::string& path, const Mask& mask, const Eigen::MatrixXd& values) {
  const auto bytes = nifti_bytes(mask, values, ScalarType::float64, "made for a test");
  write_text(path, std::string(bytes.begin(), bytes.end()));
}

/// Trials of six people: four conditions, whose patterns differ by their value.
struct Trials {
  TemporaryFolder folder;
  Words tables;
  Trials() {
    const Mask mask = box_mask();
    for (int p = 1; p <= kPeople; ++p) {
      const std::string sub = "sub-0" + std::to_string(p);
      std::filesystem::create_directories(folder / "trials/" + sub);
      const std::string stem = folder / "trials/" + sub + "/" + sub + "_";
      std::string table =
          "trial_number\trun_number\tonset\tduration\ttrial_type\ttrial_vif\ttrial_status\t"
          "trial_note\tchosen\tbelief\tpart\n";
      srand(unsigned(p));
      const auto noise = [] { return double(rand()) / RAND_MAX - 0.5; };
      Eigen::VectorXd slopes(mask.n_voxels());
      for (double& slope : slopes) slope = noise();
      Eigen::MatrixXd values(mask.n_voxels(), kRuns * kPerRun);
      for (int t = 0; t < kRuns * kPerRun; ++t) {
        const int chosen = (t + t / kPerRun) % 4;
        const double belief = chosen + 0.3 * noise();
        table += std::to_string(t + 1) + "\t" + std::to_string(t / kPerRun + 1) + "\t" +
                 std::to_string(8 * (t % kPerRun)) + "\t2\tfeedback\t1.2\tok\tn/a\t" +
                 std::string(1, char('A' + chosen)) + "\t" + format_number(belief) + "\t" +
                 (chosen < 2 ? "low" : "high") + "\n";
        for (Eigen::Index v = 0; v < mask.n_voxels(); ++v)
          values(v, t) = 1 + belief * slopes[v] + noise();
      }
      write_text(stem + "trials.tsv", table);
      tables.push_back(stem + "trials.tsv");
      write_image(stem + "desc-trials_stat-effect_statmap.nii.gz", mask, values);
      write_image(stem + "mask.nii.gz", mask, Eigen::MatrixXd::Ones(mask.n_voxels(), 1));
    }
  }
  CommandResult rsa(const Words& more, const std::string& out = "out",
                    const std::string& level = "error") const {
    Words words{"rsa", "--trials"};
    words.insert(words.end(), tables.begin(), tables.end());
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"-o", folder / out, "--log-level", level});
    return run_program(words);
  }
  std::string roi() const {
    return "all=" + tables[0].substr(0, tables[0].size() - 10) + "mask.nii.gz";
  }
};

/// The fit that images are of, without runs.
inline FitRecord fit_of_runs(const std::string& scaling) {
  FitRecord fit;
  fit.choices.scaling = scaling;
  return fit;
}

/// Residuals of three runs of sub-01, and the sidecars of `fit` and `trials`.
struct Residuals {
  Words images;
  explicit Residuals(const Trials& trials, const Json& changes = Json::object(), int n_runs = kRuns,
                     const std::string& sub = "sub-01") {
    const Mask mask = box_mask();
    FitRecord fit = fit_of_runs("none");
    for (int run = 1; run <= kRuns; ++run) {
      FitRun of_run{"run " + std::to_string(run), std::to_string(run)};
      of_run.scans = {40, 0};
      of_run.dof = 30;
      fit.runs.push_back(of_run);
    }
    TrialMapRecord image;
    image.trials = TrialFitRecord{fit, {}, {}};
    const std::string stem = trials.tables[0].substr(0, trials.tables[0].size() - 10);
    write_text(stem + "desc-trials_stat-effect_statmap.json", signed_text(image, {}));
    Json sidecar = Json::parse(signed_text(MapRecord::of("residuals", fit), {}));
    sidecar.merge_patch(changes);
    for (int run = 1; run <= n_runs; ++run) {
      srand(unsigned(100 + run));
      Eigen::MatrixXd values(mask.n_voxels(), 40);
      for (double& value : values.reshaped()) value = double(rand()) / RAND_MAX - 0.5;
      const std::string name =
          trials.folder / (sub + "_run-" + std::to_string(run) + "_stat-errorts_statmap");
      write_image(name + ".nii.gz", mask, values);
      write_text(name + ".json", sidecar.dump());
      images.push_back(name + ".nii.gz");
    }
  }
  /// The field Runs of their sidecars.
  static Json runs_of(const Residuals& residuals) {
    const std::string& image = residuals.images[0];
    return read_json(image.substr(0, image.size() - 7) + ".json")["Runs"];
  }
  CommandResult rsa(const Trials& trials, const std::string& out, const Words& more = {}) const {
    Words words{
        "rsa",    "--trials",     trials.tables[0], "--rois", trials.roi(),        "--model",
        "belief", "--conditions", "chosen",         "-o",     trials.folder / out, "--log-level",
        "error",  "--residuals"};
    words.insert(words.end(), images.begin(), images.end());
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
};

inline std::string cell(const Table& table, size_t row, const char* column) {
  return table.rows[row][size_t(table.find(column))];
}

}  // namespace rsa_cli
}  // namespace sociometer::testing
