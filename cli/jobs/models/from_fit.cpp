#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/models/expressed_in_model.hpp"
#include "cli/jobs/models/from_requests.hpp"
#include "cli/jobs/models/model_nodes.hpp"
#include "engine/core/error.hpp"
#include "engine/design/modulator_term.hpp"
#include "engine/stats_models/node_graph.hpp"
#include "engine/stats_models/run_design.hpp"
#include "engine/stats_models/variables.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/learning_settings.hpp"
#include "io/tables/censoring.hpp"
#include "io/tables/spm_conditions.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

bool has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

void add_unless_there(std::vector<std::string>& list, const std::string& name) {
  if (!has(list, name)) list.push_back(name);
}

void refuse_design_options(const DesignRequest& a, const std::vector<FileContent>& events) {
  const ConfoundRequest& c = a.confounds;
  const bool any_matlab = std::any_of(events.begin(), events.end(), is_matlab_file);
  const bool scans = std::any_of(c.censor.begin(), c.censor.end(),
                                 [](const auto& text) { return is_scan_list(text); });
  refuse_inexpressible({
      {a.stats_model.given(), "--model", "it is one already"},
      {!a.designs.empty(), "--design", "a model makes its designs from events"},
      {!a.volume_onset_s.empty(), "volume_onset_s",
       "`run` takes the times of volumes from VolumeTiming in the sidecars"},
      {!a.ev.empty(), "--ev", "models read events tables"},
      {!a.stim_times.empty(), "--stim-times", "models read events tables"},
      {any_matlab, "--events with SPM's .mat", "models read events tables"},
      {a.events.empty(), "a command without --events", "there is nothing to name"},
      {!a.contrast_files.empty(), "--contrasts-file", "write --contrast with names"},
      {a.tr_s.has_value(), "--tr", "the repetition time is that of the images' sidecars"},
      {a.center == Centering::all, "--center all", "models see one run at a time"},
      {a.orthogonalise == Orthogonalisation::serial, "--orthogonalise serial",
       "Orthogonalize leaves a constant that serial orthogonalisation takes out"},
      {a.modulator_scaling == ModulatorScaling::sd_all, "--modulator-scaling sd-all",
       "models see one run at a time"},
      {a.modulator_scaling == ModulatorScaling::sd && a.center == Centering::none,
       "--modulator-scaling sd with --center none", "Scale centres before it divides"},
      {!c.strategy.parts.empty(), "--confound-strategy",
       "write the columns with --confound-columns"},
      {!c.files.empty() && c.columns.empty(), "--confounds without --confound-columns",
       "all columns are a choice that depends on the file"},
      {c.missing != MissingConfounds::zero, "--missing-confounds next", "missing values are 0"},
      {c.demean, "--demean-confounds", "columns of X are not changed"},
      {scans, "--censor with a list of scans", "a model serves all runs; name columns"},
      {c.censor.size() > 1, "--censor with a value per run", "a model serves all runs"},
  });
}

void refuse_fit_options(const FitRequest& a) {
  const ArmaOptions &arma = a.noise_model.arma, defaults;
  const bool own_mask = std::any_of(a.mask.files.begin(), a.mask.files.end(),
                                    [](const auto& path) { return !participant_in(path).empty(); });
  refuse_inexpressible({
      {own_mask, "--mask with a participant's file",
       "leave it out for the masks of the derivatives, or give one for all"},
      {a.map_type != MapType::float32, "--map-type", "maps of a study are float32"},
      {arma.max_a.has_value(), "--arma-max-a", "there is no setting of this name"},
      {arma.max_b.has_value(), "--arma-max-b", "there is no setting of this name"},
      {arma.cutoff != defaults.cutoff, "--arma-cutoff", "there is no setting of this name"},
      {arma.fixed.has_value(), "--arma-fixed", "there is no setting of this name"},
      {arma.negative, "--arma-negative", "there is no setting of this name"},
      {arma.white_noise_plus, "--arma-white-noise-plus", "there is no setting of this name"},
      {!a.noise_model.run_starts.empty(), "--run-starts", "runs are images of their own"},
  });
}

/// The names in a command's tables, of all runs.
struct TableNames {
  std::set<std::string> types;          ///< trial_type
  std::set<std::string> event_columns;  ///< of any kind
  std::vector<std::string> confounds;   ///< that --confound-columns chooses
};

/// @param events  what the files of the events hold.
TableNames names_in_tables(const DesignRequest& a, const std::vector<FileContent>& events) {
  TableNames out;
  for (const auto& content : events) {
    const Table table = table_of(as_text(content));
    const std::string& path = table.path;
    const int type = table.find("trial_type");
    if (type < 0)
      fail(ErrorCode::usage,
           "--events cannot be expressed in a model: {} has no column trial_type, of which "
           "conditions "
           "are made",
           path);
    if (table.find("modulation") >= 0)
      fail(ErrorCode::usage,
           "--events cannot be expressed in a model: the column modulation of {} gives amplitudes "
           "to "
           "`fit`, and is a column like others in a model",
           path);
    out.event_columns.insert(table.names.begin(), table.names.end());
    out.types.merge(values_in(table, type));
  }
  for (const auto& path : a.confounds.files) {
    const Table table = read_confounds_table(path);
    for (size_t j : matching_columns(table, a.confounds.columns, {}))
      add_unless_there(out.confounds, table.names[j]);
  }
  return out;
}

/// The learning model whose signals the events have, as the sidecar of `learn` states; else empty.
std::string learner_of(const std::string& events) {
  const BidsName name = bids_name(events);
  if (name.label("desc") != "signals" || name.extension != ".tsv") return "";
  const std::string sidecar = events.substr(0, events.size() - 4) + ".json";
  const Json json = read_json_file(sidecar).value;
  if (!json.contains("Model") || !json["Model"].is_string())
    fail(ErrorCode::bad_input, "{} does not say which learning Model made the signals", sidecar);
  return json["Model"].get<std::string>();
}

/// Builds the Run node of a fit; its parts in the order in which they are called.
class RunNodeWriter {
 public:
  RunNodeWriter(const FitRequest& request, const std::vector<FileContent>& events)
      : a_(request), d_(request.design), names_(names_in_tables(request.design, events)) {}

  StatsNode node() {
    node_ = run_level_node(false);
    node_.hrf = ModelHrf{{}, d_.hrf.value_or(DesignOptions{}.hrf), d_.fir_delays};
    for (const auto& text : d_.modulators) add_modulators(parse_modulators(text));
    node_.instructions.push_back(factor_step("trial_type"));
    add_conditions();
    add_confounds();
    node_.x.push_back(kConstantName);
    choose_drift();
    add_settings();
    for (const auto& spec : contrast_specs(d_))
      node_.contrasts.push_back(expressed_contrast(
          spec, columns_of_command(), [&](const auto& name) { return in_model(name); }));
    return std::move(node_);
  }

 private:
  /// A variable of the events of one type: centred over those that have a value, 0 for the others.
  void add_modulators(const ModulatorSet& set) {
    for (const auto& text : set.columns) {
      const ModulatorTerm term = modulator_term(text);
      if (!names_.event_columns.contains(term.column))
        fail(ErrorCode::bad_input, "--modulators names '{}', which is no column of the events",
             term.column);
      const std::string name = set.event_type + ":" + text;
      RowQuery of_type;
      of_type.column = "trial_type";
      of_type.text = set.event_type;
      node_.instructions.push_back(
          {"Filter", "", {term.column}, {name}, transforms::Filter{of_type}});
      using Operation = transforms::Arithmetic::Operation;
      if (term.absolute)
        for (double power : {2., 0.5})
          node_.instructions.push_back(
              {"Power", "", {name}, {}, transforms::Arithmetic{Operation::power, power, {}}});
      transforms::Scale scale;
      scale.demean = d_.center.value_or(Centering::run) == Centering::run;
      scale.rescale = d_.modulator_scaling == ModulatorScaling::sd;
      scale.replace_missing = transforms::Scale::ReplaceMissing::after;
      node_.instructions.push_back({"Scale", "", {name}, {}, scale});
      modulators_of_[set.event_type].push_back(name);
    }
  }

  /// Conditions in byte order, each with its modulators, as `fit` has them.
  void add_conditions() {
    for (const auto& type : names_.types) {
      node_.x.push_back("trial_type." + type);
      for (const auto& name : modulators_of_[type]) node_.x.push_back(name);
    }
    node_.hrf->variables = node_.x;
    for (const auto& [type, names] : modulators_of_)
      if (!names.empty() && !names_.types.contains(type))
        fail(ErrorCode::bad_input, "--modulators names '{}', which is no trial_type of the events",
             type);
  }

  /// Adds the globs of confounds, except those that also match variables of the events.
  void add_confounds() {
    const auto of_events = [&](const std::string& entry) {
      const auto matches = [&](const auto& name) {
        return name == entry || matches_glob(name, entry);
      };
      return std::any_of(names_.event_columns.begin(), names_.event_columns.end(), matches) ||
             std::any_of(node_.x.begin(), node_.x.end(), matches);
    };
    for (const auto& name : names_.confounds)
      if (names_.event_columns.contains(name))
        fail(ErrorCode::usage,
             "--confound-columns cannot be expressed in a model: '{}' is a column of the events, "
             "too",
             name);
    const bool plain =
        std::none_of(d_.confounds.columns.begin(), d_.confounds.columns.end(), of_events);
    for (const auto& entry : plain ? d_.confounds.columns : names_.confounds)
      add_unless_there(node_.x, entry);
  }

  void choose_drift() {
    EngineSettings& s = node_.settings;
    const DriftModel drift = d_.drift.value_or(DesignOptions{}.drift);
    const bool cosines = std::any_of(names_.confounds.begin(), names_.confounds.end(),
                                     [](auto& name) { return name.starts_with("cosine"); });
    if (drift == DriftModel::cosine && cosines)
      fail(ErrorCode::usage,
           "--confound-columns with cosines and --drift cosine cannot be expressed in a model: "
           "they are "
           "two high-pass filters; give --drift none");
    if (drift != DriftModel::cosine) s.drift = drift;
    if (drift == DriftModel::polynomial) s.drift_order = d_.drift_order;
    if (drift == DriftModel::cosine) node_.high_pass_hz = d_.high_pass_hz;
  }

  void add_settings() {
    EngineSettings& s = node_.settings;
    const FitRequest defaults;
    for (const auto& path : d_.events)
      if (const auto learner = learner_of(path); !learner.empty())
        add_unless_there(s.learners, learner);
    if (s.learners.size() > 1)
      fail(ErrorCode::usage, "--events cannot be expressed in a model: they have signals of {}",
           fmt::join(s.learners, ", "));
    s.hrf_grid = d_.hrf_grid;
    s.oversampling = d_.oversampling;
    s.microtime = d_.microtime;
    s.microtime_onset = d_.microtime_onset;
    s.min_onset_s = d_.min_onset_s;
    s.slice_time_ref = d_.slice_time_ref;
    s.censor = d_.confounds.censor;
    set_if_other(s.censor_before, int(d_.confounds.censor_before), 0);
    set_if_other(s.censor_after, int(d_.confounds.censor_after), 0);
    s.noise_model = a_.noise_model;
    set_if_other(s.noise_smoothing_fwhm_mm, a_.noise_model.smoothing_fwhm_mm, 0.);
    set_if_other(s.tukey_lags, int(a_.noise_model.tukey_lags), 0);
    const ArmaOptions &arma = a_.noise_model.arma, plain;
    set_if_other(s.arma_grid, arma.grid_level, plain.grid_level);
    set_if_other(s.arma_search, arma.search, plain.search);
    s.smoothing_fwhm_mm = a_.smoothing_fwhm_mm;
    set_if_other(s.scaling, a_.scaling, defaults.scaling);
    // A glm or a meta node says the others.
    if (a_.fixed_effects != FixedEffects::precision && a_.fixed_effects != FixedEffects::equal)
      s.fixed_effects = a_.fixed_effects;
    if (a_.mask.kind != MaskSource::Kind::beside_images) s.mask = a_.mask;
    set_if_other(s.mask_fraction, a_.mask_fraction, defaults.mask_fraction);
    s.save = a_.save;
    set_if_other(s.estimates, a_.estimates, true);
    set_if_other(s.log_p, a_.log_p, false);
  }

  /// Names that contrasts of the command may use.
  std::vector<std::string> columns_of_command() const {
    std::vector<std::string> out;
    constexpr int kMostDelays = 200;
    for (const auto& type : names_.types) {
      std::vector<std::string> bases{type};
      if (const auto found = modulators_of_.find(type); found != modulators_of_.end())
        bases.insert(bases.end(), found->second.begin(), found->second.end());
      for (const auto& base : bases) {
        out.push_back(base);
        if (node_.hrf->hrf.time_derivative) out.push_back(base + "_derivative");
        if (node_.hrf->hrf.dispersion_derivative) out.push_back(base + "_dispersion");
        if (node_.hrf->hrf.shape == HrfShape::fir)
          for (int delay = 0; delay < kMostDelays; ++delay)
            out.push_back(fmt::format("{}_delay_{}", base, delay));
      }
    }
    out.insert(out.end(), names_.confounds.begin(), names_.confounds.end());
    out.push_back("constant");
    return out;
  }

  /// A column of the command's design as the model calls it.
  std::string in_model(const std::string& column) const {
    if (column == "constant") return kConstantName;
    const std::string base = sociometer::derived_from(column);
    return names_.types.contains(column) || names_.types.contains(base) ? "trial_type." + column
                                                                        : column;
  }

  const FitRequest& a_;
  const DesignRequest& d_;
  TableNames names_;
  std::map<std::string, std::vector<std::string>> modulators_of_;
  StatsNode node_;
};

/// Entities that the names of all images share and that choose images of a dataset.
EntityFilter input_of(const std::vector<std::string>& bold) {
  EntityFilter out;
  for (const char* key : {"ses", "task", "acq", "space", "res", "desc"}) {
    const std::string label = bids_name(bold.front()).label(key);
    const bool shared = std::all_of(bold.begin(), bold.end(), [&](const auto& path) {
      return bids_name(path).label(key) == label;
    });
    const bool usual = std::string(key) == "desc" && label == "preproc";
    if (shared && !label.empty() && !usual) out[model_entity(key)] = {label};
  }
  return out;
}

}  // namespace

StatsModel model_of_fit(const FitRequest& a) {
  check(a);
  std::vector<FileContent> events;
  for (const auto& path : a.design.events) events.push_back(read_content(path));
  refuse_design_options(a.design, events);
  refuse_fit_options(a);
  StatsModel model;
  model.name = "fromCommand";
  model.version = "1.0.0";
  model.input = input_of(a.bold);
  model.nodes.push_back(RunNodeWriter(a, events).node());
  if (!model.nodes[0].contrasts.empty()) {
    model.nodes.push_back(mean_node(NodeLevel::subject));
    if (a.fixed_effects == FixedEffects::equal) model.nodes.back().type = NodeModelType::glm;
  }
  connect_in_order(model);
  return model;
}

}  // namespace sociometer::jobs
