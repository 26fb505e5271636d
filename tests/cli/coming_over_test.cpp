#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <gtest/gtest.h>

#include "io/tables/design_tables.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// Runs `design` for one run of 60 scans at 2 s.
CommandResult make_design_of(const Study& study, const Words& more, const std::string& out) {
  Words words{"design",      "--tr",    "2",  "--n-scans", "60",
              "--log-level", "warning", "-o", study / out};
  words.insert(words.end(), more.begin(), more.end());
  return run_program(words);
}

/// MATLAB cells written by SciPy; exit code 77 if it is not installed.
const std::string kCells = R"(
import sys
try:
    import numpy as np, scipy.io
except ImportError:
    sys.exit(77)
def cell(*parts):
    out = np.empty((1, len(parts)), dtype=object)
    for i, part in enumerate(parts): out[0, i] = part
    return out
)";

/// The same events in each format give the same design: a at 4, 44; b at 24 with amplitude 2.
class OtherEvents : public ::testing::Test {
 protected:
  OtherEvents() {
    write_text(study / "bids.tsv",
               "onset\tduration\ttrial_type\tmodulation\n4\t2\ta\t1\n44\t2\ta\t1\n24\t3\tb\t2\n");
    EXPECT_TRUE(exits_with(make_design_of(study, {"--events", study / "bids.tsv"}, "bids"), 0));
  }
  Study study;
};

TEST_F(OtherEvents, OfFslGiveTheSameDesign) {
  write_text(study / "a.txt", "4 2 1\n44 2 1\n");
  write_text(study / "b.txt", "24 3 2\n");
  EXPECT_TRUE(exits_with(
      make_design_of(study, {"--ev", "a=" + (study / "a.txt"), "b=" + (study / "b.txt")}, "fsl"),
      0));
  EXPECT_TRUE(same_files(study / "bids", study / "fsl", "design.tsv"));
  EXPECT_EQ(read_json(study / "fsl/design.json")["Design"]["Source"], "FSL three-column files");
}

TEST_F(OtherEvents, OfAfniGiveTheSameDesign) {
  write_text(study / "bids2.tsv", "onset\tduration\ttrial_type\n4\t2\ta\n44\t2\ta\n24\t3\tb\n");
  write_text(study / "a.1D", "4 44\n");
  write_text(study / "b.1D", "24:3\n");
  EXPECT_TRUE(exits_with(make_design_of(study, {"--events", study / "bids2.tsv"}, "bids2"), 0));
  EXPECT_TRUE(exits_with(make_design_of(study,
                                        {"--stim-times", "a=" + (study / "a.1D"),
                                         "b=" + (study / "b.1D"), "--stim-duration", "7", "a=2"},
                                        "afni"),
                         0));
  EXPECT_TRUE(same_files(study / "bids2", study / "afni", "design.tsv"));
}

TEST_F(OtherEvents, OfAfniAreModulatedByTheirAmplitudes) {
  write_text(study / "bids2.tsv",
             "onset\tduration\ttrial_type\tamplitude_1\n4\t2\ta\t5\n44\t2\ta\t-1\n80\t2\ta\t2\n");
  write_text(study / "a.1D", "4*5 44*-1 80*2\n");
  const Words times{"--stim-times", "a=" + (study / "a.1D"), "--stim-duration", "2"};
  Words modulated = times;
  modulated.insert(modulated.end(), {"--modulators", "a:amplitude_1"});
  EXPECT_TRUE(exits_with(
      make_design_of(study, {"--events", study / "bids2.tsv", "--modulators", "a:amplitude_1"},
                     "bids2"),
      0));
  EXPECT_TRUE(exits_with(make_design_of(study, modulated, "afni"), 0));
  EXPECT_TRUE(same_files(study / "bids2", study / "afni", "design.tsv"));
  const CommandResult plain = make_design_of(study, times, "plain");
  EXPECT_NE(plain.err.find("amplitudes of 'a' are not used"), std::string::npos) << plain.err;
}

/// With files written by SciPy in SPM's format: the same events, and a modulator.
TEST_F(OtherEvents, OfSpmGiveTheSameDesign) {
  const CommandResult made = run_python(
      kCells +
          R"(pmod = np.zeros((1, 2), dtype=[('name', object), ('param', object), ('poly', object)])
pmod[0, 0] = (cell('rank'), cell(np.array([[1.0], [3.0]])), cell(1.0))
pmod[0, 1] = (cell(), cell(), cell())
scipy.io.savemat(sys.argv[1], dict(names=cell('a', 'b'), onsets=cell(np.array([[4.0, 44.0]]), 24.0),
                                   durations=cell(2.0, 3.0), pmod=pmod))
)",
      {study / "spm.mat"});
  if (made.exit_code != 0) GTEST_SKIP() << "no SciPy";
  write_text(study / "bids2.tsv",
             "onset\tduration\ttrial_type\trank\n4\t2\ta\t1\n44\t2\ta\t3\n24\t3\tb\tn/a\n");
  EXPECT_TRUE(exits_with(make_design_of(study,
                                        {"--events", study / "bids2.tsv", "--modulators", "a:rank",
                                         "--orthogonalise", "serial"},
                                        "bids2"),
                         0));
  EXPECT_TRUE(exits_with(make_design_of(study, {"--events", study / "spm.mat"}, "spm"), 0));
  EXPECT_TRUE(same_files(study / "bids2", study / "spm", "design.tsv"));
  const Json design = read_json(study / "spm/design.json")["Design"];
  EXPECT_EQ(design["Modulators"], Json{"a:rank"});
  EXPECT_EQ(design["ModulatorOrthogonalisation"], "serial");
}

/// Two modulators of a condition: SPM's own setting applies unless overridden.
TEST_F(OtherEvents, OfSpmAreOrthogonalisedAsItsFileAsks) {
  const CommandResult made = run_python(
      kCells +
          R"(pmod = np.zeros((1, 2), dtype=[('name', object), ('param', object), ('poly', object)])
pmod[0, 0] = (cell('rank', 'match'), cell(np.array([1.0, 3.0, 2.0]), np.array([0.0, 1.0, 1.0])),
              cell(1.0, 1.0))
pmod[0, 1] = (cell('x'), cell(np.array([1.0, 5.0])), cell(1.0))
file = dict(names=cell('a', 'b'), onsets=cell(np.array([4.0, 44.0, 80.0]), np.array([14.0, 60.0])),
            durations=cell(2.0, 2.0), pmod=pmod)
scipy.io.savemat(sys.argv[1], file)
scipy.io.savemat(sys.argv[2], dict(file, orth=cell(False, False)))
scipy.io.savemat(sys.argv[3], dict(file, orth=cell(True, False)))
)",
      {study / "spm.mat", study / "no.mat", study / "mixed.mat"});
  if (made.exit_code != 0) GTEST_SKIP() << "no SciPy";
  write_text(study / "bids2.tsv",
             "onset\tduration\ttrial_type\trank\tmatch\tx\n4\t2\ta\t1\t0\tn/a\n"
             "44\t2\ta\t3\t1\tn/a\n80\t2\ta\t2\t1\tn/a\n14\t2\tb\tn/a\tn/a\t1\n"
             "60\t2\tb\tn/a\tn/a\t5\n");
  const auto design = [&](Words words, const Words& more, const std::string& out) {
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_TRUE(exits_with(make_design_of(study, words, out), 0));
    const Json json = read_json(study / (out + "/design.json"))["Design"];
    return json["ModulatorCentering"].get<std::string>() + " " +
           json["ModulatorOrthogonalisation"].get<std::string>();
  };
  const Words table{"--events", study / "bids2.tsv", "--modulators", "a:rank,match", "b:x"},
      centred{"--orthogonalise", "none", "--center", "run"};
  EXPECT_EQ(design(table, {"--center", "none"}, "plain"), "none none");
  EXPECT_EQ(design(table, {"--orthogonalise", "serial"}, "serial"), "run serial");
  EXPECT_EQ(design(table, {}, "centred"), "run none");
  EXPECT_EQ(design({"--events", study / "spm.mat"}, {}, "spm"), "run serial");
  EXPECT_EQ(design({"--events", study / "no.mat"}, {}, "no"), "none none");
  EXPECT_EQ(design({"--events", study / "mixed.mat"}, centred, "asked"), "run none");
  EXPECT_TRUE(fails_with(make_design_of(study, {"--events", study / "mixed.mat"}, "mixed"), 3,
                         {"orth", "--center"}));
  EXPECT_TRUE(same_files(study / "serial", study / "spm", "design.tsv"));
  EXPECT_TRUE(same_files(study / "plain", study / "no", "design.tsv"));
  EXPECT_TRUE(same_files(study / "centred", study / "asked", "design.tsv"));
  EXPECT_FALSE(same_files(study / "centred", study / "spm", "design.tsv"));
}

TEST_F(OtherEvents, AreRefusedWhereFilesAndRunsDiffer) {
  write_text(study / "a.txt", "4 2 1\n44 2 1\n");
  const std::string a = study / "a.txt";
  for (const Words& words :
       {Words{"--ev", "a=" + a + "," + a, "b=" + a}, Words{"--ev", a},
        Words{"--ev", "a=" + a, "a=" + a}, Words{"--ev", "a=" + a, "--stim-times", "b=" + a},
        Words{"--ev", "a=" + a, "--stim-duration", "2"},
        Words{"--stim-times", "b=" + a, "--stim-duration", "c=2"},
        Words{"--stim-times", "b=" + a, "--stim-duration", "-2"},
        Words{"--ev", "a=" + a, "--modulators", "a:x"}})
    EXPECT_TRUE(fails_with(make_design_of(study, words, "out"), 2, {}));
}

/// A design of two columns and a constant in each format.
class OtherDesigns : public ::testing::Test {
 protected:
  OtherDesigns() {
    study.only_one_run();
    study.events.clear();
    const std::string table = ready_design({"EV1", "EV2"}, kStudyScans);
    write_text(study / "d.tsv", table);
    std::istringstream lines(table);
    std::string line;
    std::getline(lines, line);
    vest = "/NumWaves 2\n/NumPoints 60\n/Matrix\n";
    afni =
        "# <matrix\n#  ni_type = \"3*double\"\n#  ni_dimen = \"58\"\n"
        "#  ColumnLabels = \"EV1#0 ; EV2#0 ; Run#1Pol#0\"\n#  GoodList = \"0..9,12..59\"\n"
        "#  NRowFull = \"60\"\n#  GltLabels = \"one-two\"\n"
        "#  GltMatrix_000000 = \"1,3,1,-1,0\"\n# >\n";
    for (int t = 0; std::getline(lines, line); ++t) {
      vest += line.substr(0, line.rfind('\t')) + "\n";
      if (t < 10 || t > 11) afni += line + "\n";
    }
  }
  Words fit_of(const std::string& design, const Words& more) const {
    Words words{"--design", design, "--map-type", "float64", "--noise-model", "ols"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Study study;
  std::string vest, afni;
};

TEST_F(OtherDesigns, OfFslGetAConstantAndTheirContrasts) {
  write_text(study / "design.mat", vest);
  write_text(study / "design.con",
             "/ContrastName1 oneMinusTwo\n/ContrastName2 two\n/NumWaves 2\n"
             "/NumContrasts 2\n/Matrix\n1 -1\n0 1\n");
  write_text(study / "design.fts", "/NumWaves 2\n/NumContrasts 1\n/Matrix\n1 1\n");
  EXPECT_TRUE(
      exits_with(study.fit(fit_of(study / "d.tsv", {"--contrast", "oneMinusTwo=EV1-EV2", "two=EV2",
                                                    "--f-contrast", "f1=EV1-EV2;EV2"}),
                           "tsv"),
                 0));
  EXPECT_TRUE(
      exits_with(study.fit(fit_of(study / "design.mat",
                                  {"--contrasts-file", study / "design.con", study / "design.fts"}),
                           "fsl"),
                 0));
  EXPECT_TRUE(same_files(study / "tsv", study / "fsl", "statmap.nii.gz"));
}

TEST_F(OtherDesigns, OfAfniLeaveOutWhatTheyCensor) {
  write_text(study / "X.xmat.1D", afni);
  EXPECT_TRUE(exits_with(study.fit(fit_of(study / "d.tsv", {"--contrast", "oneMinusTwo=EV1 > EV2",
                                                            "--censor", "10,11"}),
                                   "tsv"),
                         0));
  EXPECT_TRUE(exits_with(
      study.fit(fit_of(study / "X.xmat.1D", {"--contrasts-file", study / "X.xmat.1D"}), "afni"),
      0));
  EXPECT_TRUE(same_files(study / "tsv", study / "afni", "statmap.nii.gz"));
  EXPECT_TRUE(exits_with(
      study.fit(fit_of(study / "X.xmat.1D", {"--contrast", "EV1 > EV2#0"}), "names"), 0));
}

TEST_F(OtherDesigns, OfAfniKeepRunsApart) {
  const size_t at = afni.find("#  GltLabels");
  const std::string two = afni.substr(0, at) + "#  RunStart = \"0,30\"\n" + afni.substr(at);
  write_text(study / "X.xmat.1D", afni);
  write_text(study / "X2.xmat.1D", two);
  const auto fit = [&](const std::string& design, const Words& noise, const std::string& out) {
    Words words{"--design",   study / design, "--contrast",   "EV1 > EV2",
                "--map-type", "float64",      "--noise-model"};
    words.insert(words.end(), noise.begin(), noise.end());
    return study.fit(words, out);
  };
  EXPECT_TRUE(fails_with(fit("X2.xmat.1D", {"ar1"}, "no"), 3, {"RunStart", "0,30", "ar1"}));
  EXPECT_TRUE(fails_with(fit("X2.xmat.1D", {"arma11", "--run-starts", "0", "20"}, "no"), 2,
                         {"0 20", "0 30"}));
  EXPECT_TRUE(fails_with(fit("X.xmat.1D", {"tukey", "--run-starts", "0", "20"}, "no"), 2,
                         {"arma11", "tukey"}));
  EXPECT_TRUE(exits_with(fit("X2.xmat.1D", {"ols"}, "ols"), 0));
  EXPECT_TRUE(exits_with(fit("X.xmat.1D", {"arma11", "--run-starts", "0", "30"}, "given"), 0));
  EXPECT_TRUE(exits_with(fit("X2.xmat.1D", {"arma11"}, "read"), 0));
  EXPECT_TRUE(same_files(study / "given", study / "read", "statmap.nii.gz"));
}

TEST_F(OtherDesigns, WithoutAConstantAreWarnedOf) {
  std::string table = ready_design({"x", "y"}, kStudyScans);
  table.replace(table.find("constant"), 8, "z");
  size_t at = 0;
  while ((at = table.find("\t1\n", at)) != std::string::npos) table.replace(at, 3, "\t0\n");
  write_text(study / "d.tsv", table);
  Words words = study.arguments(fit_of(study / "d.tsv", {"--contrast", "x"}));
  words[2] = "warning";
  const CommandResult result = run_program(words);
  EXPECT_NE(result.err.find("the mean of the signal is not modelled"), std::string::npos)
      << result.err;
}

/// Writes a mask on a study's grid that is 1 from `first` on.
void write_mask(const std::string& path, int first) {
  std::vector<double> values(kStudyVoxels, 0);
  for (int v = first; v < first + 20; ++v) values[size_t(v) % kStudyVoxels] = 1;
  RawNifti mask = raw_series({4, 3, 2, 1}, values);
  mask.dim[0] = 3;
  write_text(path, gzipped(mask.file()));
}

class Masks : public ::testing::Test {
 protected:
  Masks() {
    for (int r : {0, 1}) {
      const std::string stem = study / ("sub-01_task-x_run-" + std::to_string(r + 1) + "_space-Y");
      fs::rename(study.bold[size_t(r)], stem + "_desc-preproc_bold.nii.gz");
      study.bold[size_t(r)] = stem + "_desc-preproc_bold.nii.gz";
      beside.push_back(stem + "_desc-brain_mask.nii.gz");
    }
  }
  CommandResult fit(const Words& mask, const std::string& out,
                    const std::string& level = "info") const {
    Words words{"fit", "--bold"};
    words.insert(words.end(), study.bold.begin(), study.bold.end());
    words.push_back("--events");
    words.insert(words.end(), study.events.begin(), study.events.end());
    words.insert(words.end(), {"--contrast", "a", "--log-level", level, "-o", study / out});
    if (!mask.empty()) words.push_back("--mask");
    words.insert(words.end(), mask.begin(), mask.end());
    return run_program(words);
  }
  Json mask_json(const std::string& out) const {
    return read_json(
        study / (out + "/sub-01/sub-01_task-x_space-Y_contrast-a_stat-t_statmap.json"))["Mask"];
  }
  Study study;
  Words beside;
};

TEST_F(Masks, BesideTheImagesAreFoundAndIntersect) {
  write_mask(beside[0], 0);
  write_mask(beside[1], 2);
  const CommandResult result = fit({}, "found");
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("mask: 18 voxels"), std::string::npos) << result.err;
  EXPECT_EQ(mask_json("found")["Voxels"], 18);
  EXPECT_EQ(mask_json("found")["Files"][1]["Source"], beside[1]);
  EXPECT_TRUE(exits_with(fit({beside[0], beside[1]}, "named"), 0));
  EXPECT_EQ(mask_json("named")["Voxels"], 18);
  EXPECT_TRUE(exits_with(fit({"auto"}, "auto"), 0));
  EXPECT_EQ(mask_json("auto")["Voxels"], 18);
  EXPECT_TRUE(exits_with(fit({"computed"}, "computed"), 0));
  EXPECT_EQ(mask_json("computed")["Voxels"], kStudyVoxels);
}

TEST_F(Masks, OfAnotherPersonOrSpaceAreRefused) {
  for (const char* name : {"sub-02_mask.nii.gz", "sub-01_space-Z_desc-brain_mask.nii.gz"}) {
    write_mask(study / name, 0);
    EXPECT_TRUE(fails_with(fit({study / name}, "out", "error"), 3, {name}));
  }
}

TEST_F(Masks, OfSomeRunsAloneAreNotUsed) {
  write_mask(beside[0], 0);
  EXPECT_TRUE(exits_with(fit({}, "computed"), 0));
  EXPECT_EQ(mask_json("computed")["Voxels"], kStudyVoxels);
  EXPECT_TRUE(fails_with(fit({"auto"}, "out", "error"), 3, {beside[1]}));
  EXPECT_TRUE(fails_with(fit({"auto", beside[0]}, "out", "error"), 2, {"--mask"}));
}

TEST_F(Masks, WithoutACommonVoxelAreRefused) {
  for (int r : {0, 1}) {
    std::vector<double> values(kStudyVoxels, 0);
    values[size_t(r)] = 1;
    RawNifti mask = raw_series({4, 3, 2, 1}, values);
    mask.dim[0] = 3;
    write_text(beside[size_t(r)], gzipped(mask.file()));
  }
  EXPECT_TRUE(fails_with(fit({"auto"}, "out", "error"), 3, {"no voxel in common"}));
}

}  // namespace
}  // namespace sociometer::testing
