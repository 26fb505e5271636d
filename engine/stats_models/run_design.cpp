#include "engine/stats_models/run_design.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "engine/design/subspace.hpp"
#include "engine/stats_models/transformation_step.hpp"

namespace sociometer {
namespace {

DesignOptions options_of(const StatsNode& node, const ScanTiming& timing) {
  const EngineSettings& s = node.settings;
  DesignOptions o;
  o.grid = s.hrf_grid.value_or(o.grid);
  o.fine_grid.oversampling = s.oversampling.value_or(o.fine_grid.oversampling);
  o.fine_grid.min_onset_s = s.min_onset_s.value_or(o.fine_grid.min_onset_s);
  o.microtime.bins_per_scan = s.microtime.value_or(o.microtime.bins_per_scan);
  o.microtime.sampled_bin = s.microtime_onset.value_or(o.microtime.sampled_bin);
  o.drift_order = s.drift_order.value_or(o.drift_order);
  o.high_pass_hz = node.high_pass_hz.value_or(o.high_pass_hz);
  o.start_time_s = s.slice_time_ref ? *s.slice_time_ref * timing.tr_s : timing.start_time_s;
  return o;
}

bool is_text(const Variable& variable) {
  const auto* sparse = std::get_if<SparseVariable>(&variable);
  return sparse && std::any_of(sparse->values.begin(), sparse->values.end(),
                               [](const auto& v) { return !v.missing() && std::isnan(v.number); });
}

bool has(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// Builds the columns of one run; its parts in the order in which they are called.
class RunDesigner {
 public:
  RunDesigner(const StatsNode& node, RunVariables variables, const ScanTiming& timing)
      : node_(node), variables_(std::move(variables)), context_{timing, options_of(node, timing)} {}

  ModelDesign design() {
    apply(node_.instructions, variables_, context_, log_);
    expand_x();
    if (node_.hrf) convolve_with_model_hrf();
    make_boxcars();
    fill_first_rows();
    choose_drift();
    assemble();
    out_.available = variables_.names();
    out_.missing_inputs = std::move(log_.missing);
    out_.notes.append(log_.notes);
    return std::move(out_);
  }

 private:
  ModelNotes& notes() { return out_.notes; }
  DenseVariable& dense(const std::string& name) {
    return std::get<DenseVariable>(*variables_.find_to_change(name));
  }

  /// What an entry of X stands for. Convolve with FIR makes several columns of a variable.
  std::vector<std::string> columns_of(const std::string& entry) {
    std::vector<std::string> delays;
    for (const auto& name : variables_.names())
      if (name.starts_with(entry + "_delay_") && derived_from(name) == entry)
        delays.push_back(name);
    if (!variables_.find(entry) && !delays.empty()) return delays;
    if (!variables_.find(entry)) factor_implicitly(entry, variables_, notes());
    auto found = variables_.matching(entry);
    if (!is_glob(entry) || variables_.find(entry)) return found;
    std::erase_if(found, [&](const auto& name) { return is_text(*variables_.find(name)); });
    return found;
  }

  void expand_x() {
    std::set<std::string> seen;
    for (const auto& entry : node_.x) {
      if (entry == kConstantName) continue;
      const auto found = columns_of(entry);
      if (found.empty() && is_glob(entry))
        notes().warn(fmt::format("X '{}' matches no variable of this run", entry));
      else if (found.empty())
        out_.missing.push_back(entry);
      for (const auto& name : found) {
        if (is_text(*variables_.find(name)))
          fail(ErrorCode::bad_input,
               "{}/Model/X: node '{}' names '{}', a column of text; add a Factor, or name its "
               "levels "
               "as '{}.*'",
               node_.place, node_.name, name, name);
        if (seen.insert(name).second) columns_.push_back(name);
      }
      out_.expansion.emplace_back(entry, found);
    }
    note_unused_derivatives();
  }

  /// Convolve with Derivative makes columns that only a glob in X picks up.
  void note_unused_derivatives() {
    std::vector<std::string> unused;
    for (const auto& name : variables_.names()) {
      const auto* column = std::get_if<DenseVariable>(variables_.find(name));
      const bool extra = column && column->convolved && derived_from(name) != name;
      if (extra && has(columns_, derived_from(name)) && !has(columns_, name))
        unused.push_back("'" + name + "'");
    }
    if (!unused.empty())
      notes().note(fmt::format("Convolve made {}, which X does not name: they do not enter",
                               fmt::join(unused, ", ")));
  }

  bool in_model_hrf(const std::string& name) const {
    return std::any_of(node_.hrf->variables.begin(), node_.hrf->variables.end(),
                       [&](const auto& v) { return v == name || matches_glob(name, v); });
  }

  /// A variable that Convolve convolved is not convolved again.
  bool is_done(const std::string& name) {
    const auto* column = std::get_if<DenseVariable>(variables_.find(name));
    if (!column || !column->convolved) return false;
    if (to_string(*column->hrf) != to_string(node_.hrf->hrf))
      fail(ErrorCode::bad_input,
           "{}/Model/HRF: node '{}': '{}' is convolved twice, by Convolve ({}) and by Model.HRF "
           "({}); leave one out",
           node_.place, node_.name, name, to_string(*column->hrf), to_string(node_.hrf->hrf));
    notes().note(fmt::format(
        "'{}' is in Convolve and in Model.HRF with the same response: it is convolved once", name));
    return true;
  }

  void convolve_with_model_hrf() {
    const std::vector<std::string> before = columns_;
    for (const auto& name : before) {
      if (!in_model_hrf(name) || is_done(name)) continue;
      const Instruction instruction{"Model.HRF",
                                    node_.place + "/Model/HRF",
                                    {name},
                                    {},
                                    transforms::Convolve{node_.hrf->hrf, node_.hrf->fir_delays}};
      const auto had = variables_.names();
      apply(instruction, variables_, context_, log_);
      // Derivatives and delays enter the design beside the response.
      std::vector<std::string> made;
      for (const auto& now : variables_.names())
        if (now == name || !has(had, now)) made.push_back(now);
      const auto place = std::find(columns_.begin(), columns_.end(), name);
      columns_.insert(columns_.erase(place), made.begin(), made.end());
      for (auto& [entry, found] : out_.expansion)
        if (const auto at = std::find(found.begin(), found.end(), name); at != found.end())
          found.insert(found.erase(at), made.begin(), made.end());
    }
  }

  void make_boxcars() {
    std::vector<std::string> unconvolved;
    for (const auto& name : columns_) {
      if (!std::holds_alternative<SparseVariable>(*variables_.find(name))) continue;
      const Instruction instruction{
          "X", node_.place + "/Model/X", {name}, {}, transforms::ToDense{}};
      apply(instruction, variables_, context_, log_);
      unconvolved.push_back("'" + name + "'");
    }
    if (!unconvolved.empty())
      notes().warn(fmt::format(
          "node '{}': no Convolve and no Model.HRF names {}: these events enter as boxcars without "
          "a haemodynamic response",
          node_.name, fmt::join(unconvolved, ", ")));
  }

  /// Derivatives and the like have no value in the first rows.
  void fill_first_rows() {
    std::vector<std::string> filled;
    for (const auto& name : columns_) {
      Eigen::VectorXd& values = dense(name).values;
      if (values.size() != context_.timing.n_scans)
        fail(ErrorCode::shape_mismatch, "'{}' has {} values, the run has {} scans", name,
             values.size(), context_.timing.n_scans);
      Eigen::Index first = 0;
      while (first < values.size() && std::isnan(values[first])) values[first++] = 0;
      if (first == values.size()) fail(ErrorCode::bad_input, "'{}' has no value in this run", name);
      if (first > 0) filled.push_back("'" + name + "'");
      for (Eigen::Index i = first; i < values.size(); ++i)
        if (std::isnan(values[i]))
          fail(ErrorCode::bad_input,
               "'{}' has no value at scan {} (counted from 0); only first rows may be missing",
               name, i);
    }
    if (!filled.empty())
      notes().note(fmt::format("the first missing values of {} are 0", fmt::join(filled, ", ")));
  }

  std::vector<std::string> cosines() const {
    std::vector<std::string> out;
    for (const auto& name : columns_)
      if (matches_glob(name, "cosine[0-9]*")) out.push_back(name);
    return out;
  }

  bool asks_for_cosines() const {
    return std::any_of(node_.x.begin(), node_.x.end(),
                       [](const auto& entry) { return entry.starts_with("cosine"); });
  }

  /// Cosine columns beside a cutoff must be the same filter: two would take the drift out twice.
  void require_same_filter(const std::vector<std::string>& names) {
    const ScanTiming& timing = context_.timing;
    const Eigen::MatrixXd basis =
        timing.volume_onset_s.empty()
            ? cosine_drift(timing.n_scans, timing.tr_s, *node_.high_pass_hz)
            : cosine_drift(timing.volume_onset_s, *node_.high_pass_hz);
    bool same = basis.cols() == Eigen::Index(names.size());
    for (const auto& name : names) {
      const Eigen::VectorXd column = dense(name).values;
      same = same && residual_of(column, basis).norm() <= 1e-4 * column.norm();
    }
    if (!same)
      fail(ErrorCode::bad_input,
           "{}/Model/X: node '{}' has {} cosine columns, and HighPassFilterCutoffHz {} means {} "
           "others: two high-pass filters; leave one out",
           node_.place, node_.name, names.size(), *node_.high_pass_hz, basis.cols());
    notes().note("the cosine columns of X are the filter of HighPassFilterCutoffHz");
  }

  void choose_drift() {
    DriftModel& drift = context_.options.drift;
    const auto names = cosines();
    drift = node_.settings.drift.value_or(DriftModel::cosine);
    if (node_.high_pass_hz && drift != DriftModel::cosine)
      fail(ErrorCode::bad_input,
           "{}/Model/Options: node '{}' gives HighPassFilterCutoffHz {}, but "
           "Software.Sociometer.Drift is {}; leave one out",
           node_.place, node_.name, *node_.high_pass_hz, to_string(drift));
    if (!names.empty() && node_.high_pass_hz) require_same_filter(names);
    if (!names.empty() && !context_.timing.volume_onset_s.empty())
      notes().warn(fmt::format(
          "node '{}': the cosine columns of the confounds take volumes to be at equal distances, "
          "which they are not; leave them out, and give HighPassFilterCutoffHz",
          node_.name));
    if (!names.empty() && drift == DriftModel::cosine) {
      drift = DriftModel::none;
    } else if (asks_for_cosines() && !node_.high_pass_hz && !node_.settings.drift) {
      drift = DriftModel::none;
      notes().note("the run has no cosine columns: it has no high-pass filter");
    } else if (!node_.high_pass_hz && !node_.settings.drift) {
      notes().note(fmt::format(
          "the model names no high-pass filter: cosines below {:.6f} Hz are added, as by `fit`",
          context_.options.high_pass_hz));
    }
  }

  void assemble() {
    NamedColumns columns{columns_, Eigen::MatrixXd(context_.timing.n_scans, columns_.size())};
    for (size_t j = 0; j < columns_.size(); ++j)
      columns.values.col(Eigen::Index(j)) = dense(columns_[j]).values;
    const ScanTiming& timing = context_.timing;
    out_.design = timing.volume_onset_s.empty()
                      ? make_design({}, columns, timing.tr_s, timing.n_scans, context_.options)
                      : make_design({}, columns, timing.volume_onset_s, context_.options);
    for (size_t j = 0; j < columns_.size(); ++j) {
      out_.design.roles[j] = dense(columns_[j]).role;
      out_.design.trial_sd[j] = dense(columns_[j]).trial_sd;
    }
    list_event_columns();
    note_responses();
    if (!node_.has_constant()) constant_without_1();
    out_.options = context_.options;
  }

  /// Each response with its derivatives, as far as they are columns of the design.
  void list_event_columns() {
    std::set<std::string> taken;
    for (const auto& name : columns_) {
      const DenseVariable& response = dense(name);
      if (!response.events || response.function != 0) continue;
      EventColumn column = *response.events;
      column.stimulus.name = name;
      column.names = {name};
      column.hrf.time_derivative = column.hrf.dispersion_derivative = false;
      for (size_t k = 1; k <= 2; ++k)
        for (const auto& other : columns_) {
          const DenseVariable& function = dense(other);
          if (function.events != response.events || function.function != k ||
              !taken.insert(other).second)
            continue;
          column.names.push_back(other);
          const bool is_time = k == 1 && response.events->hrf.time_derivative;
          (is_time ? column.hrf.time_derivative : column.hrf.dispersion_derivative) = true;
          break;
        }
      out_.event_columns.push_back(std::move(column));
    }
  }

  void note_responses() {
    const auto note = [&](const HrfModel& hrf) {
      if (const std::string text = to_string(hrf); !has(out_.responses, text))
        out_.responses.push_back(text);
    };
    for (const auto& column : out_.event_columns) note(column.hrf);
    for (const auto& name : columns_)
      if (const DenseVariable& column = dense(name); column.hrf && !column.events)
        note(*column.hrf);
  }

  void constant_without_1() {
    if (node_.settings.add_constant.value_or(true)) {
      notes().note(fmt::format("node '{}': X has no 1; a constant is added", node_.name));
      return;
    }
    DesignMatrix& design = out_.design;
    const Eigen::Index last = design.n_columns() - 1;
    design.values.conservativeResize(Eigen::NoChange, last);
    design.names.pop_back();
    design.roles.pop_back();
    design.trial_sd.pop_back();
    notes().warn(
        fmt::format("node '{}': the design has no constant, as AddConstant asks", node_.name));
  }

  const StatsNode& node_;
  RunVariables variables_;
  TransformationContext context_;
  TransformationLog log_;
  std::vector<std::string> columns_;
  ModelDesign out_;
};

}  // namespace

ModelDesign run_design(const StatsNode& node, RunVariables variables, const ScanTiming& timing) {
  require(node.level == NodeLevel::run, "run designs are for Run nodes");
  return RunDesigner(node, std::move(variables), timing).design();
}

namespace {

/// Each name once, at most eight of them.
std::string some_of(const std::vector<std::string>& names) {
  constexpr size_t kMost = 8;
  const std::set<std::string> distinct(names.begin(), names.end());
  std::vector<std::string> shown(distinct.begin(), distinct.end());
  if (shown.empty()) return "none";
  const size_t n = shown.size();
  if (n > kMost) shown.resize(kMost);
  return fmt::format("{}{}", fmt::join(shown, ", "),
                     n > kMost ? fmt::format(" and {} more", n - kMost) : "");
}

/// Names that every one of the designs lists as missing.
template <typename Missing>
std::vector<std::string> missing_everywhere(const std::vector<ModelDesign>& designs,
                                            Missing missing) {
  std::vector<std::string> out = designs.empty() ? std::vector<std::string>{} : missing(designs[0]);
  for (const auto& design : designs) {
    const auto here = missing(design);
    std::erase_if(out, [&](const auto& name) {
      return std::find(here.begin(), here.end(), name) == here.end();
    });
  }
  return out;
}

}  // namespace

std::vector<std::string> known_columns(const StatsNode& node,
                                       const std::vector<ModelDesign>& designs) {
  std::vector<std::string> available;
  for (const auto& design : designs)
    available.insert(available.end(), design.available.begin(), design.available.end());
  const auto refuse = [&](const char* part, const std::string& what, const std::string& name) {
    const std::string nearest = nearest_word(name, available);
    fail(ErrorCode::bad_input, "{}/{}: node '{}': {} is a variable of no run{}", node.place, part,
         node.name, what,
         nearest.empty() ? "; the runs have " + some_of(available)
                         : "; the nearest name is '" + nearest + "'");
  };
  const auto inputs = missing_everywhere(designs, [](const ModelDesign& d) {
    std::vector<std::string> out;
    for (const auto& input : d.missing_inputs) out.push_back(input.what);
    return out;
  });
  if (!inputs.empty())
    for (const auto& input : designs[0].missing_inputs)
      if (input.what == inputs[0]) refuse("Transformations", input.what, input.name);
  const auto names = missing_everywhere(designs, [](const ModelDesign& d) { return d.missing; });
  if (!names.empty()) refuse("Model/X", "X '" + names[0] + "'", names[0]);
  std::vector<std::string> columns;
  for (const auto& design : designs)
    for (const auto& name : design.design.names)
      if (!has(columns, name)) columns.push_back(name);
  return columns;
}

}  // namespace sociometer
