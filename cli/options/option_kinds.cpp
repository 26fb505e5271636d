#include "cli/options/option_kinds.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include <CLI/CLI.hpp>

#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

/// One line per option: its group in the help, the name of its value, its choices. An option with
/// the same name but another meaning in another command has a separate line,
/// with the command.
struct DescribedOption {
  const char* name;  ///< without hyphens, or "COMMAND NAME"
  const char* group;
  const char* type;     ///< empty: CLI11's own
  const char* choices;  ///< separated by blanks
};

constexpr const char* kGroupInput = "Input";
constexpr const char* kGroupDesign = "Design";
constexpr const char* kGroupConfounds = "Confounds and censoring";
constexpr const char* kGroupContrasts = "Contrasts";
constexpr const char* kGroupNoise = "Noise model";
constexpr const char* kGroupPreparation = "Mask, smoothing, scaling";
constexpr const char* kGroupModel = "Model";
constexpr const char* kGroupTables = "Clusters and tables";
constexpr const char* kGroupShuffles = "Permutations";
constexpr const char* kGroupRegions = "Regions";
constexpr const char* kGroupValues = "Values";
constexpr const char* kGroupTest = "Test";
constexpr const char* kGroupBayes = "Effect sizes and Bayes factors";
constexpr const char* kGroupStudy = "Study";
constexpr const char* kGroupRecovery = "Recovery and checks";
constexpr const char* kGroupAssumptions = "Assumed effects and noise";
constexpr const char* kGroupPower = "Power";
constexpr const char* kGroupVoxelwise = "Voxelwise";
constexpr const char* kGroupOutput = "Output";
constexpr const char* kGroupRun = "Run";

constexpr DescribedOption kDescribed[] = {
    {"help", kGroupRun, "", ""},
    {"version", kGroupRun, "", ""},
    {"threads", kGroupRun, "N", ""},
    {"log-level", kGroupRun, "LEVEL", "error warning info debug"},
    {"quiet", kGroupRun, "", ""},
    {"log-file", kGroupRun, "FILE", ""},
    {"config", kGroupRun, "FILE", ""},
    {"overwrite", kGroupOutput, "", ""},
    {"output", kGroupOutput, "DIR", ""},
    {"prefix", kGroupOutput, "PREFIX", ""},
    {"map-type", kGroupOutput, "TYPE", "float32 float64"},
    {"save", kGroupOutput, "MAP",
     "residual-variance r-squared noise ljung-box mean betas status residuals predicted tsnr"},
    {"no-estimates", kGroupOutput, "", ""},
    {"memory", kGroupRun, "SIZE", ""},
    {"scratch", kGroupRun, "DIR", ""},
    {"runs-at-once", kGroupRun, "N", ""},
    {"shard", kGroupRun, "I/N", ""},
    {"checkpoint", kGroupRun, "FILE", ""},
    {"checkpoint-every", kGroupRun, "SECONDS", ""},
    // Whole studies
    {"model", kGroupModel, "FILE", ""},
    {"node", kGroupModel, "NAME", ""},
    {"derivatives", kGroupInput, "DIR", ""},
    {"session-label", kGroupInput, "LABEL", ""},
    {"run-label", kGroupInput, "N", ""},
    {"acquisition-label", kGroupInput, "LABEL", ""},
    {"direction-label", kGroupInput, "LABEL", ""},
    {"desc-label", kGroupInput, "LABEL", ""},
    {"space", kGroupInput, "SPACE", ""},
    {"bids-filter-file", kGroupInput, "FILE", ""},
    {"drop-missing", kGroupModel, "", ""},
    {"skip-participants", kGroupRun, "", ""},
    {"shards", kGroupRun, "N", ""},
    {"stop-on-first-crash", kGroupRun, "", ""},
    {"dry-run", kGroupRun, "", ""},
    {"json", kGroupRun, "", ""},
    {"job", kGroupRun, "FILE", ""},
    {"skip-bids-validation", kGroupRun, "", ""},
    {"notrack", kGroupRun, "", ""},
    {"resume", kGroupRun, "", ""},
    // Images and tables of one participant
    {"bold", kGroupInput, "FILE", ""},
    {"events", kGroupInput, "FILE", ""},
    {"design", kGroupInput, "FILE", ""},
    {"tr", kGroupInput, "SECONDS", ""},
    {"n-scans", kGroupInput, "N", ""},
    {"participant", kGroupInput, "LABEL", ""},
    {"session", kGroupInput, "LABEL", ""},
    {"confounds", kGroupConfounds, "FILE", ""},
    {"confound-columns", kGroupConfounds, "COLUMN", ""},
    {"censor", kGroupConfounds, "WHAT", ""},
    {"censor-before", kGroupConfounds, "SCANS", ""},
    {"censor-after", kGroupConfounds, "SCANS", ""},
    {"confound-strategy", kGroupConfounds, "STRATEGY",
     "motion wm_csf global_signal compcor high_pass scrub ica_aroma non_steady_state"},
    {"motion", kGroupConfounds, "COLUMNS", "basic power2 derivatives full"},
    {"wm-csf", kGroupConfounds, "COLUMNS", "basic power2 derivatives full"},
    {"global-signal", kGroupConfounds, "COLUMNS", "basic power2 derivatives full"},
    {"compcor", kGroupConfounds, "MASKS",
     "anat_combined anat_separated temporal temporal_anat_combined temporal_anat_separated"},
    {"n-compcor", kGroupConfounds, "N", ""},
    {"scrub", kGroupConfounds, "SCANS", ""},
    {"fd-threshold", kGroupConfounds, "MM", ""},
    {"std-dvars-threshold", kGroupConfounds, "", ""},
    {"missing-confounds", kGroupConfounds, "HOW", "zero next"},
    {"demean-confounds", kGroupConfounds, "", ""},
    {"ev", kGroupInput, "NAME=FILE", ""},
    {"stim-times", kGroupInput, "NAME=FILE", ""},
    {"stim-duration", kGroupInput, "SECONDS", ""},
    {"contrasts-file", kGroupContrasts, "FILE", ""},
    {"log-p", kGroupOutput, "", ""},
    {"hrf", kGroupDesign, "HRF", ""},
    {"hrf-grid", kGroupDesign, "GRID", "nilearn spm"},
    {"oversampling", kGroupDesign, "N", ""},
    {"min-onset", kGroupDesign, "SECONDS", ""},
    {"microtime", kGroupDesign, "N", ""},
    {"microtime-onset", kGroupDesign, "N", ""},
    {"fir-delays", kGroupDesign, "SCANS", ""},
    {"modulators", kGroupDesign, "TYPE:COLUMN,..", ""},
    {"center", kGroupDesign, "WHERE", "run all none"},
    {"orthogonalise", kGroupDesign, "HOW", "none serial"},
    {"modulator-scaling", kGroupDesign, "HOW", "none sd sd-all"},
    {"drift", kGroupDesign, "BASIS", "cosine polynomial none"},
    {"high-pass", kGroupDesign, "HZ", ""},
    {"drift-order", kGroupDesign, "N", ""},
    {"slice-time-ref", kGroupDesign, "FRACTION", ""},
    {"contrast", kGroupContrasts, "NAME=EXPRESSION", ""},
    {"f-contrast", kGroupContrasts, "NAME=EXPRESSION;..", ""},
    {"fixed-effects", kGroupContrasts, "HOW", "precision equal nilearn"},
    {"mask", kGroupPreparation, "FILE", ""},
    {"mask-fraction", kGroupPreparation, "FRACTION", ""},
    {"smoothing-fwhm", kGroupPreparation, "MM", ""},
    {"scaling", kGroupPreparation, "HOW", "none psc grand"},
    {"noise-model", kGroupNoise, "MODEL",
     "ols ar1 ar2 ar3 ar4 ar5 ar1-corrected ar2-corrected ar3-corrected ar4-corrected "
     "ar5-corrected ar1-averaged ar2-averaged ar3-averaged ar4-averaged ar5-averaged auto "
     "ar1-nilearn arma11 spm-ar1 spm-fast tukey"},
    {"noise-smoothing", kGroupNoise, "MM", ""},
    {"tukey-lags", kGroupNoise, "SCANS", ""},
    {"arma-search", kGroupNoise, "HOW", "continuous afni"},
    {"arma-grid", kGroupNoise, "LEVEL", ""},
    {"arma-max-a", kGroupNoise, "", ""},
    {"arma-max-b", kGroupNoise, "", ""},
    {"arma-cutoff", kGroupNoise, "", ""},
    {"arma-fixed", kGroupNoise, "A B", ""},
    {"arma-negative", kGroupNoise, "", ""},
    {"arma-white-noise-plus", kGroupNoise, "", ""},
    {"run-starts", kGroupNoise, "SCAN", ""},
    // Group
    {"effects", kGroupInput, "FILE", ""},
    {"variances", kGroupInput, "FILE", ""},
    {"group mask", kGroupInput, "FILE", ""},
    {"group design", kGroupModel, "FILE", ""},
    {"min-participants", kGroupInput, "N", ""},
    {"zeros", kGroupInput, "WHAT", "missing value"},
    {"participants", kGroupInput, "FILE", ""},
    {"covariates", kGroupModel, "COLUMN", ""},
    {"factor", kGroupModel, "COLUMN", ""},
    {"first-level-contrast", kGroupInput, "CONTRAST", ""},
    {"filter", kGroupInput, "KEY=LABEL", ""},
    {"allow-mixed", kGroupInput, "KEY", ""},
    {"allow-statistics", kGroupInput, "", ""},
    {"add-intercept", kGroupModel, "", ""},
    {"no-intercept", kGroupModel, "", ""},
    {"interactions", kGroupModel, "A:B", ""},
    {"center-covariates", kGroupModel, "HOW", "mean none"},
    {"factor-coding", kGroupModel, "CODING", "treatment sum"},
    {"missing-covariates", kGroupModel, "HOW", ""},
    {"in-order", kGroupModel, "", ""},
    {"within", kGroupModel, "FACTOR", ""},
    {"difference", kGroupModel, "LEVEL-LEVEL", ""},
    {"blocks", kGroupShuffles, "FILE", ""},
    {"variance-groups", kGroupModel, "FILE", ""},
    {"method", kGroupModel, "METHOD", "ols mixed fixed robust"},
    {"between-variance", kGroupModel, "ESTIMATOR", "reml dersimonian-laird"},
    {"knapp-hartung", kGroupModel, "", ""},
    {"huber-k", kGroupModel, "", ""},
    {"cluster-forming-p", kGroupTables, "P", ""},
    {"connectivity", kGroupTables, "N", "6 18 26"},
    {"sided", kGroupTables, "SIDES", "one two"},
    {"min-cluster-size", kGroupTables, "VOXELS", ""},
    {"peak-distance", kGroupTables, "MM", ""},
    {"group alpha", kGroupTables, "P", ""},
    {"rft-clusters", kGroupTables, "HOW", "resels volume"},
    {"smoothness", kGroupTables, "HOW", "local differences"},
    {"corrections", kGroupTables, "METHOD", "fdr fdr-by bonferroni holm rft"},
    {"group atlas", kGroupTables, "FILE", ""},
    {"atlas-labels", kGroupTables, "FILE", ""},
    {"conjunction", kGroupTables, "NAME=A&B", ""},
    {"no-tables", kGroupTables, "", ""},
    {"effect-size", kGroupBayes, "", ""},
    {"group interval", kGroupBayes, "LEVEL", ""},
    {"bayes-factor", kGroupBayes, "", ""},
    {"bayes-scale", kGroupBayes, "", ""},
    {"bayes-slope-scale", kGroupBayes, "", ""},
    {"permutations", kGroupShuffles, "N", ""},
    {"group statistic", kGroupShuffles, "STATISTIC", "voxel tfce extent mass"},
    {"cluster-forming-threshold", kGroupShuffles, "", ""},
    {"tfce-connectivity", kGroupShuffles, "N", "6 18 26"},
    {"tfce-e", kGroupShuffles, "", ""},
    {"tfce-h", kGroupShuffles, "", ""},
    {"tfce-steps", kGroupShuffles, "HOW", "exact randomise palm mrtrix"},
    {"permute-as", kGroupShuffles, "WHAT", "statistic z"},
    {"exchange", kGroupShuffles, "HOW", "auto flips permutations both"},
    {"block-exchange", kGroupShuffles, "HOW", "within whole"},
    {"seed", kGroupShuffles, "N", ""},
    {"tail", kGroupShuffles, "FIT", "none gpd gamma"},
    {"tail-p", kGroupShuffles, "P", ""},
    {"tfce-uncorrected", kGroupShuffles, "", ""},
    {"correct-contrasts", kGroupShuffles, "", ""},
    // Regions
    {"maps", kGroupInput, "FILE", ""},
    {"estimates", kGroupInput, "FILE", ""},
    {"series", kGroupInput, "FILE", ""},
    {"masks", kGroupInput, "FILE", ""},
    {"mean-maps", kGroupInput, "FILE", ""},
    {"like", kGroupInput, "FILE", ""},
    {"rois", kGroupRegions, "[NAME=]FILE", ""},
    {"atlas", kGroupRegions, "FILE", ""},
    {"labels", kGroupRegions, "FILE", ""},
    {"label", kGroupRegions, "LABEL", ""},
    {"resample", kGroupRegions, "", ""},
    {"set", kGroupRegions, "SET", ""},
    {"radius", kGroupRegions, "MM", ""},
    {"sphere", kGroupRegions, "NAME=X,Y,Z,R", ""},
    {"box", kGroupRegions, "NAME=X,Y,Z,DX,DY,DZ", ""},
    {"threshold", kGroupRegions, "NAME=FILE>NUMBER", ""},
    {"weights", kGroupRegions, "NAME=FILE", ""},
    {"roi make mask", kGroupRegions, "NAME=FILE", ""},
    {"union", kGroupRegions, "NAME=A,B,..", ""},
    {"intersection", kGroupRegions, "NAME=A,B,..", ""},
    {"roi make difference", kGroupRegions, "NAME=A,B,..", ""},
    {"roi make within", kGroupRegions, "FILE", ""},
    {"roi extract statistic", kGroupValues, "STATISTIC",
     "mean weighted-mean median eigenvariate peak minimum sum sd weighted-sum count psc"},
    {"include-zeros", kGroupValues, "", ""},
    {"min-coverage", kGroupValues, "FRACTION", ""},
    {"event-duration", kGroupValues, "SECONDS", ""},
    {"event-height", kGroupValues, "", ""},
    {"roi extract hrf", kGroupValues, "HRF", ""},
    {"roi extract tr", kGroupValues, "SECONDS", ""},
    {"summary", kGroupValues, "HOW", "mean weighted-mean median eigenvariate"},
    {"statistic", kGroupValues, "STATISTIC", ""},
    {"roi test contrast", kGroupValues, "CONTRAST", ""},
    {"roi dissociate session", kGroupValues, "LABEL", ""},
    {"roi test session", kGroupValues, "LABEL", ""},
    {"roi individual session", kGroupValues, "LABEL", ""},
    {"roi", kGroupValues, "REGION", ""},
    {"regions", kGroupValues, "REGION", ""},
    {"signals", kGroupValues, "CONTRAST", ""},
    {"scores", kGroupValues, "COLUMN", ""},
    {"roi individual covariates", kGroupValues, "COLUMN", ""},
    {"test", kGroupTest, "TEST", "one-sample paired two-sample regression"},
    {"pair", kGroupTest, "CONTRAST,CONTRAST", ""},
    {"roi test participants", kGroupTest, "FILE", ""},
    {"group", kGroupTest, "COLUMN", ""},
    {"roi test covariates", kGroupTest, "COLUMN", ""},
    {"equal-variances", kGroupTest, "", ""},
    {"null-value", kGroupTest, "", ""},
    {"alternative", kGroupTest, "SIDE", "two-sided greater less"},
    {"regression-scale", kGroupTest, "", ""},
    {"level", kGroupTest, "LEVEL", ""},
    {"cauchy-scale", kGroupTest, "", ""},
    {"together", kGroupTest, "", ""},
    {"interval", kGroupTest, "HOW", "bca percentile"},
    {"bootstraps", kGroupTest, "N", ""},
    {"roi dissociate units", kGroupTest, "UNITS", "regressor-sd difference-sd given"},
    {"roi individual units", kGroupTest, "UNITS",
     "regressor-sd participant-sd given given-and-participant-sd"},
    {"alpha", kGroupTest, "P", ""},
    {"equivalence", kGroupTest, "D", ""},
    {"evidence", kGroupTest, "BF", ""},
    // Behaviour and studies
    {"task", kGroupInput, "LABEL", ""},
    {"participant-label", kGroupInput, "LABEL", ""},
    {"columns", kGroupInput, "FILE", ""},
    {"ratings", kGroupInput, "FILE", ""},
    {"settings", kGroupModel, "FILE", ""},
    {"models", kGroupModel, "MODEL,..", ""},
    {"signals-model", kGroupModel, "MODEL", ""},
    {"group-priors", kGroupModel, "HOW", "none eb hbi"},
    {"density-space", kGroupModel, "SPACE", "parameter transformed"},
    {"learn evidence", kGroupModel, "HOW", "importance laplace bic"},
    {"evidence-points", kGroupModel, "N", ""},
    {"evidence-space", kGroupModel, "SPACE", "parameter transformed"},
    {"starts", kGroupModel, "N", ""},
    {"standardise", kGroupModel, "HOW", "none overall"},
    {"recover", kGroupRecovery, "N", ""},
    {"confusion", kGroupRecovery, "N", ""},
    {"recover-at", kGroupRecovery, "WHERE", "prior fitted"},
    {"recover-feedback", kGroupRecovery, "HOW", "drawn study"},
    {"predictive", kGroupRecovery, "N", ""},
    {"learn seed", kGroupRecovery, "N", ""},
    {"verify", kGroupStudy, "DIR", ""},
    {"example seed", kGroupStudy, "N", ""},
    {"example prefix", kGroupStudy, "PREFIX", ""},
    {"simulate participants", kGroupStudy, "N", ""},
    {"runs", kGroupStudy, "N", ""},
    {"trials", kGroupStudy, "N", ""},
    {"simulate seed", kGroupStudy, "N", ""},
    {"grid", kGroupStudy, "GRID", "tiny 3mm 2mm"},
    {"simulate settings", kGroupStudy, "FILE", ""},
    {"print-settings", kGroupOutput, "", ""},
    {"optimise-schedule", kGroupStudy, "N", ""},
    {"power participants", kGroupStudy, "N", ""},
    {"power trials", kGroupStudy, "N", ""},
    {"power modulators", kGroupStudy, "TYPE:X,Y", ""},
    {"power settings", kGroupStudy, "FILE", ""},
    {"power events", kGroupStudy, "FILE", ""},
    {"power tr", kGroupStudy, "SECONDS", ""},
    {"power n-scans", kGroupStudy, "N", ""},
    {"power seed", kGroupPower, "N", ""},
    {"power power", kGroupPower, "", ""},
    {"studies", kGroupPower, "N", ""},
    {"schedules", kGroupStudy, "N", ""},
    {"effect", kGroupAssumptions, "PERCENT", ""},
    {"effect-d", kGroupAssumptions, "D", ""},
    {"effect-ratio", kGroupAssumptions, "", ""},
    {"shared-effect", kGroupAssumptions, "PERCENT", ""},
    {"between-sd", kGroupAssumptions, "PERCENT", ""},
    {"noise-sd", kGroupAssumptions, "PERCENT", ""},
    {"noise-ar", kGroupAssumptions, "R", ""},
    {"noise-correlation", kGroupAssumptions, "R", ""},
    {"region-correlation", kGroupAssumptions, "R", ""},
    {"signal-correlation", kGroupAssumptions, "R", ""},
    {"score-correlation", kGroupAssumptions, "R", ""},
    {"other-score-correlation", kGroupAssumptions, "R", ""},
    {"slope-tests", kGroupTest, "N", ""},
    // Voxels of `roi dissociate`
    {"roi dissociate maps", kGroupVoxelwise, "FILE", ""},
    {"roi dissociate mask", kGroupVoxelwise, "FILE", ""},
    {"reference", kGroupVoxelwise, "FILE", ""},
    {"threshold-p", kGroupVoxelwise, "P", ""},
    {"correction", kGroupVoxelwise, "METHOD", "none fdr holm"},
    {"roi dissociate min-participants", kGroupVoxelwise, "N", ""},
    {"negative", kGroupVoxelwise, "", ""},
    {"roi dissociate map-type", kGroupVoxelwise, "TYPE", "float32 float64"},
    // Positional ones: only the type
    {"bids", "", "DIR|FILE", ""},
    {"table", "", "FILE", ""},
    {"parts", "", "FILE", ""},
    {"contrast estimates", "", "FILE", ""},
    {"learn output", "", "DIR", ""},
    {"folder", "", "DIR", ""},
    {"out", "", "DIR", ""},
};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// The name without hyphens: the first long one, else the positional one.
std::string plain_name(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_single_name() : option.get_lnames().front();
}

const DescribedOption* described(const std::string& command, const std::string& name) {
  static const auto by_name = [] {
    std::map<std::string, const DescribedOption*> all;
    for (const auto& option : kDescribed)
      require(all.emplace(option.name, &option).second, "each option is described once");
    return all;
  }();
  for (const auto& key : {command + " " + name, name})
    if (const auto found = by_name.find(key); found != by_name.end()) return found->second;
  return nullptr;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Choices by option: CLI11 cannot store them.
std::map<const CLI::Option*, std::vector<std::string>>& choices_by_option() {
  static std::map<const CLI::Option*, std::vector<std::string>> all;
  return all;
}

/// Corrects the case of words in the list. Others pass: the command's own error lists the choices.
void take_any_case(CLI::Option& option, const std::vector<std::string>& choices) {
  option.transform(CLI::Validator(
      [choices](std::string& value) {
        value = in_case_of(choices, value);
        return std::string();
      },
      ""));
}

void describe_option(const std::string& command, CLI::Option& option) {
  const DescribedOption* known = described(command, plain_name(option));
  const bool default_group = option.get_group() == "Options";
  if (default_group && !option.get_positional())
    option.group(known && *known->group ? known->group : "Other");
  if (!known) return;
  if (*known->type && option.get_items_expected_max() > 0) option.type_name(known->type);
  if (!*known->choices) return;
  choices_by_option()[&option] = words_of(known->choices);
  take_any_case(option, choices_by_option()[&option]);
}

void describe_command(CLI::App& command, const std::string& path) {
  for (CLI::Option* option : command.get_options()) describe_option(path, *option);
  for (CLI::App* inner : command.get_subcommands([](CLI::App*) { return true; }))
    describe_command(*inner, path.empty() ? inner->get_name() : path + " " + inner->get_name());
}

}  // namespace

void describe_options(CLI::App& app) { describe_command(app, ""); }

std::string in_case_of(const std::vector<std::string>& choices, const std::string& word) {
  for (const auto& choice : choices)
    if (lower_case(word) == lower_case(choice)) return choice;
  return word;
}

ValueKind value_kind(const CLI::Option& option) {
  ValueKind kind;
  if (option.get_items_expected_max() == 0) return kind;
  // CLI11 appends the description of its checks after a colon.
  const std::string text = option.get_type_name();
  std::string type = text;
  for (const char* check : {":NONNEGATIVE", ":POSITIVE", ":INT in ", ":UINT in ", ":FLOAT in "})
    type = type.substr(0, type.find(check));
  if (type == "FLOAT") type = "NUMBER";
  if (type == "INT" || type == "UINT") type = "N";
  kind.type = type;
  const auto found = choices_by_option().find(&option);
  if (found != choices_by_option().end()) kind.choices = found->second;
  kind.is_list = option.get_items_expected_max() > option.get_items_expected_min();
  return kind;
}

std::vector<const CLI::App*> all_commands(const CLI::App& app, bool hidden) {
  std::vector<const CLI::App*> out;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_group().empty() && !hidden) continue;
    const auto inner = all_commands(*command, hidden);
    if (inner.empty())
      out.push_back(command);
    else
      out.insert(out.end(), inner.begin(), inner.end());
  }
  return out;
}

std::string command_path(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  if (!parent || !parent->get_parent()) return command.get_name();
  return command_path(*parent) + " " + command.get_name();
}

std::vector<std::string> option_names(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<OptionGroup> option_groups(const CLI::App& command) {
  std::vector<OptionGroup> groups;
  for (const char* name :
       {kGroupInput,       kGroupStudy,    kGroupDesign,   kGroupConfounds, kGroupContrasts,
        kGroupPreparation, kGroupNoise,    kGroupModel,    kGroupRegions,   kGroupValues,
        kGroupAssumptions, kGroupTest,     kGroupPower,    kGroupVoxelwise, kGroupTables,
        kGroupBayes,       kGroupShuffles, kGroupRecovery, "Other",         kGroupOutput,
        kGroupRun})
    groups.push_back({name, {}});
  for (const CLI::Option* option : command.get_options()) {
    if (!option->nonpositional() || option->get_group().empty()) continue;
    const auto has_name = [&](const OptionGroup& g) { return g.name == option->get_group(); };
    auto at = std::find_if(groups.begin(), groups.end(), has_name);
    // A group that only this command has comes before its output.
    if (at == groups.end()) at = groups.insert(groups.end() - 3, {option->get_group(), {}});
    at->options.push_back(option);
  }
  std::erase_if(groups, [](const OptionGroup& g) { return g.options.empty(); });
  return groups;
}

std::vector<const CLI::Option*> positionals(const CLI::App& command) {
  std::vector<const CLI::Option*> out;
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional()) out.push_back(option);
  return out;
}

}  // namespace sociometer::cli
