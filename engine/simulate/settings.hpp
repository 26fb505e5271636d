#pragma once
#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/roi/study_regions.hpp"

namespace sociometer {

/// A closed interval from which a time is drawn uniformly.
using NumberRange = std::array<double, 2>;

/// Which two partners can be offered together.
enum class OfferedPairs {
  any,
  same_visibility  ///< the ranks of both are shown, or of neither
};
constexpr std::array<Name<OfferedPairs>, 2> names_of(std::type_identity<OfferedPairs>) {
  return {{{OfferedPairs::any, "any"}, {OfferedPairs::same_visibility, "same_visibility"}}};
}

/// The game: partners who rank the participant. The structure follows Babür et al. 2024; the
/// numbers are those of its parent task (Cho & Hackel 2022), inferred where unpublished.
struct GameSettings {
  std::vector<double> mean_rank{3, 3, 7, 7};   ///< per kind of partner, 1 is best
  std::vector<double> mean_spots{2, 4, 6, 8};  ///< mean number accepted, in the same order
  int n_ranks = 8;
  int rank_jitter = 1;   ///< rank = mean + uniform integer within +- this
  int spots_jitter = 1;  ///< likewise
  bool rank_shown_set = true, rank_hidden_set = true;  ///< one partner of each kind per set
  OfferedPairs pairs = OfferedPairs::any;
  double miss_probability = 0.02;  ///< rounds without a response in time: no feedback
  double share_log_odds = 0.5;     ///< of sharing after a match, mean over participants
  double share_log_odds_sd = 1.0;  ///< between participants
};

/// Timing. It is not published; these are our defaults.
struct TimingSettings {
  double tr_s = 2;
  double first_choice_s = 6;    ///< scanning before the first round
  double choice_s = 3;          ///< choice screen
  double feedback_s = 3;        ///< feedback screen
  double feedback_event_s = 0;  ///< duration in the events table, and of the neural response
  double reciprocity_s = 2;     ///< share-or-keep screen, after matches only
  NumberRange choice_to_feedback_s{2, 6};  ///< jitter
  NumberRange feedback_to_reciprocity_s{1, 3};
  NumberRange between_rounds_s{2, 6};
  double tail_s = 16;  ///< scanning after the last round
  double response_time_median_s = 1.1;
  double response_time_log_sd = 0.35;
};

/// The participants. Choices follow the hybrid ideal observer.
///
/// Scores may influence behaviour: per standard deviation of a score, w is shifted on the log-odds
/// scale and beta on the logarithmic scale. With 0 (the default) behaviour
/// does not depend on the scores.
struct PopulationSettings {
  double w_a = 1.2, w_b = 1.3;                   ///< w ~ Beta(a, b): mean .48, as reported
  double beta_shape = 1.2, beta_scale = 5;       ///< beta ~ Gamma(shape, scale), same-lab prior
  double score_mean = 50, score_sd = 10;         ///< of both synthetic scores
  double score_correlation = 0.5;                ///< between them
  double anxiety_on_w = 0, depression_on_w = 0;  ///< change of log odds of w per SD
  double anxiety_on_beta = 0, depression_on_beta = 0;  ///< change of ln beta per SD
  double age_min = 18, age_max = 35;
};

/// Being-liked ratings: within-participant 2 x 2 design of good/bad rank and good/bad outcome.
struct RatingSettings {
  double mean = 50, minimum = 0, maximum = 100;
  double person_sd = 10;      ///< between participants, of all their ratings
  double effect_sd = 10;      ///< between participants, of the difference good - bad
  double noise_sd = 8;        ///< of a single rating
  double rank_dz = 0.697;     ///< sqrt(F/N) of F(1,41) = 20.39: mean over SD of differences
  double outcome_dz = 0.572;  ///< of F(1,41) = 13.76
};

/// A number per role of region.
struct ByRole {
  double reward, rejection, control;
  double of(RegionRole role) const {
    return role == RegionRole::reward      ? reward
           : role == RegionRole::rejection ? rejection
                                           : control;
  }
};

/// Responses of the brain, in percent of the local baseline at the peak of the response.
///
/// The effect of a signal in a region is gain * mean * (1 + score slopes * z + effect_sd * noise),
/// where a participant's noise is the same in all regions. The default means give group t values
/// of about 5 (outcome, ventral striatum) and 2 (rank, rejection network) for 40 participants with
/// the default noise, 2 runs and 60 rounds (DefaultEffects).
struct ResponseSettings {
  double outcome_percent = 0.53;  ///< per unit of signed outcome update
  double rank_percent = 0.0175;   ///< per rank of unsigned rank update
  /// Share of a signal's response in the regions of each role: 1 full, 0 none, negative reversed.
  /// Reward regions follow outcomes, rejection regions follow ranks.
  ByRole outcome_gain{1, 0, 0}, rank_gain{0, 1, 0};
  /// Change of an effect per SD of a score, as a proportion of the mean effect.
  double outcome_per_depression = -0.3, rank_per_anxiety = -0.9;
  double outcome_per_anxiety = 0, rank_per_depression = 0;
  /// Share of that change in the regions of each role.
  ByRole score_gain{1, 1, 1};
  double effect_sd = 0.5;  ///< remaining SD between participants, as a proportion of the mean
  /// Patterns: at feedback each voxel of the rejection regions also responds to the belief about
  /// the chosen partner before it, with a slope of its own, normal over voxels and drawn for each
  /// participant. Standard deviation over voxels, per rank and per unit of probability; the beliefs
  /// are relative to the middle rank and to 1/2. 0: no patterns.
  double rank_pattern_percent = 0, outcome_pattern_percent = 0;
  /// Share of the voxels whose slopes on both beliefs have the same size, in units of their
  /// standard deviations, and signs of their own: the same voxels follow both. Its change per
  /// standard deviation of the participant's rating bias (rating_bias); kept within 0 and 1.
  double pattern_overlap = 0, pattern_overlap_per_bias = 0;
  /// The same for the participant's later rating of the chosen partner, with slopes of their own:
  /// per whole scale of ratings, relative to its middle.
  double rating_pattern_percent = 0;
  double event_percent = 0.25;   ///< to choice, feedback and reciprocity, in all grey matter
  double sensory_percent = 1.0;  ///< additional response in the occipital pole
  double event_sd = 0.2;         ///< SD between participants, as a proportion
};

/// All components of the images other than the task. Percentages are of the local baseline.
struct NoiseSettings {
  double baseline = 1000;             ///< grey matter, signal units
  double ar_percent = 0.8;            ///< SD of the autocorrelated, spatially smooth part
  double ar_coefficient = 0.4;        ///< of one scan on the next
  double fwhm_mm = 8;                 ///< smoothness of the autocorrelated part
  double white_percent = 0.4;         ///< SD of the temporally white part
  double csf_factor = 2.0;            ///< noise in the ventricles, relative to grey matter
  ByRole role_factor{1, 1, 1};        ///< of both parts in the regions of each role
  double drift_percent = 1.0;         ///< SD over voxels of each slow cosine's amplitude
  double drift_cutoff_s = 160;        ///< only cosines with longer periods
  double motion_mm_per_scan = 0.015;  ///< SD of head displacement per scan
  double motion_spike_probability = 0.005;
  double motion_spike_mm = 0.6;
  double motion_percent_per_mm = 1.0;  ///< SD over voxels of the effect of 1 mm or 1/50 radian
};

/// All settings of a simulated study.
struct SimulationSettings {
  GameSettings game;
  TimingSettings timing;
  PopulationSettings population;
  RatingSettings ratings;
  ResponseSettings response;
  NoiseSettings noise;
};

/// @throws Error{bad_input} giving the setting, its value and its allowed range.
void check_settings(const SimulationSettings& settings);

/// Calls visit(section, name, value) for every setting, in order; used to read and write them.
template <class Settings, class Visitor>
void visit_settings(Settings& s, const Visitor& visit) {
  const auto section = [&](const char* name) {
    return [&visit, name](const char* key, auto& value) { visit(name, key, value); };
  };
  const auto gains = [](const auto& v, auto& of, const std::array<const char*, 3>& names) {
    v(names[0], of.reward), v(names[1], of.rejection), v(names[2], of.control);
  };
  {
    const auto v = section("game");
    auto& g = s.game;
    v("mean_rank", g.mean_rank), v("mean_spots", g.mean_spots), v("n_ranks", g.n_ranks);
    v("rank_jitter", g.rank_jitter), v("spots_jitter", g.spots_jitter);
    v("rank_shown_set", g.rank_shown_set), v("rank_hidden_set", g.rank_hidden_set);
    v("pairs", g.pairs), v("miss_probability", g.miss_probability);
    v("share_log_odds", g.share_log_odds), v("share_log_odds_sd", g.share_log_odds_sd);
  }
  {
    const auto v = section("timing");
    auto& t = s.timing;
    v("tr_s", t.tr_s), v("first_choice_s", t.first_choice_s), v("choice_s", t.choice_s);
    v("feedback_s", t.feedback_s), v("feedback_event_s", t.feedback_event_s);
    v("reciprocity_s", t.reciprocity_s), v("choice_to_feedback_s", t.choice_to_feedback_s);
    v("feedback_to_reciprocity_s", t.feedback_to_reciprocity_s);
    v("between_rounds_s", t.between_rounds_s), v("tail_s", t.tail_s);
    v("response_time_median_s", t.response_time_median_s);
    v("response_time_log_sd", t.response_time_log_sd);
  }
  {
    const auto v = section("population");
    auto& p = s.population;
    v("w_a", p.w_a), v("w_b", p.w_b), v("beta_shape", p.beta_shape), v("beta_scale", p.beta_scale);
    v("score_mean", p.score_mean), v("score_sd", p.score_sd);
    v("score_correlation", p.score_correlation), v("age_min", p.age_min), v("age_max", p.age_max);
    v("anxiety_on_w", p.anxiety_on_w), v("depression_on_w", p.depression_on_w);
    v("anxiety_on_beta", p.anxiety_on_beta), v("depression_on_beta", p.depression_on_beta);
  }
  {
    const auto v = section("ratings");
    auto& r = s.ratings;
    v("mean", r.mean), v("minimum", r.minimum), v("maximum", r.maximum);
    v("person_sd", r.person_sd), v("effect_sd", r.effect_sd), v("noise_sd", r.noise_sd);
    v("rank_dz", r.rank_dz), v("outcome_dz", r.outcome_dz);
  }
  {
    const auto v = section("response");
    auto& r = s.response;
    v("outcome_percent", r.outcome_percent), v("rank_percent", r.rank_percent);
    v("outcome_per_depression", r.outcome_per_depression);
    v("rank_per_anxiety", r.rank_per_anxiety), v("effect_sd", r.effect_sd);
    v("event_percent", r.event_percent), v("sensory_percent", r.sensory_percent);
    v("event_sd", r.event_sd), v("outcome_per_anxiety", r.outcome_per_anxiety);
    v("rank_per_depression", r.rank_per_depression);
    v("rank_pattern_percent", r.rank_pattern_percent);
    v("outcome_pattern_percent", r.outcome_pattern_percent);
    v("rating_pattern_percent", r.rating_pattern_percent);
    v("pattern_overlap", r.pattern_overlap);
    v("pattern_overlap_per_bias", r.pattern_overlap_per_bias);
    gains(v, r.outcome_gain, {"outcome_in_reward", "outcome_in_rejection", "outcome_in_control"});
    gains(v, r.rank_gain, {"rank_in_reward", "rank_in_rejection", "rank_in_control"});
    gains(v, r.score_gain, {"scores_in_reward", "scores_in_rejection", "scores_in_control"});
  }
  {
    const auto v = section("noise");
    auto& n = s.noise;
    v("baseline", n.baseline), v("ar_percent", n.ar_percent);
    v("ar_coefficient", n.ar_coefficient), v("fwhm_mm", n.fwhm_mm);
    v("white_percent", n.white_percent), v("csf_factor", n.csf_factor);
    v("drift_percent", n.drift_percent), v("drift_cutoff_s", n.drift_cutoff_s);
    v("motion_mm_per_scan", n.motion_mm_per_scan);
    v("motion_spike_probability", n.motion_spike_probability);
    v("motion_spike_mm", n.motion_spike_mm);
    v("motion_percent_per_mm", n.motion_percent_per_mm);
    gains(v, n.role_factor, {"reward_factor", "rejection_factor", "control_factor"});
  }
}

}  // namespace sociometer
