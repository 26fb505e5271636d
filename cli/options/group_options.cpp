#include "cli/options/group_options.hpp"

#include <cctype>
#include <charconv>
#include <cmath>

#include "cli/options/bind.hpp"
#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

using namespace jobs;

/// An optional choice, with a word for leaving it to the analysis.
template <Named E>
void add_choice_or(CLI::App& command, const std::string& name, const std::string& otherwise,
                   std::optional<E>& target, const std::string& help) {
  const auto take = [&target, otherwise, what = what_of(name)](const std::string& word) {
    target.reset();
    std::string known = otherwise;
    for (const auto& choice : names_of(std::type_identity<E>{})) {
      known += std::string(", ") + choice.word;
      if (word == choice.word) target = choice.value;
    }
    if (!target && word != otherwise)
      fail(ErrorCode::usage, "unknown {} '{}'; known: {}", what, word, known);
  };
  in_any_case(command.add_option_function<std::string>(name, take, help))->default_str(otherwise);
}

void add_effect_options(CLI::App& c, EffectMapsRequest& a) {
  c.add_option("--effects", a.effects,
               "Effect maps, one per participant; or one 4D image with a volume for each; or the "
               "folder of the first level (with --first-level-contrast). Quoted globs are expanded")
      ->required();
  c.add_option("--first-level-contrast", a.first_level_contrast,
               "Contrast whose effect maps are taken from the folders of --effects");
  c.add_option("--filter", a.filters,
               "KEY=LABEL..: take only maps of these entities, as in task=social space=MNI152");
  c.add_option("--allow-mixed", a.allow_mixed,
               "KEY..: entities (contrast, task, space, res) in which effects may differ")
      ->delimiter(',');
  c.add_flag("--allow-statistics", a.allow_statistics,
             "Take maps of z, t or other statistics for effects (recorded)");
}

/// refuse, listwise or mean; or COLUMN=one of these.
void take_missing(const std::vector<std::string>& texts, ParticipantsRequest& p) {
  p.missing_in.clear();
  for (const std::string& text : texts) {
    const size_t equals = text.rfind('=');
    const auto mode = value_of<MissingCovariates>(
        text.substr(equals == std::string::npos ? 0 : equals + 1), "missing covariates");
    if (equals == std::string::npos)
      p.missing = mode;
    else
      p.missing_in.emplace_back(text.substr(0, equals), mode);
  }
}

void add_participant_options(CLI::App& c, ParticipantsRequest& p) {
  c.add_option("--participants", p.table,
               "participants.tsv from which --covariates and --factor make the design; people "
               "without maps are left out");
  c.add_option("--covariates", p.covariates, "Columns of numbers");
  c.add_option("--factor", p.factors, "Columns of labels: NAME or NAME:REFERENCE");
  c.add_option("--interactions", p.interactions, "Products of these, as in anxiety:group");
  add_choice(c, "--center-covariates", p.center, "mean (of the participants in the model) or none");
  add_choice(c, "--factor-coding", p.coding,
             "treatment (differences from the reference) or sum (from the mean of the levels)");
  c.add_option_function<std::vector<std::string>>(
       "--missing-covariates",
       [&p](const std::vector<std::string>& texts) { take_missing(texts, p); },
       "refuse, listwise (leave the participant out) or mean; or COLUMN=one of these")
      ->delimiter(',')
      ->default_str("[" + name_of(p.missing) + "]");
  c.add_flag("--in-order", p.in_order, "The rows of --participants are in the order of the maps");
}

void add_design_options(CLI::App& c, GroupDesignRequest& a) {
  c.add_option("--design", a.table,
               "TSV of numbers with a row per map; a first column participant_id is matched with "
               "sub-<label> in the maps' paths (default: one column of ones, intercept)");
  c.add_flag("--add-intercept", a.add_intercept, "Add a constant that --design lacks");
  c.add_flag("--no-intercept", a.no_intercept, "Add no constant, whatever the design lacks");
  add_participant_options(c, a.participants);
  c.add_option("--within", a.within,
               "Factor within participants, NAME[:REFERENCE]: an entity of the maps' names "
               "(session, run, task, contrast) or a column of --design. Adds effects of the "
               "participants and sets exchangeability blocks");
  c.add_option("--difference", a.difference,
               "LEVEL-LEVEL of it, as in post-pre: one difference map per participant");
}

void add_input_options(CLI::App& c, GroupRequest& a) {
  add_effect_options(c, a.maps);
  add_design_options(c, a.design);
  c.add_option("--contrast", a.contrasts, "t contrasts: NAME=EXPRESSION or NAME=[weights]");
  c.add_option("--f-contrast", a.f_contrasts, "F contrasts: NAME=EXPRESSION;EXPRESSION..");
  c.add_option("--contrasts-file", a.contrast_files,
               "Contrasts of FSL: design.con, then design.fts");
  c.add_option("--mask", a.mask, "Voxels to analyse (default: those that enough maps have)");
  c.add_option(
      "--min-participants", a.min_participants,
      "Least number of maps that a voxel must be in (default: all); each voxel has its own "
      "n and degrees of freedom");
  add_choice(c, "--zeros", a.zeros, "What an exact 0 in an effect map is: missing or value");
  c.add_option("--blocks", a.permutation.blocks,
               "TSV with the exchangeability block of each map (a column of labels)");
  c.add_option("--variance-groups", a.model.variance_groups,
               "TSV with the variance group of each map: Welch's statistic");
  c.add_option_function<std::string>(
      "--memory",
      [&a](const std::string& text) { a.memory_bytes = text.empty() ? 0 : parse_memory(text); },
      "Memory to take, as in 8G: maps that are larger are read in blocks of voxels, from a "
      "scratch file (default: all of them in memory)");
  c.add_option("--scratch", a.scratch,
               "Folder of that file, 8 bytes per map and voxel (default: where the output is)");
}

void add_model_options(CLI::App& c, GroupModelRequest& a, std::vector<std::string>& variances) {
  add_choice(c, "--method", a.method,
             "ols; mixed (first-level variances known, variance between participants estimated); "
             "fixed (the same without variance between participants); robust (Huber)");
  c.add_option(
      "--variances", variances,
      "First-level variance maps in the order of the effects, for mixed and fixed (default: "
      "those beside the effects in a folder)");
  add_choice(c, "--between-variance", a.between,
             "Estimator of the variance between participants: reml or dersimonian-laird");
  c.add_flag("--knapp-hartung", a.knapp_hartung,
             "mixed: scale variances by the weighted residuals (3dMEMA's default)");
  c.add_option("--huber-k", a.huber_k, "robust: tuning constant")->capture_default_str();
}

void add_table_options(CLI::App& c, GroupInferenceRequest& a) {
  c.add_option("--cluster-forming-p", a.forming_p,
               "Uncorrected p of the voxels that form clusters (two-sided: half on each side)")
      ->capture_default_str();
  c.add_option("--connectivity", a.connectivity, "What touches in clusters: 6, 18 or 26 neighbours")
      ->capture_default_str();
  add_choice(c, "--sided", a.sided, "Tables of positive effects (one) or of both signs (two)");
  c.add_option("--min-cluster-size", a.min_cluster, "Least voxels of a cluster in the tables")
      ->capture_default_str();
  c.add_option("--peak-distance", a.peak_distance_mm, "Least distance of sub-peaks, mm")
      ->capture_default_str();
  c.add_option("--alpha", a.alpha, "Level of thresholds and of true-discovery proportions")
      ->capture_default_str();
  add_choice(c, "--rft-clusters", a.rft_clusters,
             "Search volume for the size of clusters: resels (SPM) or volume (FSL)");
  add_choice(c, "--smoothness", a.smoothness,
             "Estimate from residuals: local (SPM) or differences (3dFWHMx, classic)");
  add_choices(c, "--corrections", a.corrections,
              "Maps of corrected p, of: fdr, fdr-by, bonferroni, holm, rft")
      ->delimiter(',');
  c.add_option("--atlas", a.atlases, "Label images: tables name the labels of peaks and clusters");
  c.add_option("--atlas-labels", a.atlas_labels,
               "Tables of label names, one per --atlas (index and name, or one name a line)");
}

void add_evidence_options(CLI::App& c, GroupInferenceRequest& a) {
  c.add_flag("--effect-size", a.effect_sizes,
             "Maps of Cohen's d and Hedges' g with intervals (ols)");
  c.add_option("--interval", a.interval, "Confidence level of those intervals")
      ->capture_default_str();
  c.add_flag("--bayes-factor", a.bayes_factors, "Map of ln BF10, JZS (ols)");
  c.add_option("--bayes-scale", a.bayes_scale, "Scale of its Cauchy prior for means")
      ->capture_default_str();
  c.add_option("--bayes-slope-scale", a.bayes_slope_scale,
               "Scale of its Cauchy prior for slopes of (standardised) covariates")
      ->capture_default_str();
  c.add_option("--conjunction", a.conjunctions,
               "NAME=CONTRAST&CONTRAST: the minimum statistic of t contrasts");
  c.add_flag("--no-tables", a.no_tables, "No cluster tables");
}

void add_shuffle_options(CLI::App& c, GroupPermutationRequest& a) {
  c.add_option(
      "--permutations", a.permutations,
      "Random shuffles besides the identity permutation; smaller sets are taken whole (default: "
      "no permutation test)");
  add_choices(c, "--statistic", a.statistics, "voxel, tfce, extent, mass: what is permuted")
      ->delimiter(',')
      ->default_str("[voxel]");
  c.add_option("--cluster-forming-threshold", a.cluster_threshold,
               "Statistic that forms clusters, instead of a p");
  c.add_option("--tfce-connectivity", a.tfce_connectivity, "Neighbours in TFCE: 6, 18 or 26")
      ->capture_default_str();
  c.add_option("--tfce-e", a.tfce_e, "Exponent of the extent")->capture_default_str();
  c.add_option("--tfce-h", a.tfce_h, "Exponent of the height")->capture_default_str();
  add_choice(c, "--tfce-steps", a.tfce_steps,
             "exact, or steps of height as in randomise, palm (over z) or mrtrix (over z)");
  add_choice(c, "--permute-as", a.permute_as,
             "statistic (t or F) or z: what TFCE, clusters and their threshold are made from");
  add_choice_or(
      c, "--exchange", "auto", a.exchange,
      "flips, permutations, both, or auto: flips where a mean is tested, permutations where "
      "participants are compared");
  add_choice(c, "--block-exchange", a.block_exchange,
             "within: observations change places in their --blocks; whole: blocks do");
  c.add_option("--seed", a.seed, "Of random shuffles")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_choice(c, "--tail", a.tail,
             "none, gpd or gamma: distribution fitted to the shuffles, from which small p-values "
             "are read");
  c.add_option("--tail-p", a.tail_p, "gpd: p-values below this are read from the tail")
      ->capture_default_str();
  c.add_flag(
      "--tfce-uncorrected", a.tfce_uncorrected,
      "Uncorrected and FDR p of TFCE as well: every shuffle's map is made, not its largest value");
  c.add_flag("--correct-contrasts", a.correct_contrasts,
             "Family-wise error over all contrasts as well");
}

/// "2/8".
std::optional<Shard> parse_shard(const std::string& text) {
  if (text.empty()) return std::nullopt;
  Shard shard;
  const char *end = text.data() + text.size(), *slash = nullptr;
  const auto first = std::from_chars(text.data(), end, shard.number);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '/') slash = first.ptr;
  const auto second = std::from_chars(slash ? slash + 1 : end, end, shard.of);
  if (!slash || second.ec != std::errc() || second.ptr != end)
    fail(ErrorCode::usage, "--shard is '{}'; it must be I/N, as in 2/8", text);
  return shard;
}

void add_run_options(CLI::App& c, GroupRequest& a) {
  c.add_option_function<std::string>(
      "--shard", [&a](const std::string& text) { a.shard = parse_shard(text); },
      "I/N: do part I of N of the shuffles alone, for `sociometer merge`");
  c.add_option("--checkpoint", a.checkpoint,
               "File that keeps the shuffles done; a run that was killed goes on from it");
  c.add_option("--checkpoint-every", a.checkpoint_every_s, "Seconds between its writes")
      ->capture_default_str();
  add_choice(c, "--map-type", a.map_type, "float32 or float64 (p maps are always float64)");
  c.add_flag("--log-p", a.log_p, "Maps of -log10 p beside all maps of p");
  c.add_option("--prefix", a.prefix, "Put before every file name");
  c.add_option("-o,--output", a.output, "Output folder")->required();
}

}  // namespace

void add_group_options(CLI::App& command, GroupRequest& request) {
  add_input_options(command, request);
  add_model_options(command, request.model, request.maps.variances);
  add_table_options(command, request.inference);
  add_evidence_options(command, request.inference);
  add_shuffle_options(command, request.permutation);
  add_run_options(command, request);
}

double parse_memory(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  std::string unit(read.ptr, end);
  for (char& c : unit) c = char(std::toupper(static_cast<unsigned char>(c)));
  if (unit.ends_with("IB"))
    unit.resize(unit.size() - 2);
  else if (unit.size() == 2 && unit.ends_with("B"))
    unit.resize(1);
  const size_t power = std::string("KMGT").find(unit.empty() ? '?' : unit[0]);
  if (read.ec != std::errc() || !(number > 0) || !std::isfinite(number) || unit.size() > 1 ||
      (!unit.empty() && power == std::string::npos))
    fail(ErrorCode::usage, "--memory is '{}'; give a size such as 500M, 8G or 1.5T", text);
  return unit.empty() ? number : number * std::pow(1024.0, double(power + 1));
}

}  // namespace sociometer::cli
