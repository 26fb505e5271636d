// Listings of real datasets, indexed as trees of empty files.
// Expected counts were taken from the listings by name patterns, not with this code.
#include "tests/io/bids_trees.hpp"

#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "io/dataset/people_values.hpp"
#include "io/dataset/run_timing.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

BidsFilter of_space(const std::string& space) {
  BidsFilter filter;
  if (!space.empty()) filter.add_space(space);
  return filter;
}

/// Of images as the scanner left them, which lack desc.
BidsFilter unprocessed() {
  BidsFilter filter;
  filter.add("desc", LabelRule{{}, true, false});
  return filter;
}

struct Counts {
  size_t people = 0, runs = 0, masks = 0, confounds = 0, events = 0, raw_images = 0;
  bool operator==(const Counts&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Counts& c) {
  return out << c.people << " people, " << c.runs << " runs, " << c.masks << " masks, "
             << c.confounds << " confounds, " << c.events << " events, " << c.raw_images
             << " raw images";
}

Counts counts_of(const RunSelection& selection) {
  Counts c;
  std::set<std::string> people, images;
  for (const auto& run : selection.runs) {
    people.insert(run.label("sub"));
    images.insert(run.bold);
    c.masks += !run.mask.empty();
    c.confounds += !run.confounds.empty();
    c.events += !run.events.empty();
    c.raw_images += run.raw_bold.size();
  }
  c.people = people.size();
  c.runs = images.size();
  return c;
}

/// Times of all runs, apart from the headers of empty images.
BidsFindings timing_findings(const RunSelection& selection, std::set<double>& trs) {
  Sidecars sidecars;
  BidsFindings out;
  for (const auto& run : selection.runs)
    if (const auto timing = read_timing(run, sidecars, out); timing.tr_s) trs.insert(*timing.tr_s);
  std::erase_if(out, [](const auto& f) { return f.what == BidsOddity::unreadable_header; });
  return out;
}

class BidsTrees : public ::testing::Test {
 protected:
  void SetUp() override {
    data_ = test_data("bids_trees");
    if (data_.empty())
      GTEST_SKIP() << "no real data: set SOCIOMETER_TEST_DATA to a folder with bids_trees";
  }
  std::string tree(const std::string& listing, const std::string& name,
                   Annexed annexed = Annexed::empty_files) const {
    make_tree(data_ + "/" + listing, folder_ / name, annexed);
    return folder_ / name;
  }
  std::string data_;
  TemporaryFolder folder_;
};

TEST_F(BidsTrees, BalloonTaskWithDerivativesOfFourOfSixteen) {
  const auto study =
      index_study(tree("ds001_raw", "raw"), {tree("ds000001-fmriprep_20.2", "derivatives")});
  EXPECT_EQ(study.raw.people.size(), 16u);
  EXPECT_EQ(study.derivatives[0].people.size(), 4u);
  const auto found = find_runs(study, {});  // AROMA's smoothed images are no choice
  EXPECT_EQ(counts_of(found), (Counts{4, 12, 12, 12, 12, 12}));
  EXPECT_EQ(kinds_of(study.findings), std::vector<std::string>{"person-without-derivatives"});
  EXPECT_EQ(finding(study.findings, BidsOddity::person_without_derivatives).where.size(), 12u);
  EXPECT_EQ(kinds_of(found.findings), std::vector<std::string>{"run-labels-differ"});
  EXPECT_EQ(finding(found.findings, BidsOddity::run_labels_differ).where.size(), 12u);
  EXPECT_EQ(found.runs[0].label("res"), "2");
  std::set<double> trs;
  EXPECT_EQ(kinds_of(timing_findings(found, trs)), std::vector<std::string>{});
  EXPECT_EQ(trs, std::set<double>{2.0});
  EXPECT_TRUE(refuses(ErrorCode::bad_input,
                      {"space-T1w", "MNI152NLin2009cAsym:res-2", "MNI152NLin6Asym"},
                      [&] { find_runs(study, of_space("T1w")); }));
}

TEST_F(BidsTrees, FiveTasksWithEventsAtTheRoot) {
  const auto study =
      index_study(tree("ds114_raw", "raw"), {tree("ds000114-fmriprep_21.0.2", "derivatives")});
  EXPECT_EQ(study.raw.people.size(), 10u);
  EXPECT_EQ(study.derivatives[0].people.size(), 3u);  // none of sourcedata/freesurfer/sub-01
  for (const std::string space : {"native", "T1w", "MNI152NLin2009cAsym"}) {
    const auto found = find_runs(study, of_space(space));
    EXPECT_EQ(counts_of(found), (Counts{3, 30, 30, 30, 30, 30})) << space;
    EXPECT_EQ(kinds_of(found.findings), std::vector<std::string>{}) << space;
    for (const auto& run : found.runs)
      EXPECT_EQ(fs::path(run.events).parent_path() == study.raw.root,
                run.label("task") != "linebisection")
          << run.events;
  }
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input,
              {"3 images", "choose one by space", "native", "T1w", "MNI152NLin2009cAsym:res-2"},
              [&] { find_runs(study, {}); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"desc-preproc", "smoothAROMAnonaggr"},
                      [&] { find_runs(study, of_space("MNI152NLin6Asym")); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"res-1", "res there: 2"},
                      [&] { find_runs(study, of_space("MNI152NLin2009cAsym:res-1")); }));
  auto smoothed = of_space("MNI152NLin6Asym");
  smoothed.add("desc", {"smoothAROMAnonaggr"});
  const auto aroma = find_runs(study, smoothed);
  EXPECT_EQ(counts_of(aroma), (Counts{3, 30, 0, 30, 30, 30}));  // no mask was made in that space
  EXPECT_EQ(finding(aroma.findings, BidsOddity::no_mask).where.size(), 30u);
}

TEST_F(BidsTrees, NarpsWithRunsWrittenDifferently) {
  const auto study =
      index_study(tree("ds001734_raw", "raw"), {tree("ds001734-fmriprep_21.0.2", "derivatives")});
  const auto found = find_runs(study, of_space("MNI152NLin2009cAsym:res-2"));
  EXPECT_EQ(counts_of(found), (Counts{108, 432, 432, 432, 432, 432}));
  EXPECT_EQ(kinds_of(found.findings), std::vector<std::string>{"run-labels-differ"});
  EXPECT_TRUE(
      found.runs[0].bold.ends_with("sub-001_task-MGT_run-1_space-MNI152NLin2009cAsym_res-2_"
                                   "desc-preproc_bold.nii.gz"));
  EXPECT_TRUE(found.runs[0].events.ends_with("sub-001_task-MGT_run-01_events.tsv"));
  const auto native = find_runs(study, of_space("native"));
  EXPECT_EQ(counts_of(native), (Counts{4, 16, 16, 16, 16, 16}));
  EXPECT_EQ(finding(native.findings, BidsOddity::person_without_runs).where.size(), 104u);
  BidsFindings findings;
  const auto people = read_people_values(study.raw, findings);
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(people.value("001", "", "group"), "equalIndifference");
  EXPECT_EQ(people.value("sub-002", "", "group"), "equalRange");
}

TEST_F(BidsTrees, NarpsAsAnAnnexWithoutContent) {
  const auto links = Annexed::dangling_links;
  const auto study = index_study(tree("ds001734_raw", "raw", links),
                                 {tree("ds001734-fmriprep_21.0.2", "derivatives", links)});
  const auto found = find_runs(study, of_space("MNI152NLin2009cAsym:res-2"));
  EXPECT_EQ(counts_of(found), (Counts{108, 432, 432, 432, 432, 432}));
  const auto missing = finding(found.findings, BidsOddity::content_missing);
  EXPECT_EQ(missing.where.size(), 3 * 432u);  // images, masks and confounds; events are in git
  EXPECT_NE(missing.message.find("datalad get -d " + study.derivatives[0].root), std::string::npos)
      << missing.message;
  EXPECT_EQ(found.runs[5].missing_content.size(), 3u);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"3 files", "datalad get ", found.runs[5].mask},
                      [&] { require_content(found.runs[5]); }));
}

TEST_F(BidsTrees, MinimalLevelHasNothingToFit) {
  const std::string minimal = tree("ds003752-fmriprep_23.2.0_minimal", "derivatives");
  const auto study = index_study(minimal, {minimal});
  EXPECT_EQ(study.raw.people.size(), 3u);
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {"--level minimal", minimal}, [&] { find_runs(study, {}); }));
}

TEST_F(BidsTrees, ManyTasksBehindABidsignoreThatHidesThemAll) {
  const std::string derivatives = tree("ds005256-fmriprep_25.1.4", "derivatives");
  ASSERT_NE(read_bytes(derivatives + "/.bidsignore").find("*space-*"), std::string::npos);
  const auto study = index_study(derivatives, {derivatives});
  const auto found = find_runs(study, {});
  EXPECT_EQ(counts_of(found), (Counts{6, 203, 203, 203, 0, 203}));
  BidsFilter tasks;
  tasks.add("task", {"social", "faces"});
  tasks.add("acq", {"mb8"});
  EXPECT_EQ(counts_of(find_runs(study, tasks)).runs, 65u + 18u);
  EXPECT_EQ(finding(found.findings, BidsOddity::no_events).where.size(), 78u);  // of alignvideo
}

TEST_F(BidsTrees, RawDatasetsWhoseRunsDiffer) {
  const auto mirror = index_study(tree("ds006_raw", "ds006"), {});
  const auto reading = find_runs(mirror, unprocessed());
  EXPECT_EQ(counts_of(reading), (Counts{14, 164, 0, 0, 164, 0}));
  EXPECT_EQ(finding(reading.findings, BidsOddity::uneven_runs).where.size(), 4u);
  BidsFilter later = unprocessed();
  later.add("session", {"ses-post"});
  EXPECT_EQ(counts_of(find_runs(mirror, later)).runs, 84u);

  const auto stop = index_study(tree("ds008_raw", "ds008"), {});
  EXPECT_EQ(counts_of(find_runs(stop, unprocessed())), (Counts{15, 84, 0, 0, 84, 0}));
  BidsFilter conditional = unprocessed();
  conditional.add("task", {"conditionalstopsignal"});
  const auto found = find_runs(stop, conditional);
  EXPECT_EQ(counts_of(found), (Counts{14, 41, 0, 0, 41, 0}));
  EXPECT_EQ(finding(found.findings, BidsOddity::person_without_runs).where,
            std::vector<std::string>{"sub-09"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"desc-preproc", "desc there: none", "--derivatives"},
                      [&] { find_runs(stop, {}); }));
}

TEST_F(BidsTrees, RawEchoesWithoutEvents) {
  const auto study = index_study(tree("ds210_raw", "raw"), {});
  EXPECT_EQ(study.raw.people.size(), 15u);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"echo absent", "echo there: 1, 2, 3"},
                      [&] { find_runs(study, unprocessed()); }));
  BidsFilter first = unprocessed();
  first.add("echo", {"01"});
  const auto found = find_runs(study, first);
  EXPECT_EQ(counts_of(found), (Counts{15, 75, 0, 0, 0, 0}));
  BidsFindings findings;
  EXPECT_TRUE(read_people_values(study.raw, findings).columns().empty());  // no participants.tsv
  std::set<double> trs;  // task-X_echo-1_bold.json at the root
  timing_findings(found, trs);
  EXPECT_EQ(trs, (std::set<double>{2, 3}));
  BidsFilter any = unprocessed();
  any.add("echo", LabelRule{{}, false, true});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"3 images", "choose one by echo (1, 2, 3)"},
                      [&] { find_runs(study, any); }));
}

TEST_F(BidsTrees, DerivativesInsideTheRawTreeWithEarlyNames) {
  const std::string raw = tree("synthetic_with_derivatives", "raw");
  const std::string derivatives = default_derivatives(raw);
  EXPECT_EQ(derivatives, raw + "/derivatives/fmriprep");
  const auto study = index_study(raw, {derivatives});
  EXPECT_EQ(study.raw.people.size(), 5u);
  const auto found = find_runs(study, of_space("T1w"));
  EXPECT_EQ(counts_of(found), (Counts{5, 30, 30, 30, 20, 30}));
  EXPECT_TRUE(found.runs[0].mask.ends_with("space-T1w_label-brain_mask.nii"));
  EXPECT_EQ(finding(found.findings, BidsOddity::old_confounds_name).where.size(), 30u);
  EXPECT_EQ(finding(found.findings, BidsOddity::no_events).where.size(), 10u);  // of rest
  EXPECT_NE(finding(found.findings, BidsOddity::no_events).message.find("task-rest"),
            std::string::npos);
  BidsFindings findings;
  const auto people = read_people_values(study.raw, findings);
  EXPECT_EQ(people.columns(), (std::vector<std::string>{"age", "sex", "systolic_blood_pressure"}));
  EXPECT_EQ(people.value("04", "02", "systolic_blood_pressure"), "115");
  EXPECT_EQ(people.value("04", "02", "age"), "21");
}

TEST_F(BidsTrees, PhenotypesHaveNoFunctionalImages) {
  const auto study = index_study(tree("pheno004", "raw"), {});
  EXPECT_EQ(study.raw.people.size(), 2u);  // participants.tsv has three
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"no functional images"},
                      [&] { find_runs(study, unprocessed()); }));
}

TEST_F(BidsTrees, VolumesWithoutARepetitionTime) {
  const auto study = index_study(tree("volume_timing", "raw"), {});
  const auto found = find_runs(study, unprocessed());
  EXPECT_EQ(counts_of(found), (Counts{1, 6, 0, 0, 0, 0}));
  EXPECT_EQ(finding(found.findings, BidsOddity::several_acquisitions).where.size(), 6u);
  Sidecars sidecars;
  BidsFindings findings;
  for (const auto& run : found.runs) {
    const auto timing = read_timing(run, sidecars, findings);
    const std::string acq = run.label("acq");
    const bool uneven = acq.starts_with("clustered") || acq == "deprecated";
    EXPECT_EQ(timing.volume_timing_s.size(), uneven ? 9u : 0u) << acq;
    EXPECT_EQ(timing.tr_s.value_or(0), uneven ? 0 : acq == "dense" ? 1 : 2) << acq;
    EXPECT_EQ(timing.slice_timing_s.size(), acq.ends_with("ST") ? 10u : 0u) << acq;
  }
}

/// What fMRIPrep's own tests demand of its versions.
struct Version {
  const char* listing;
  const char* space;  ///< empty: none is asked for
  size_t runs;        ///< each with its mask and confounds
  friend void PrintTo(const Version& c, std::ostream* out) { *out << c.listing << " " << c.space; }
};

class FmriprepVersions : public ::testing::TestWithParam<Version> {};

TEST_P(FmriprepVersions, AreRead) {
  const auto [listing, space, runs] = GetParam();
  SOCIOMETER_NEEDS_DATA(data, "bids_trees/fmriprep_ci_outputs");
  const TemporaryFolder folder;
  make_tree(data + "/" + listing + ".txt", folder.path());
  const auto study = index_study(folder.path(), {folder.path()});
  const auto find = [&, &space = space] { return find_runs(study, of_space(space)); };
  if (runs == 0) {
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {"surfaces only", ".func.gii", "--output-spaces"},
                        [&] { find(); }));
    return;
  }
  const auto found = find();
  const Counts c = counts_of(found);
  EXPECT_EQ(c.runs, runs);
  EXPECT_EQ(c.masks, runs);
  EXPECT_EQ(c.confounds, runs);
  for (const auto& run : found.runs) EXPECT_EQ(run.sidecars.size(), 1u) << run.bold;
}

INSTANTIATE_TEST_SUITE_P(
    All, FmriprepVersions,
    ::testing::Values(
        Version{"bcp_nibabies-2026", "native", 1},
        Version{"bcp_nibabies-2026", "MNIInfant:cohort-1", 1},
        Version{"bcp_nibabies-2026", "MNIInfant+1", 1},
        Version{"ds005_fmriprep-20.2.7", "MNI152NLin6Asym", 2},
        Version{"ds005_fmriprep-20.2.7", "T1w", 2}, Version{"ds005_fmriprep-23.2.3", "", 0},
        Version{"ds005_fmriprep-24.1.1", "", 0}, Version{"ds005_fmriprep-25.0.0", "", 0},
        Version{"ds005_fmriprep-25.2.5", "", 0},
        Version{"ds005_partial_fmriprep-20.2.7", "MNI152NLin2009cAsym", 1},
        Version{"ds005_partial_fmriprep-23.2.3", "MNI152NLin2009cAsym", 1},
        Version{"ds005_partial_fmriprep-24.1.1", "MNI152NLin6Asym", 1},
        Version{"ds005_partial_fmriprep-25.0.0", "anat", 1},
        Version{"ds005_partial_fmriprep-25.2.5", "MNI152NLin2009cAsym", 1},
        Version{"ds054_fmriprep-20.2.7", "native", 2},
        Version{"ds054_fmriprep-21.0.4", "MNI152NLin2009cAsym:res-2", 2},
        Version{"ds054_fmriprep-22.1.1", "T1w", 2}, Version{"ds054_fmriprep-23.0.2", "func", 2},
        Version{"ds054_fmriprep-23.2.3", "MNI152NLin2009cAsym", 2},
        Version{"ds054_fmriprep-24.1.1", "native", 2}, Version{"ds054_fmriprep-25.0.0", "T1w", 2},
        Version{"ds054_fmriprep-25.2.5", "MNI152NLin2009cAsym", 2},
        Version{"ds210_fmriprep-20.2.7", "", 1}, Version{"ds210_fmriprep-21.0.4", "", 1},
        Version{"ds210_fmriprep-22.1.1", "", 1}, Version{"ds210_fmriprep-23.0.2", "", 1},
        Version{"ds210_fmriprep-23.2.3", "", 1}, Version{"ds210_fmriprep-24.1.1", "", 1},
        Version{"ds210_fmriprep-25.0.0", "", 1}, Version{"ds210_fmriprep-25.2.5", "", 1}));

}  // namespace
}  // namespace sociometer::testing
