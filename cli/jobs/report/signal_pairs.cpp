#include "cli/jobs/report/signal_pairs.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "cli/jobs/report/map_parts.hpp"
#include "engine/design/contrast_rows.hpp"
#include "engine/group/evidence_maps.hpp"
#include "engine/group/passing_voxels.hpp"

namespace sociometer::jobs {
namespace {

/// Names of contrasts in files have no '_'.
std::string letters_of(const std::string& name) {
  std::string out;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) out += c;
  return out;
}

/// The weights of a first-level contrast in the first run that has them.
std::optional<std::pair<size_t, WeightRows>> first_level_weights(const FoundFirstLevel& analysis,
                                                                 const std::string& name) {
  for (const auto& contrast : analysis.contrasts) {
    if (letters_of(contrast.name) != letters_of(name) || !contrast.contrast ||
        !contrast.contrast->runs)
      continue;
    const auto& runs = *contrast.contrast->runs;
    for (size_t r = 0; r < runs.size(); ++r)
      if (runs[r].weights) return std::pair(r, *runs[r].weights);
  }
  return std::nullopt;
}

bool is_first_level_difference(const FoundResults& found, const std::string& d,
                               const std::string& a, const std::string& b) {
  for (const auto& analysis : found.first_levels) {
    const auto of_d = first_level_weights(analysis, d), of_a = first_level_weights(analysis, a),
               of_b = first_level_weights(analysis, b);
    if (!of_d || !of_a || !of_b || of_d->first != of_a->first || of_d->first != of_b->first)
      continue;
    return is_difference(of_d->second, of_a->second, of_b->second);
  }
  return false;
}

/// Contrasts on the columns of one group design.
bool is_group_difference(const GroupMapFindings& d, const GroupMapFindings& a,
                         const GroupMapFindings& b) {
  if (d.group != a.group || d.group != b.group) return false;
  const auto weights = [](const GroupMapFindings& one) -> const WeightRows* {
    const auto& record = one.findings->record;
    return record && record->weights ? &*record->weights : nullptr;
  };
  const WeightRows *of_d = weights(d), *of_a = weights(a), *of_b = weights(b);
  return of_d && of_a && of_b && is_difference(*of_d, *of_a, *of_b);
}

/// The map of a signal among the analyses beside a dissociation; null if there is none, or more
/// than one: of several samples or sessions, one cannot stand for the others.
const GroupMapFindings* map_of(const std::vector<GroupMapFindings>& maps, const std::string& signal,
                               const std::string& dissociation) {
  namespace fs = std::filesystem;
  const GroupMapFindings* found = nullptr;
  for (const auto& one : maps) {
    if (letters_of(one.findings->name) != letters_of(signal)) continue;
    const bool beside = one.group == nullptr || fs::path(one.group->path).parent_path() ==
                                                    fs::path(dissociation).parent_path();
    if (!beside) continue;
    if (found) return nullptr;
    found = &one;
  }
  return found;
}

/// Values of a voxel, whatever the mask of the map.
Eigen::VectorXd whole_grid(const ContrastFindings& f, const Eigen::VectorXd& values) {
  return on_grid(f.map.mask, values).values.cast<double>();
}

/// Which voxels of a map pass, 1 or 0; those of the other signs and without value do not.
Eigen::VectorXd passing_in(const ContrastFindings& f, bool corrected) {
  return corrected
             ? passing_height(whole_grid(f, f.corrected->passing), 1, false)
             : passing_height(whole_grid(f, f.map.map.statistic), f.threshold, f.map.two_sided);
}

class PairPicture {
 public:
  explicit PairPicture(const SignalPair& pair)
      : pair_(pair),
        // One rule for both, or "passes for one only" would compare rules.
        corrected_(pair.first->corrected && pair.second->corrected &&
                   pair.first->corrected->words == pair.second->corrected->words),
        grid_(pair.first->map.mask.grid),
        first_(passing_in(*pair.first, corrected_)),
        second_(passing_in(*pair.second, corrected_)) {}

  MapComparison picture() const {
    MapComparison out;
    out.title = fmt::format("{} and {}", pair_.first->name, pair_.second->name);
    out.maps = {signal(*pair_.first), signal(*pair_.second), both()};
    out.maps.push_back(pair_.difference ? signal(*pair_.difference) : sets());
    return out;
  }

  std::string caption() const {
    std::string text = fmt::format(
        "{0} and {1} at the same slices. Both: the smaller of the two statistics, which passes "
        "where each of them does with the same sign (minimum statistic, Nichols et al. 2005).",
        pair_.first->name, pair_.second->name);
    if (pair_.difference)
      return text +
             fmt::format(
                 " {0}: the model's contrast of the two. It subtracts effects in the units of "
                 "their regressors, so what it shows depends on these units; verdicts on regions "
                 "do not rest on it.",
                 pair_.difference->name);
    return text +
           " The last row is not a test: a voxel that passes for one signal and fails for the "
           "other may differ in nothing but noise. A difference is not shown, as the model has no "
           "contrast of the two: their effects are in different units and are not subtracted here.";
  }

 private:
  MapLayer signal(const ContrastFindings& f) const {
    return corrected_ && f.corrected ? corrected_layer(f) : forming_layer(f);
  }
  /// The same statistic with the same degrees of freedom; else z.
  bool alike() const { return pair_.first->map.label == pair_.second->map.label; }
  Eigen::VectorXd statistic(const ContrastFindings& f) const {
    return whole_grid(f, alike() ? f.map.map.statistic : f.map.map.z);
  }
  /// The rules by which voxels pass.
  std::string words() const {
    const std::string &a = pair_.first->threshold_words, &b = pair_.second->threshold_words;
    if (corrected_) return "each at " + pair_.first->corrected->words;
    if (a == b) return a.empty() ? "" : "each at " + a;
    const auto or_none = [](const std::string& text) {
      return text.empty() ? "no threshold" : text;
    };
    return fmt::format("{} at {}, {} at {}", pair_.first->name, or_none(a), pair_.second->name,
                       or_none(b));
  }
  MapLayer layer(const Eigen::VectorXd& values, const Eigen::VectorXd& passed) const {
    MapLayer out;
    out.statistic = {grid_, values.cast<float>()};
    out.passed = GridValues{grid_, passed.cast<float>()};
    return out;
  }

  MapLayer both() const {
    const Eigen::VectorXd shared =
        shared_statistic(statistic(*pair_.first), statistic(*pair_.second));
    MapLayer out = layer(shared, passing_both(first_, second_, shared));
    out.title = "Both (conjunction)";
    out.statistic_name = "smaller " + (alike() ? pair_.first->map.label : "z");
    out.sign = pair_.first->map.two_sided || pair_.second->map.two_sided ? TestedSign::both
                                                                         : TestedSign::positive;
    out.threshold_words = words();
    out.correction = corrected_ ? Correction::corrected : Correction::uncorrected;
    if (alike() && !pair_.first->threshold_words.empty())
      out.fading_from = std::max(pair_.first->threshold, pair_.second->threshold);
    return out;
  }

  /// Voxels that pass for the first signal only are positive, those of the second negative.
  MapLayer sets() const {
    const Eigen::VectorXd values =
        statistics_of_one_only(statistic(*pair_.first), statistic(*pair_.second), first_, second_);
    MapLayer out = layer(values, with_value(values));
    out.title = fmt::format("Difference of thresholded sets, not a test: {} only (warm), {} only",
                            pair_.first->name, pair_.second->name);
    out.statistic_name =
        fmt::format("second \u2190 |{}| \u2192 first", alike() ? pair_.first->map.word : "z");
    return out;
  }

  const SignalPair& pair_;
  bool corrected_;
  Grid grid_;
  Eigen::VectorXd first_, second_;
};

}  // namespace

std::vector<SignalPair> signal_pairs(const FoundResults& found, const RegionFindings& regions,
                                     const std::vector<GroupMapFindings>& maps) {
  std::vector<SignalPair> pairs;
  const auto add = [&](const std::string& a, const std::string& b, const std::string& path) {
    const GroupMapFindings *first = map_of(maps, a, path), *second = map_of(maps, b, path);
    if (!first || !second || first->findings == second->findings) return;
    for (const SignalPair& one : pairs)
      if (one.first == first->findings && one.second == second->findings) return;
    SignalPair pair{first->findings, second->findings, nullptr};
    for (const auto& other : maps)
      if (!pair.difference && (is_first_level_difference(found, other.findings->name, a, b) ||
                               is_group_difference(other, *first, *second)))
        pair.difference = other.findings;
    pairs.push_back(pair);
  };
  for (const auto& dissociation : regions.dissociations)
    for (const auto& analysis : dissociation.record.analyses) {
      const auto& signals = analysis.subject.signals;
      for (size_t i = 0; i < signals.size(); ++i)
        for (size_t j = i + 1; j < signals.size(); ++j)
          add(signals[i], signals[j], dissociation.path);
    }
  return pairs;
}

MapComparison signal_comparison(const SignalPair& pair) { return PairPicture(pair).picture(); }

Html signal_pair_part(const SignalPair& pair, const Anatomy& anatomy, const std::string& id) {
  const Grid& grid = pair.first->map.mask.grid;
  if (!same_grid(grid, pair.second->map.mask.grid)) return {};
  SignalPair shown = pair;
  if (shown.difference && !same_grid(grid, shown.difference->map.mask.grid))
    shown.difference = nullptr;
  const PairPicture drawing(shown);
  return html_figure(
      id, draw_comparison(drawing.picture(), anatomy, id + "-map"),
      fmt::format("Slices of {}, {}, their conjunction and {}", shown.first->name,
                  shown.second->name,
                  shown.difference ? shown.difference->name : "the difference of thresholded sets"),
      drawing.caption());
}

}  // namespace sociometer::jobs
