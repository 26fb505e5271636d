#include "io/records/methods.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"
#include "engine/core/joined_words.hpp"
#include "io/records/cluster_table_record.hpp"
#include "io/records/design_records.hpp"
#include "io/records/dissociation_record.hpp"
#include "io/records/signature.hpp"
#include "io/records/stored_learning.hpp"
#include "io/records/trial_records.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

constexpr Citation kCitations[] = {
    {"piray2019", "Piray et al., 2019",
     "Piray, P. and Dezfouli, A. and Heskes, T. and Frank, M. J. and Daw, N. D.",
     "Hierarchical Bayesian inference for concurrent model fitting and comparison for group "
     "studies",
     "PLOS Computational Biology", 2019, "15, e1007043", "10.1371/journal.pcbi.1007043"},
    {"rigoux2014", "Rigoux et al., 2014",
     "Rigoux, L. and Stephan, K. E. and Friston, K. J. and Daunizeau, J.",
     "Bayesian model selection for group studies: revisited", "NeuroImage", 2014, "84, 971-985",
     "10.1016/j.neuroimage.2013.08.065"},
    {"smith2009", "Smith & Nichols, 2009", "Smith, S. M. and Nichols, T. E.",
     "Threshold-free cluster enhancement: addressing problems of smoothing, threshold dependence "
     "and localisation in cluster inference",
     "NeuroImage", 2009, "44, 83-98", "10.1016/j.neuroimage.2008.03.061"},
    {"winkler2014", "Winkler et al., 2014",
     "Winkler, A. M. and Ridgway, G. R. and Webster, M. A. and Smith, S. M. and Nichols, T. E.",
     "Permutation inference for the general linear model", "NeuroImage", 2014, "92, 381-397",
     "10.1016/j.neuroimage.2014.01.060"},
    {"worsley1996", "Worsley et al., 1996",
     "Worsley, K. J. and Marrett, S. and Neelin, P. and Vandal, A. C. and Friston, K. J. and "
     "Evans, A. C.",
     "A unified statistical approach for determining significant signals in images of cerebral "
     "activation",
     "Human Brain Mapping", 1996, "4, 58-73",
     "10.1002/(SICI)1097-0193(1996)4:1<58::AID-HBM4>3.0.CO;2-O"},
    {"benjamini1995", "Benjamini & Hochberg, 1995", "Benjamini, Y. and Hochberg, Y.",
     "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
     "Journal of the Royal Statistical Society B", 1995, "57, 289-300",
     "10.1111/j.2517-6161.1995.tb02031.x"},
    {"mumford2012", "Mumford et al., 2012",
     "Mumford, J. A. and Turner, B. O. and Ashby, F. G. and Poldrack, R. A.",
     "Deconvolving BOLD activation in event-related designs for multivoxel pattern classification "
     "analyses",
     "NeuroImage", 2012, "59, 2636-2643", "10.1016/j.neuroimage.2011.08.076"},
    {"rokem2020", "Rokem & Kay, 2020", "Rokem, A. and Kay, K.",
     "Fractional ridge regression: a fast, interpretable reparameterization of ridge regression",
     "GigaScience", 2020, "9, giaa133", "10.1093/gigascience/giaa133"},
    {"rouder2009", "Rouder et al., 2009",
     "Rouder, J. N. and Speckman, P. L. and Sun, D. and Morey, R. D. and Iverson, G.",
     "Bayesian t tests for accepting and rejecting the null hypothesis",
     "Psychonomic Bulletin & Review", 2009, "16, 225-237", "10.3758/PBR.16.2.225"}};

/// "2 runs", "1 run", "2 to 3 runs".
std::string counted(const std::string& number, const std::string& what) {
  return number + " " + what + (number == "1" ? "" : "s");
}

/// A text as it is, numbers along axes as "6 x 6 x 6".
std::string word_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::vector<std::string> parts;
  for (const auto& part : value)
    parts.push_back(part.is_number() ? fmt::format("{:.6g}", part.get<double>()) : part.dump());
  return fmt::format("{}", fmt::join(parts, " x "));
}

/// A value found in several records: each one once, in order.
class Found {
 public:
  void add(const Json& value) {
    if (value.is_null()) return;
    if (std::find(values_.begin(), values_.end(), value) == values_.end()) values_.push_back(value);
  }
  template <class T>
  void add_if(const std::optional<T>& value) {
    if (value) add(*value);
  }
  bool any() const { return !values_.empty(); }
  bool is(const Json& value) const { return values_.size() == 1 && values_.front() == value; }
  /// Texts as a list; numbers as one or "a to b".
  std::string text() const {
    if (!any()) return "";
    if (std::all_of(values_.begin(), values_.end(), [](const Json& v) { return v.is_number(); })) {
      std::vector<double> numbers;
      for (const auto& v : values_) numbers.push_back(v.get<double>());
      const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
      return *least == *most ? fmt::format("{:.6g}", *least)
                             : fmt::format("{:.6g} to {:.6g}", *least, *most);
    }
    std::vector<std::string> words;
    for (const auto& v : values_) words.push_back(word_of(v));
    return joined_with_and(words);
  }

 private:
  std::vector<Json> values_;
};

/// Writes the section.
class Writer {
 public:
  explicit Writer(const std::vector<std::string>& files) {
    for (const auto& path : files) {
      if (!path.ends_with(".json")) continue;
      Json json = parse_json(read_text(path, kMostJsonBytes), path);
      if (!json.is_object() || !json.contains("Record")) continue;
      take(path, std::move(json));
    }
  }
  explicit Writer(const std::vector<FoundRecord>& records) {
    for (const auto& record : records)
      if (record.header) take(record.path, json_of(record));
  }

  MethodsSection write() {
    const auto choices = choices_text();
    const auto first = first_level_text();
    const auto trials = trials_text();
    const auto group = group_text();
    const auto regions = region_text();
    add(software_text());
    for (const auto& text : {choices, first, trials, group, regions}) add(text);
    return std::move(out_);
  }

 private:
  void take(const std::string& path, Json json) {
    const RecordKind kind = header_of(json, path).kind;
    records_[kind].push_back({path, std::move(json)});
  }
  void add(const std::string& text) {
    if (!text.empty()) out_.paragraphs.push_back(text);
  }
  std::string cite(const std::string& key) {
    const auto* found = std::find_if(std::begin(kCitations), std::end(kCitations),
                                     [&](const Citation& c) { return key == c.key; });
    require(found != std::end(kCitations), "a work that is known");
    if (std::find(out_.cited.begin(), out_.cited.end(), found) == out_.cited.end())
      out_.cited.push_back(found);
    return found->in_text;
  }
  template <class T>
  std::vector<T> read() {
    std::vector<T> all;
    for (const auto& [path, record] : records_[T::kKind]) {
      all.push_back(parse_record<T>(record, path));
      const SoftwareRecord software = parse_record<SignatureRecord>(record, path).software;
      software_.add(fmt::format("{} (commit {})", software.version, software.commit));
    }
    return all;
  }

  std::string software_text() {
    if (!software_.any()) return "";
    return fmt::format("The analysis used Sociometer {}.", software_.text());
  }

  std::string choices_text() {
    Found people, priors;
    std::vector<std::string> models;
    for (const auto& record : read<ComparisonFacts>()) {
      for (const auto& [name, parameters] : record.fit.models)
        if (std::find(models.begin(), models.end(), name) == models.end()) models.push_back(name);
      people.add(record.participants);
      priors.add(record.fit.learning.group_priors);
    }
    if (models.empty()) return "";
    std::string text = fmt::format(
        "The choices of {} participants were fitted with the learning {} {}", people.text(),
        models.size() == 1 ? "model" : "models", joined_with_and(models));
    if (priors.is("hbi"))
      text += fmt::format(" by hierarchical Bayesian inference ({}).", cite("piray2019"));
    else if (priors.is("eb"))
      text += ", with priors estimated from all participants (empirical Bayes).";
    else if (priors.is("none"))
      text += ", each participant's parameters at the maximum of their posterior density.";
    else
      text += fmt::format(" (group priors: {}).", priors.text());
    if (models.size() > 1)
      text += fmt::format(
          " Models were compared by random-effects model selection with protected exceedance "
          "probabilities ({}).",
          cite("rigoux2014"));
    return text;
  }

  std::string first_level_text() {
    const auto fits = read<FitRecord>();
    if (fits.empty()) return "";
    Found tr, scans, noise, space, hrf, drift, cutoff, fixed, scaling, smoothing, runs;
    long censored = 0;
    std::set<std::string> people;
    for (const auto& fit : fits) {
      noise.add(fit.noise.model);
      space.add_if(fit.spatial_reference);
      hrf.add_if(fit.design.hrf);
      fixed.add_if(fit.choices.fixed_effects);
      scaling.add(fit.choices.scaling);
      smoothing.add(fit.smoothing_fwhm_mm);
      runs.add(fit.runs.size());
      for (const auto& run : fit.runs) {
        tr.add_if(run.tr_s);
        scans.add(run.scans.scans);
        drift.add_if(run.settings.drift);
        if (const double hz = run.settings.high_pass_hz.value_or(0); hz > 0)
          cutoff.add(std::round(1e4 / hz) / 1e4);
        censored += run.scans.censored;
        people.insert(participant_of(run.bold));
      }
    }
    people.erase("");
    std::string text = fmt::format(
        "First level: a general linear model was fitted to each voxel of {} of {} scans",
        counted(runs.text(), "run"), scans.text());
    if (!people.empty()) text += " of " + counted(std::to_string(people.size()), "participant");
    if (tr.any()) text += fmt::format(" (repetition time {} s)", tr.text());
    if (space.any()) text += fmt::format(" in the space {}", space.text());
    text += ", with the data " + smoothing_text(smoothing) + ".";
    if (hrf.any())
      text +=
          fmt::format(" Regressors of the task were convolved with the response '{}'.", hrf.text());
    if (const std::string nuisance = nuisance_text(); !nuisance.empty())
      text += fmt::format(" Nuisance regressors: {}.", nuisance);
    if (drift.any())
      text += fmt::format(" Slow drifts were modelled in the design ({}{}).", drift.text(),
                          cutoff.any() ? fmt::format(", periods above {} s", cutoff.text()) : "");
    if (noise.any()) text += fmt::format(" Serial correlation: noise model '{}'.", noise.text());
    if (noise.is("mixture"))
      text +=
          " (Each voxel's estimates are means over its posterior of autoregressive processes, "
          "whose "
          "prior weights were learned from the voxels of the run by expectation maximisation; "
          "degrees of freedom are those of each voxel and contrast.)";
    if (censored > 0) text += fmt::format(" {} scans in total were censored.", censored);
    if (scaling.any() && !scaling.is("none"))
      text += fmt::format(" Effects are scaled as '{}'.", scaling.text());
    if (!runs.is(1) && fixed.any())
      text += fmt::format(
          " Runs of a participant were combined as fixed effects ({}).",
          fixed.is("precision") ? "weighted by their precision"
          : fixed.is("meier")   ? "weighted by their precision, with Meier's correction of the "
                                  "variance for weights that are estimates"
          : fixed.is("equal")   ? "with equal weights"
          : fixed.is("pooled")  ? "one weight per run, by its median precision over voxels"
                                : fixed.text());
    return text;
  }
  /// Columns of the designs that are confounds: named, or counted where they are many.
  std::string nuisance_text() {
    std::vector<std::string> names;
    for (const auto& design : read<DesignRecord>())
      for (const auto& column : design.design.columns)
        if (column.role == "confound" &&
            std::find(names.begin(), names.end(), column.name) == names.end())
          names.push_back(column.name);
    if (names.size() <= 12) return joined_with_and(names);
    return fmt::format("{} columns ({}, ..)", names.size(),
                       fmt::join(names.begin(), names.begin() + 6, ", "));
  }
  static std::string smoothing_text(const Found& smoothing) {
    if (smoothing.is(Json::array({0.0, 0.0, 0.0}))) return "as they were given, without smoothing";
    return fmt::format("smoothed by Gaussian kernels (full width at half maximum {} mm)",
                       smoothing.text());
  }
  static std::string participant_of(const std::string& bold) {
    const std::string name = std::filesystem::path(bold).filename().string();
    return name.rfind("sub-", 0) == 0 ? name.substr(0, name.find('_')) : "";
  }

  std::string trials_text() {
    const auto all = read<TrialTableRecord>();
    if (all.empty()) return "";
    Found method, types, noise;
    bool shrunken = false;
    for (const auto& [record] : all) {
      method.add(record.method.method);
      for (const auto& name : record.method.types.value_or(std::vector<std::string>{})) {
        const std::string of_model = "trial_type.";  // of a stats model, a column of X
        types.add(name.starts_with(of_model) ? name.substr(of_model.size()) : name);
      }
      noise.add(record.fit.noise.model);
      shrunken |= record.method.shrinkage.has_value();
    }
    std::string text = fmt::format(
        "Single trials: an amplitude was estimated for each trial{} of {} by {} ({}), with the "
        "noise model '{}'.",
        types.any() ? " of " + types.text() : "",
        counted(std::to_string(all.size()), "participant"), method.text(), cite("mumford2012"),
        noise.text());
    if (shrunken)
      text += fmt::format(" Amplitudes were shrunken by fractional ridge regression ({}).",
                          cite("rokem2020"));
    return text;
  }

  std::string group_text() {
    const auto groups = read<GroupRecord>();
    if (groups.empty()) return "";
    Found method, people, columns, shuffles, scheme, sided, forming;
    bool permuted = false;
    for (const auto& group : groups) {
      method.add(group.model.method);
      people.add(group.model.participants);
      if (group.model.design_columns.size() > 1)
        for (const auto& column : group.model.design_columns) columns.add(column);
      for (const auto& contrast : group.contrasts) {
        if (!contrast.permutation) continue;
        permuted = true;
        shuffles.add(contrast.permutation->shuffles);
        scheme.add(contrast.permutation->scheme);
        sided.add(contrast.permutation->sided);
      }
      forming.add(group.clusters.forming_p);
    }
    std::string text = fmt::format(
        "Group: effects of {} participants were analysed in {} group {} (method {}).",
        people.text(), groups.size(), groups.size() == 1 ? "analysis" : "analyses", method.text());
    if (columns.any()) text += fmt::format(" Regressors of the group designs: {}.", columns.text());
    if (permuted)
      text += fmt::format(" Family-wise error was controlled by {} {} ({}-sided; {}).",
                          shuffles.text(), scheme.text(), sided.text(), cite("winkler2014"));
    if (wrote("tfcePfwe"))
      text += fmt::format(" Threshold-free cluster enhancement was used ({}).", cite("smith2009"));
    if (wrote("pfdr"))
      text += fmt::format(" Maps of p with the false discovery rate controlled are given ({}).",
                          cite("benjamini1995"));
    if (wrote("prft") && has_random_fields())
      text += fmt::format(" Maps of p corrected by random field theory are given ({}).",
                          cite("worsley1996"));
    if (!records_[RecordKind::cluster_table].empty() && forming.any())
      text +=
          fmt::format(" Clusters in tables were formed at an uncorrected p of {}.", forming.text());
    return text;
  }
  /// Whether some group's smoothness was known: without it maps of corrected p hold no value.
  bool has_random_fields() {
    const auto tables = read<ClusterTableRecord>();
    return tables.empty() ||
           std::any_of(tables.begin(), tables.end(), [](const ClusterTableRecord& table) {
             return table.field.value.has_value();
           });
  }
  /// Whether some group map has this statistic in its name.
  bool wrote(const std::string& statistic) {
    const auto& maps = records_[RecordKind::group_map];
    return std::any_of(maps.begin(), maps.end(), [&](const auto& map) {
      return map.first.find("_stat-" + statistic + "_") != std::string::npos;
    });
  }

  std::string region_text() {
    const auto all = read<StoredDissociation>();
    if (all.empty()) return "";
    Found regions, signals, unit;
    for (const auto& record : all)
      for (const auto& analysis : record.analyses) {
        for (const auto& region : analysis.subject.regions) regions.add(region);
        for (const auto& signal : analysis.subject.signals) signals.add(signal);
        if (analysis.units) unit.add(analysis.units->description);
      }
    return fmt::format(
        "Regions: the effects of {} in {} ({}) were tested by t tests, sign flips of participants "
        "and default Bayes factors ({}), and compared between regions and signals by the "
        "interaction of a repeated-measures analysis of variance.",
        signals.text(), regions.text(), unit.text(), cite("rouder2009"));
  }

  std::map<RecordKind, std::vector<std::pair<std::string, Json>>> records_;  ///< with their paths
  Found software_;
  MethodsSection out_;
};

}  // namespace

MethodsSection methods_of(const std::vector<std::string>& files) { return Writer(files).write(); }
MethodsSection methods_of_records(const std::vector<FoundRecord>& records) {
  return Writer(records).write();
}

std::string to_markdown(const MethodsSection& methods) {
  std::string text = "# Methods\n\n";
  for (const auto& paragraph : methods.paragraphs) text += paragraph + "\n\n";
  if (methods.cited.empty()) return text;
  text += "# References\n\n";
  for (const auto* c : methods.cited)
    text += fmt::format("- {} ({}). {}. {}, {}. doi:{}\n", c->author, c->year, c->title, c->journal,
                        c->place, c->doi);
  return text;
}

std::string to_bibtex(const MethodsSection& methods) {
  std::string text;
  for (const auto* c : methods.cited) {
    const std::string place = c->place;
    const size_t comma = place.find(", ");
    text += fmt::format(
        "@article{{{},\n  author = {{{}}},\n  title = {{{}}},\n  journal = {{{}}},\n  year = "
        "{{{}}},\n"
        "  volume = {{{}}},\n  pages = {{{}}},\n  doi = {{{}}}\n}}\n\n",
        c->key, c->author, c->title, c->journal, c->year, place.substr(0, comma),
        place.substr(comma + 2), c->doi);
  }
  return text;
}

}  // namespace sociometer
