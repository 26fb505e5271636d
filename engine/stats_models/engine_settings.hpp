#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/design/design_matrix.hpp"
#include "engine/design/single_trials.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "engine/glm/fractional_ridge.hpp"
#include "engine/glm/mask_source.hpp"
#include "engine/glm/noise_model.hpp"
#include "engine/glm/run_fit.hpp"
#include "engine/glm/saved_map.hpp"
#include "engine/group/cluster_report.hpp"
#include "engine/group/design_terms.hpp"
#include "engine/group/group_analysis.hpp"
#include "engine/group/group_choices.hpp"
#include "engine/group/mixed_effects.hpp"
#include "engine/group/presence.hpp"
#include "engine/group/residual_smoothness.hpp"
#include "engine/group/shuffling.hpp"
#include "engine/group/spatial_statistics.hpp"
#include "engine/group/tail_approximation.hpp"

namespace sociometer {

/// Model.Software.Sociometer of a node, under the keys of visit_settings. Fields left unset have
/// the defaults of the analysis that they are of.
struct EngineSettings {
  // Design of a run.
  std::optional<HrfGrid> hrf_grid;
  std::optional<int> oversampling, microtime, microtime_onset, drift_order;
  std::optional<double> min_onset_s, slice_time_ref;
  std::optional<DriftModel> drift;
  std::optional<bool> add_constant;  ///< false: a model without 1 in X stays without
  std::vector<std::string> censor;   ///< columns, comparisons or scans
  std::optional<int> censor_before, censor_after;

  // First level.
  std::optional<NoiseModel> noise_model;
  std::optional<double> noise_smoothing_fwhm_mm;
  std::optional<int> tukey_lags, arma_grid;
  std::optional<ArmaOptions::Search> arma_search;
  std::vector<double> smoothing_fwhm_mm;  ///< none, one, or one per voxel axis
  std::optional<Scaling> scaling;
  std::optional<FixedEffects> fixed_effects;
  MaskSource mask;
  std::optional<double> mask_fraction;
  std::vector<SavedMap> save;
  std::optional<bool> estimates, log_p;

  // Single trials of a run, beside its contrasts.
  std::optional<TrialMethod> trials;     ///< unset: none
  std::vector<std::string> trial_types;  ///< columns of X
  std::optional<TrialOthers> trial_others;
  std::optional<TrialAmplitude> trial_amplitude;
  std::optional<Shrinkage> trial_shrinkage;
  std::string trial_shrinkage_labels;
  std::vector<std::string> trial_average_by;  ///< columns of the events
  std::optional<TrialImages> trial_images;
  std::optional<bool> trial_variance;

  // Group.
  std::optional<GroupMethod> method;
  std::optional<BetweenVariance> between_variance;
  std::optional<bool> knapp_hartung;
  std::optional<double> huber_k;
  std::optional<Zeros> zeros;
  std::optional<int> min_participants;
  std::optional<MissingCovariates> missing;
  std::optional<CovariateCentering> center_covariates;

  // Inference over people.
  std::optional<double> cluster_forming_p, alpha, interval, peak_distance_mm;
  std::optional<int> connectivity, min_cluster_size;
  std::optional<Sides> sided;
  std::optional<SmoothnessEstimate> smoothness;
  std::optional<ClusterVolume> rft_clusters;
  std::vector<MapCorrection> corrections;
  std::optional<bool> effect_size, bayes_factor, no_tables;
  std::optional<int64_t> permutations;
  std::vector<ShuffledMap> statistic;
  std::optional<double> cluster_forming_threshold, tfce_e, tfce_h, tail_p;
  std::optional<int> tfce_connectivity;
  std::optional<TfceSteps> tfce_steps;
  std::optional<PermuteAs> permute_as;
  std::optional<ShuffleScheme> exchange;
  std::string blocks;
  std::optional<BlockExchange> block_exchange;
  std::optional<uint64_t> seed;
  std::optional<TailMethod> tail;

  // Regions and learning.
  std::vector<std::string> rois;  ///< tables of `roi make`, or masks, each [NAME=]IMAGE
  std::string atlas, atlas_label_table;
  std::vector<std::string> atlas_labels;
  std::vector<std::string> learners;    ///< "hybrid", "rank", .. whose signals the events need
  std::string signals_model;            ///< the learner whose signals enter; empty: the first
  std::string learn_settings, columns;  ///< JSON files: of learning, of the events' columns
  std::vector<std::string> region_sets, region_unions;  ///< made of others: sets, NAME=A+B
  std::vector<std::string> dissociate_regions;          ///< which are compared; none: all
  std::vector<std::string> signals;                     ///< sets of contrasts: "outcome,rank"
};

/// Calls visit(key, field) for each field, in the order above.
template <class Settings, class Visitor>
void visit_settings(Settings& s, Visitor&& visit) {
  visit("HrfGrid", s.hrf_grid);
  visit("Oversampling", s.oversampling);
  visit("Microtime", s.microtime);
  visit("MicrotimeOnset", s.microtime_onset);
  visit("DriftOrder", s.drift_order);
  visit("MinOnset", s.min_onset_s);
  visit("SliceTimeRef", s.slice_time_ref);
  visit("Drift", s.drift);
  visit("AddConstant", s.add_constant);
  visit("Censor", s.censor);
  visit("CensorBefore", s.censor_before);
  visit("CensorAfter", s.censor_after);
  visit("NoiseModel", s.noise_model);
  visit("NoiseSmoothing", s.noise_smoothing_fwhm_mm);
  visit("TukeyLags", s.tukey_lags);
  visit("ArmaGrid", s.arma_grid);
  visit("ArmaSearch", s.arma_search);
  visit("SmoothingFwhm", s.smoothing_fwhm_mm);
  visit("Scaling", s.scaling);
  visit("FixedEffects", s.fixed_effects);
  visit("Mask", s.mask);
  visit("MaskFraction", s.mask_fraction);
  visit("Save", s.save);
  visit("Estimates", s.estimates);
  visit("LogP", s.log_p);
  visit("Trials", s.trials);
  visit("TrialTypes", s.trial_types);
  visit("TrialOthers", s.trial_others);
  visit("TrialAmplitude", s.trial_amplitude);
  visit("TrialShrinkage", s.trial_shrinkage);
  visit("TrialShrinkageLabels", s.trial_shrinkage_labels);
  visit("TrialAverageBy", s.trial_average_by);
  visit("TrialImages", s.trial_images);
  visit("TrialVariance", s.trial_variance);
  visit("Method", s.method);
  visit("BetweenVariance", s.between_variance);
  visit("KnappHartung", s.knapp_hartung);
  visit("HuberK", s.huber_k);
  visit("Zeros", s.zeros);
  visit("MinParticipants", s.min_participants);
  visit("Missing", s.missing);
  visit("CenterCovariates", s.center_covariates);
  visit("ClusterFormingP", s.cluster_forming_p);
  visit("Alpha", s.alpha);
  visit("Interval", s.interval);
  visit("PeakDistance", s.peak_distance_mm);
  visit("Connectivity", s.connectivity);
  visit("MinClusterSize", s.min_cluster_size);
  visit("Sided", s.sided);
  visit("Smoothness", s.smoothness);
  visit("RftClusters", s.rft_clusters);
  visit("Corrections", s.corrections);
  visit("EffectSize", s.effect_size);
  visit("BayesFactor", s.bayes_factor);
  visit("NoTables", s.no_tables);
  visit("Permutations", s.permutations);
  visit("Statistic", s.statistic);
  visit("ClusterFormingThreshold", s.cluster_forming_threshold);
  visit("TfceE", s.tfce_e);
  visit("TfceH", s.tfce_h);
  visit("TailP", s.tail_p);
  visit("TfceConnectivity", s.tfce_connectivity);
  visit("TfceSteps", s.tfce_steps);
  visit("PermuteAs", s.permute_as);
  visit("Exchange", s.exchange);
  visit("Blocks", s.blocks);
  visit("BlockExchange", s.block_exchange);
  visit("Seed", s.seed);
  visit("Tail", s.tail);
  visit("Rois", s.rois);
  visit("Atlas", s.atlas);
  visit("AtlasLabelTable", s.atlas_label_table);
  visit("AtlasLabels", s.atlas_labels);
  visit("Learners", s.learners);
  visit("SignalsModel", s.signals_model);
  visit("LearnSettings", s.learn_settings);
  visit("Columns", s.columns);
  visit("RegionSets", s.region_sets);
  visit("RegionUnions", s.region_unions);
  visit("DissociateRegions", s.dissociate_regions);
  visit("Signals", s.signals);
}

}  // namespace sociometer
