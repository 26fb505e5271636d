#include "tests/cli/bad_inputs.hpp"

namespace sociometer::testing {
namespace {

/// Replaces the first run's events by a table.
Words with_events(Study& s, const std::string& text) {
  s.only_one_run();
  write_text(s.events[0], text);
  return {};
}
Words with_design(Study& s, const std::string& text) {
  s.only_one_run();
  s.events.clear();
  write_text(s / "design.tsv", text);
  return {"--design", s / "design.tsv"};
}

}  // namespace

std::vector<BadInput> bad_tables_and_options() {
  return {
      {"FewerScansThanRegressors",
       3,
       {"60 scans", "60 independent"},
       [](Study& s) {
         Words names;
         for (int i = 0; i < 59; ++i) names.push_back("x" + std::to_string(i));
         return with_design(s, ready_design(names, 60));
       }},
      {"DesignOfOtherLength",
       3,
       {"design.tsv", "59", "60"},
       [](Study& s) { return with_design(s, ready_design({"x"}, 59)); }},
      {"NanInDesign",
       3,
       {"design.tsv", "'x'", "scan 60"},
       [](Study& s) { return with_design(s, ready_design({"x"}, 60) + "n/a\t1\n"); }},
      {"OnsetColumnAbsent",
       3,
       {"run-1_events.tsv", "'onset'"},
       [](Study& s) { return with_events(s, "start\tduration\n1\t1\n"); }},
      {"ModulatorColumnAbsent",
       3,
       {"run-1_events.tsv", "'loudness'"},
       [](Study&) {
         return Words{"--modulators", "a:loudness"};
       }},
      {"OnsetNotANumber",
       3,
       {"run-1_events.tsv", "line 2", "soon"},
       [](Study& s) { return with_events(s, "onset\tduration\nsoon\t1\n"); }},
      {"NoEvents",
       3,
       {"run-1_events.tsv", "no events"},
       [](Study& s) { return with_events(s, "onset\tduration\ttrial_type\n"); }},
      {"EmptyEventsFile",
       3,
       {"run-1_events.tsv", "empty"},
       [](Study& s) { return with_events(s, ""); }},
      {"UnknownHrf",
       2,
       {"gama"},
       [](Study&) {
         return Words{"--hrf", "gama"};
       }},
      {"UnknownNoiseModel",
       2,
       {"ar9"},
       [](Study&) {
         return Words{"--noise-model", "ar9"};
       }},
      {"UnknownContrast",
       3,
       {"'zebra'", "a, b"},
       [](Study&) {
         return Words{"--contrast", "zebra"};
       }},
      {"UnknownSaving",
       2,
       {"everything"},
       [](Study&) {
         return Words{"--save", "everything"};
       }},
      {"FewerEventsThanRuns",
       2,
       {"--events", "1 file", "2 run"},
       [](Study& s) {
         s.events.pop_back();
         return Words{};
       }},
      {"NoEventsAndNoDesign",
       2,
       {"--events", "--design"},
       [](Study& s) {
         s.events.clear();
         return Words{};
       }},
      {"ContrastsOfOneName",
       2,
       {"'x'"},
       [](Study&) {
         return Words{"--contrast", "x=a", "x=b"};
       }},
      {"CensoredBeyondTheEnd",
       3,
       {"60"},
       [](Study& s) {
         s.only_one_run();
         return Words{"--censor", "60"};
       }},
      {"ConfoundNotMatched",
       3,
       {"c.tsv", "trans_*"},
       [](Study& s) {
         s.only_one_run();
         write_text(s / "c.tsv", ready_design({"x"}, 60));
         return Words{"--confounds", s / "c.tsv", "--confound-columns", "trans_*"};
       }},
  };
}

}  // namespace sociometer::testing
