#include "cli/options/design_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/jobs/session.hpp"
#include "cli/options/bind.hpp"

namespace sociometer::cli {
namespace {

void add_event_options(CLI::App& c, DesignRequest& a) {
  c.add_option("--events", a.events,
               "BIDS events tables or SPM's multiple conditions (.mat), one per run");
  c.add_option("--ev", a.ev,
               "FSL: NAME=FILE[,FILE..], a three-column file (onset, duration, amplitude) per run");
  c.add_option("--stim-times", a.stim_times,
               "AFNI: NAME=FILE, a line of times per run, also married (t*amplitude:duration)");
  c.add_option("--stim-duration", a.stim_durations,
               "AFNI: durations of --stim-times in s: SECONDS or NAME=SECONDS (default: 0)");
  c.add_option("--design", a.designs,
               "Ready design matrices, one per run: TSV with a header, FSL's design.mat, AFNI's "
               "X.xmat.1D");
  c.add_option("--model", a.stats_model.file,
               "BIDS stats model (model-*_smdl.json) whose Run node makes the design and contrasts "
               "from --events and --confounds");
  c.add_option("--node", a.stats_model.node, "Its Run node by name (default: the only one)");
}

void add_confound_options(CLI::App& c, ConfoundRequest& a) {
  c.add_option("--confounds", a.files, "Confounds tables, one per run");
  c.add_option("--confound-columns", a.columns, "Columns or globs of the confounds (default: all)")
      ->delimiter(',');
  StrategyRequest& s = a.strategy;
  const ConfoundStrategy defaults;
  add_choices(c, "--confound-strategy", s.parts,
              "fMRIPrep's confounds by name: motion, wm_csf, global_signal, compcor, "
              "high_pass, scrub, ica_aroma, non_steady_state")
      ->delimiter(',');
  add_choice(c, "--motion", s.motion,
             "Strategy motion: basic, power2, derivatives or full (24 columns)")
      ->default_str(name_of(defaults.motion));
  add_choice(c, "--wm-csf", s.wm_csf, "Strategy wm_csf: basic, power2, derivatives or full")
      ->default_str(name_of(defaults.wm_csf));
  add_choice(c, "--global-signal", s.global_signal,
             "Strategy global_signal: basic, power2, derivatives or full")
      ->default_str(name_of(defaults.global_signal));
  add_choice(c, "--compcor", s.compcor,
             "Strategy compcor: anat_combined, anat_separated, temporal, "
             "temporal_anat_combined or temporal_anat_separated")
      ->default_str(name_of(defaults.compcor));
  in_any_case(c.add_option_function<std::string>(
                  "--n-compcor",
                  [&s](const std::string& text) { s.n_compcor = parse_compcor_count(text); },
                  "Strategy compcor: components of each mask, or all"))
      ->default_str(to_string(CompcorCount{}));
  add_open(c, "--scrub", s.scrub, defaults.scrub,
           "Strategy scrub: stretches of fewer scans between scrubbed ones are scrubbed too");
  add_open(c, "--fd-threshold", s.fd_threshold_mm, defaults.fd_threshold_mm,
           "Strategy scrub: largest framewise displacement, mm");
  add_open(c, "--std-dvars-threshold", s.std_dvars_threshold, defaults.std_dvars_threshold,
           "Strategy scrub: largest standardised DVARS");
  add_choice(c, "--missing-confounds", a.missing,
             "What stands for values that a confound's first rows lack: zero, or next (the next "
             "value, as nilearn)");
  c.add_flag("--demean-confounds", a.demean,
             "Confounds lose their mean over the kept scans (no contrast of events changes)");
  c.add_option("--censor", a.censor,
               "Scans to leave out: columns or globs of the confounds (nonzero = out), "
               "comparisons as framewise_displacement>0.5, joined by commas; or a list per run "
               "counted from 0, like 3,7,12-15");
  c.add_option("--censor-before", a.censor_before,
               "Scans that are left out before each that --censor leaves out")
      ->capture_default_str();
  c.add_option("--censor-after", a.censor_after, "Scans that are left out after each")
      ->capture_default_str();
}

}  // namespace

void add_model_options(CLI::App& c, DesignRequest& a) {
  const DesignOptions defaults;
  add_event_options(c, a);
  add_confound_options(c, a.confounds);
  c.add_option("--tr", a.tr_s,
               "Repetition time in s (default: the JSON sidecar's, else the header's)");
  in_any_case(c.add_option_function<std::string>(
                  "--hrf", [&a](const std::string& text) { a.hrf = parse_hrf_model(text); },
                  "spm, glover, each with '+ derivative' and '+ dispersion'; library:1 to "
                  "library:20; fir; none"))
      ->default_str(to_string(defaults.hrf));
  add_choice(c, "--hrf-grid", a.hrf_grid,
             "Where events fall between scans: nilearn or spm (microtime bins)")
      ->default_str(name_of(defaults.grid));
  add_open(c, "--oversampling", a.oversampling, defaults.fine_grid.oversampling,
           "nilearn grid: points per scan");
  add_open(c, "--min-onset", a.min_onset_s, defaults.fine_grid.min_onset_s,
           "nilearn grid: its start before the first scan, s");
  add_open(c, "--microtime", a.microtime, defaults.microtime.bins_per_scan,
           "spm grid: bins per scan (T)");
  add_open(c, "--microtime-onset", a.microtime_onset, defaults.microtime.sampled_bin,
           "spm grid: sampled bin, from 1 (T0)");
  c.add_option("--fir-delays", a.fir_delays,
               "Delays in scans for --hrf fir (default: those below 20 s)")
      ->delimiter(',');
  c.add_option("--modulators", a.modulators,
               "TYPE:COLUMN[,COLUMN..] of the events table, also as abs(COLUMN)");
  add_choice(c, "--center", a.center,
             "Centre modulators over the trials of the run, of all runs, or none")
      ->default_str(name_of(defaults.modulator_policy.center));
  add_choice(c, "--orthogonalise", a.orthogonalise,
             "Modulators: none, or serial as SPM does (default: as SPM's .mat asks, else none)");
  add_choice(c, "--modulator-scaling", a.modulator_scaling,
             "Divide modulators by their standard deviation over the trials of the run (sd) or of "
             "all runs (sd-all), or not (none)")
      ->default_str(name_of(defaults.modulator_policy.scaling));
  add_choice(c, "--drift", a.drift, "cosine, polynomial or none")
      ->default_str(name_of(defaults.drift));
  add_open(c, "--high-pass", a.high_pass_hz, defaults.high_pass_hz, "Cosine drift: cutoff in Hz");
  add_open(c, "--drift-order", a.drift_order, defaults.drift_order, "Polynomial drift: order");
  c.add_option("--slice-time-ref", a.slice_time_ref,
               "When a scan is sampled, as a fraction of TR (default: the sidecar's StartTime, "
               "else 0)");
}

void add_design_options(CLI::App& c, DesignRequest& a) {
  add_model_options(c, a);
  c.add_option("--contrast", a.contrasts, "t contrasts: NAME=EXPRESSION or NAME=[weights]");
  c.add_option("--f-contrast", a.f_contrasts, "F contrasts: NAME=EXPRESSION;EXPRESSION..");
  c.add_option("--contrasts-file", a.contrast_files,
               "Contrasts of FSL (design.con, then design.fts) or AFNI (X.xmat.1D)");
}

}  // namespace sociometer::cli
