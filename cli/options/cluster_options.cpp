#include "cli/options/cluster_options.hpp"

#include <charconv>
#include <cmath>

#include "cli/options/bind.hpp"
#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

using namespace jobs;

void add_map_options(CLI::App& c, SearchedMapRequest& a) {
  c.add_option("map", a.map, "Map of t, F, z or another statistic: 3D NIfTI")->required();
  c.add_option("--mask", a.mask, "Voxels to test (default: finite values other than 0)");
  add_choice(
      c, "--statistic", a.statistic,
      "t, F, z, or other (without p-values) (default: as stated by the sidecar, the intent code, "
      "SPM's description, or the name)");
  c.add_option("--dof", a.dof, "Degrees of freedom: of t one number, of F numerator, denominator")
      ->delimiter(',')
      ->expected(1, 2);
  add_choice(c, "--threshold-as", a.threshold_as,
             "statistic, or z: convert t or F to z first (FSL, PALM)");
  c.add_option("--svc", a.small_volumes,
               "[NAME=]FILE..: masks in each of which the map is also thresholded, with the "
               "corrections of that volume");
}

void add_height_options(CLI::App& c, ThresholdRequest& a) {
  struct Height {
    HeightRule rule;
    const char* help;
  };
  const Height heights[] = {
      {HeightRule::value, "Height: this value of the statistic"},
      {HeightRule::p, "Height: uncorrected p (the default, at 0.001)"},
      {HeightRule::fdr, "Height: false discovery rate (Benjamini & Hochberg)"},
      {HeightRule::fdr_by, "Height: false discovery rate (Benjamini & Yekutieli)"},
      {HeightRule::bonferroni, "Height: family-wise p by Bonferroni"},
      {HeightRule::holm, "Height: family-wise p by Holm"},
      {HeightRule::rft,
       "Height: family-wise p of peaks by random fields, or Bonferroni where lower"}};
  std::vector<CLI::Option*> made;
  for (const Height& height : heights) {
    CLI::Option* option = c.add_option_function<double>(
        "--" + name_of(height.rule),
        [&a, rule = height.rule](double level) {
          a.rule = rule;
          a.level = level;
        },
        height.help);
    for (CLI::Option* other : made) option->excludes(other);
    made.push_back(option);
  }
}

/// "10" voxels or "80mm3".
void take_size(const std::string& text, ThresholdRequest& a) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, a.min_size);
  const std::string unit = unpadded(std::string(read.ptr, end));
  a.size_unit = unit == "mm3" ? SizeUnit::mm3 : SizeUnit::voxels;
  if (read.ec != std::errc() || !(unit.empty() || unit == "mm3" || unit == "voxels"))
    fail(ErrorCode::usage, "--min-cluster-size is '{}'; give voxels or mm3, as in 10 or 80mm3",
         text);
}

void add_passing_options(CLI::App& c, ThresholdRequest& a) {
  c.add_flag("--above-only", a.above_only,
             "Values equal to the threshold do not pass (FSL, nilearn)");
  add_choice(c, "--sided", a.sided,
             "one, or two: positive and negative clusters, p-values doubled");
  c.add_flag("--negative", a.negative, "One-sided: negative effects");
  c.add_option("--connectivity", a.connectivity,
               "What touches: 6 (nilearn, AFNI NN1), 18 (SPM, NN2) or 26 (FSL, NN3) neighbours")
      ->capture_default_str();
  c.add_option_function<std::string>(
       "--min-cluster-size", [&a](const std::string& text) { take_size(text, a); },
       "Least size of a cluster: voxels, or mm3 as in 80mm3")
      ->default_str("1");
  c.add_option("--cluster-fwe", a.cluster_p,
               "Leave out clusters whose random-field p, corrected over the map, is larger");
  add_choice(c, "--rft-clusters", a.rft_clusters,
             "Search volume for the size of clusters: resels (SPM) or volume (FSL)");
}

void add_smoothness_options(CLI::App& c, SmoothnessRequest& a) {
  c.add_option("--residuals", a.residuals,
               "Images of the model's residuals, 4D or 3D, for random fields");
  c.add_option("--residual-dof", a.residual_dof,
               "Their degrees of freedom (default: those of the map's t or F)");
  add_choice(c, "--smoothness", a.estimate,
             "Estimate from residuals: local (SPM) or differences (3dFWHMx, classic)");
  c.add_option("--fwhm", a.fwhm_mm, "Smoothness of the noise in mm: one number, or X,Y,Z")
      ->delimiter(',')
      ->expected(1, 3);
  c.add_option("--smoothness-of", a.table,
               "Take the smoothness of a cluster table: its _clusters.json, as `group` writes it");
}

void add_report_options(CLI::App& c, ClustersRequest& a) {
  c.add_option("--peak-distance", a.peak_distance_mm, "Least distance of sub-peaks, mm")
      ->capture_default_str();
  c.add_option("--max-peaks", a.max_peaks, "Most peaks of a cluster, its maximum among them")
      ->capture_default_str();
  add_choice(c, "--order", a.order, "Order of clusters: size, or peak (nilearn)");
  c.add_option("--alpha", a.alpha,
               "Level of true-discovery proportions and of the record's "
               "random-field thresholds")
      ->capture_default_str();
  c.add_option("--atlas", a.atlases,
               "Label images: the tables list the labels of peaks and clusters");
  c.add_option("--atlas-labels", a.atlas_labels,
               "Tables of label names, one per --atlas (index and name, or one name a line)");
  add_choice(c, "--map-type", a.map_type, "Thresholded map: float32 or float64");
  c.add_option("--prefix", a.prefix, "Put before every file name");
  c.add_option("-o,--output", a.output, "Output folder")->required();
}

}  // namespace

void add_cluster_options(CLI::App& command, ClustersRequest& request) {
  add_map_options(command, request.searched);
  add_height_options(command, request.threshold);
  add_passing_options(command, request.threshold);
  add_smoothness_options(command, request.smoothness);
  add_report_options(command, request);
}

}  // namespace sociometer::cli
