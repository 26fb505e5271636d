#include "cli/options/region_options.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "cli/options/bind.hpp"
#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
using namespace jobs;
namespace {

void add_output_options(CLI::App& c, std::string& output, std::string& prefix) {
  c.add_option("--prefix", prefix, "Put before every file name");
  c.add_option("-o,--output", output, "Output folder")->required();
}

/// Options shared by all tests of region values.
void add_shared_test_options(CLI::App& c, ValueChoice& choice, RegionTestOptions& o) {
  c.add_option("--statistic", choice.statistic, "Statistic of the table (default: the only one)");
  c.add_option("--session", choice.session, "Session to take (default: the only one)");
  c.add_option("--min-coverage", choice.min_coverage, "Leave out values of less coverage")
      ->capture_default_str();
  c.add_option("--level", o.level, "Level of intervals")->capture_default_str();
  c.add_option("--cauchy-scale", o.cauchy_scale,
               "Scale of the Cauchy prior of the JZS Bayes factor")
      ->capture_default_str();
  c.add_option("--permutations", o.permutations, "Permutations; 0: none")->capture_default_str();
  c.add_option("--seed", o.seed, "Seed of permutations and bootstrap")->capture_default_str();
}

std::pair<std::string, std::string> pair_of(const std::string& word) {
  const auto names = split_list(word);
  if (names.size() != 2)
    fail(ErrorCode::usage, "--pair '{}' is not of the form CONTRAST,CONTRAST", word);
  return {names[0], names[1]};
}

/// One set of signals; several if each word is a list "x,y".
std::vector<std::vector<std::string>> signal_sets(const std::vector<std::string>& words) {
  const bool lists = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.find(',') != std::string::npos;
  });
  if (!lists) return {words};
  std::vector<std::vector<std::string>> sets;
  for (const auto& word : words) sets.push_back(split_list(word));
  return sets;
}

void add_voxelwise_options(CLI::App& c, VoxelwiseRequest& r) {
  c.add_option("--maps", r.maps,
               "Voxelwise: effect maps named sub-LABEL_.._contrast-LABEL_.., instead of a table");
  c.add_option("--mask", r.mask, "Voxelwise: voxels to look at (default: finite and not zero)");
  c.add_option(
      "--reference", r.reference,
      "Voxelwise: mask of a region with which each voxel is held in a double dissociation");
  c.add_option("--threshold-p", r.threshold_p, "Voxelwise: p of the map of places")
      ->capture_default_str();
  add_choice(c, "--correction", r.correction, "Voxelwise: none, fdr or holm");
  c.add_option("--min-participants", r.min_participants,
               "Voxelwise: voxels with fewer are left out")
      ->capture_default_str();
  c.add_flag("--negative", r.negative, "Voxelwise: look for effects below 0");
  add_choice(c, "--map-type", r.map_type, "Voxelwise: float32 or float64");
}

}  // namespace

void add_region_options(CLI::App& c, RegionRequest& r) {
  c.add_option("--rois", r.rois,
               "Regions: rois.tsv of `roi make`, or mask images, each [NAME=]IMAGE");
  c.add_option("--atlas", r.atlas.image, "Image of whole-number labels");
  c.add_option("--labels", r.atlas.label_table,
               "Names of the atlas' labels: TSV with index and name, or one name a line");
  c.add_option("--label", r.atlas.labels,
               "Labels wanted, by number, name or glob; NAME=a+b joins several (default: all)");
  c.add_flag("--resample", r.resample,
             "Take regions on another grid to that of the data (nearest for labels and masks, "
             "linear for weights)");
}

void add_make_options(CLI::App& c, MakeRequest& r) {
  c.add_option("--like", r.like, "Image whose grid the regions get");
  c.add_option(
      "--set", r.sets,
      "Built-in regions of the study: rejection, striatum, control, all, or names of them");
  c.add_option("--radius", r.radius_mm,
               "Radius of the built-in spheres, mm (default: the table's)");
  c.add_option("--sphere", r.spheres, "NAME=x,y,z,radius in mm");
  c.add_option("--box", r.boxes, "NAME=x,y,z,dx,dy,dz: centre and edges in mm");
  c.add_option("--atlas", r.atlas.image, "Image of whole-number labels");
  c.add_option("--labels", r.atlas.label_table,
               "Names of the atlas' labels: TSV with index and name, or one name a line");
  c.add_option("--label", r.atlas.labels,
               "Labels by number, name or glob; NAME=a+b joins several (default: all)");
  c.add_option("--threshold", r.thresholds, "NAME=IMAGE>NUMBER or NAME=IMAGE<NUMBER");
  c.add_option("--weights", r.weights, "NAME=IMAGE: every nonzero voxel with its value as weight");
  c.add_option("--mask", r.masks, "NAME=IMAGE: a mask that is there already");
  c.add_option("--union", r.unions, "NAME=a,b,.. of regions made here (or of a set)");
  c.add_option("--intersection", r.intersections, "NAME=a,b,..");
  c.add_option("--difference", r.differences, "NAME=a,b,..: a without b, ..");
  c.add_option("--within", r.within, "Mask to which all regions are cut");
  c.add_flag("--resample", r.resample,
             "Take images on another grid to that of --like (nearest for labels and masks, linear "
             "for weights and thresholds)");
  c.add_option("-o,--output", r.output, "Output folder")->required();
}

void add_extract_options(CLI::App& c, ExtractRequest& r) {
  c.add_option(
      "--maps", r.maps,
      "Maps named sub-LABEL_[ses-LABEL_]contrast-LABEL_.., one per participant and contrast");
  c.add_option("--estimates", r.estimates,
               "estimates.h5 of participants (name or folder with sub-LABEL)");
  c.add_option("--contrast", r.contrasts, "With --estimates: NAME=EXPRESSION");
  add_choice(c, "--fixed-effects", r.fixed_effects,
             "With --estimates: runs combined by precision, meier (precision, with the noise of "
             "its weights), pooled (one weight per run, by its median precision over voxels), "
             "equal, or as nilearn");
  c.add_option("--series", r.series, "4D images: the regions' time courses instead of values");
  add_region_options(c, r.regions);
  add_choices(c, "--statistic", r.statistics,
              "mean, weighted-mean, median, eigenvariate, peak, minimum, sum, sd, weighted-sum, "
              "count, psc")
      ->default_str("[mean]");
  c.add_option("--masks", r.masks,
               "Brain masks, one for all or one per participant (default: voxels that are finite "
               "and not zero)");
  c.add_flag("--include-zeros", r.include_zeros, "Without masks: zeros are values");
  c.add_option("--min-coverage", r.min_coverage, "Warn of regions that are covered less")
      ->capture_default_str();
  c.add_option("--event-duration", r.event_duration_s,
               "psc: seconds of the event whose height is taken");
  c.add_option("--event-height", r.event_height, "psc: that height itself");
  in_any_case(c.add_option_function<std::string>(
                  "--hrf", [&r](const std::string& text) { r.hrf = parse_hrf_model(text); },
                  "psc: the response that the fit had"))
      ->default_str(to_string(r.hrf));
  c.add_option("--tr", r.tr_s, "psc: TR, where the input does not state it");
  c.add_option("--mean-maps", r.mean_maps, "psc of --maps: mean signal of each participant");
  add_output_options(c, r.output, r.prefix);
}

void add_test_options(CLI::App& c, TestRequest& r) {
  c.add_option("table", r.table, "roi_values.tsv of `roi extract`")->required();
  add_choice(c, "--test", r.test, "one-sample, paired, two-sample or regression");
  c.add_option("--roi", r.choice.rois, "Regions, by name or glob (default: all)");
  c.add_option("--contrast", r.choice.contrasts, "Contrasts, by name or glob (default: all)");
  c.add_option_function<std::vector<std::string>>(
      "--pair",
      [&r](const std::vector<std::string>& words) {
        r.pairs.clear();
        for (const auto& word : words) r.pairs.push_back(pair_of(word));
      },
      "paired: CONTRAST,CONTRAST; the first minus the second");
  c.add_option("--participants", r.participants, "Table with participant_id and what follows");
  c.add_option("--group", r.group, "two-sample: its column with two labels");
  c.add_option("--covariates", r.covariates, "regression: its columns");
  c.add_flag("--equal-variances", r.options.equal_variances,
             "two-sample: pooled variance, not Welch's");
  c.add_option("--null-value", r.options.null_value, "Mean or difference under the null")
      ->capture_default_str();
  add_choice(c, "--alternative", r.options.alternative, "two-sided, greater or less");
  c.add_option("--regression-scale", r.options.regression_scale, "Scale of the prior of slopes")
      ->capture_default_str();
  add_shared_test_options(c, r.choice, r.options);
  add_output_options(c, r.output, r.prefix);
}

void add_dissociate_options(CLI::App& c, DissociateRequest& r) {
  DissociationOptions& o = r.options;
  c.add_option("table", r.table, "roi_values.tsv of `roi extract`");
  c.add_option("--regions", r.regions, "Two regions or more");
  c.add_option_function<std::vector<std::string>>(
       "--signals",
       [&r](const std::vector<std::string>& words) { r.signal_sets = signal_sets(words); },
       "Two contrasts or more; several sets as X,Y X,Z (signed and unsigned forms)")
      ->required();
  add_shared_test_options(c, r.choice, o.tests);
  add_choice(c, "--interval", o.interval, "Bootstrap interval: bca or percentile");
  c.add_option("--bootstraps", o.bootstraps, "Bootstrap replicates; 0: none")
      ->capture_default_str();
  add_choice(c, "--units", r.units,
             "Units in which signals are compared: regressor-sd (effect of one standard "
             "deviation of the regressor; default where the table has it), difference-sd "
             "(standard deviations of the regions' difference; default elsewhere), given");
  c.add_option("--alpha", o.rule.alpha, "p below which an effect counts as shown")
      ->capture_default_str();
  c.add_option("--equivalence", o.rule.equivalence_d,
               "Bound of the equivalence test of a zero, in standard deviations over "
               "participants; inf: not asked for")
      ->capture_default_str();
  c.add_option("--evidence", o.rule.evidence, "Bayes factor from which a zero counts as supported")
      ->capture_default_str();
  add_voxelwise_options(c, r.voxelwise);
  add_output_options(c, r.output, r.prefix);
}

void add_individual_options(CLI::App& c, IndividualRequest& r) {
  IndividualOptions& o = r.options;
  c.add_option("table", r.table, "roi_values.tsv of `roi extract`")->required();
  c.add_option("--participants", r.participants,
               "Tables with participant_id and scores: participants.tsv, learning parameters ..")
      ->required();
  c.add_option("--scores", r.scores, "Their columns whose slopes are wanted")->required();
  c.add_option("--covariates", r.covariates, "Columns held constant");
  c.add_option("--regions", r.regions, "Regions (default: all of the table)");
  c.add_option("--signals", r.signals, "Contrasts (default: all of the table)");
  c.add_flag("--together", o.together,
             "Each score beside the other scores (default: each by itself)");
  add_choice(c, "--units", o.units,
             "In which slopes of two signals are compared: regressor-sd, participant-sd, given "
             "or given-and-participant-sd (default: the first where the table has it, else the "
             "last)");
  add_shared_test_options(c, r.choice, o.tests);
  c.add_option("--regression-scale", o.tests.regression_scale, "Scale of the prior of slopes")
      ->capture_default_str();
  c.add_option("--alpha", o.alpha, "p after Holm below which a slope counts as shown")
      ->capture_default_str();
  c.add_option("--evidence", o.evidence, "Bayes factor from which a zero counts as supported")
      ->capture_default_str();
  add_output_options(c, r.output, r.prefix);
}

}  // namespace sociometer::cli
