#include <algorithm>

#include <gtest/gtest.h>

#include "io/models/model_file.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer {
namespace {

using testing::refuses;
using testing::test_data;

/// A model from a public repository, with what becomes of it.
struct PublicModel {
  const char* file;
  std::vector<std::string> refused_for;  ///< words of the refusal; none: it is read
  std::vector<std::string> said;         ///< words that occur in its notices or warnings
};

const PublicModel kModels[] = {
    {"Inria-Empenn_narps_open_pipelines__model-R9K3.json",
     {},
     {"Conditions of DummyContrasts", "Formula '0 + C(group)'"}},
    {"Inria-Empenn_narps_open_pipelines__model-U26C.json",
     {"ParametricModulations", "/Nodes/0/Model/Software/SPM"},
     {}},
    {"bids-standard_bids-stats-model-schema__model-MoAE.json",
     {},
     {"DoubleGamma", "Software is a list", "Whitening"}},
    {"bids-standard_bids-stats-model-schema__model-narps.json", {}, {"Formula '0 + C(group)'"}},
    {"bids-standard_pybids__ds-005_type-interceptonlyrunlevel_model.json",
     {"PeakDelay", "/Nodes/0/Model/HRF/Parameters"},
     {}},
    {"bids-standard_pybids__ds-005_type-mfx_model.json", {"VarianceComponents", "/Nodes/1"}, {}},
    {"bids-standard_pybids__ds-005_type-test_model.json",
     {"Formula '0 + RT * gain'", "/Nodes/0"},
     {}},
    {"bids-standard_pybids__ds-005_type-testnodummy_model.json",
     {"Formula '0 + RT * gain'", "/Nodes/0"},
     {}},
    {"bids-standard_stats-models__model-example.json", {}, {}},
    {"bids-standard_stats-models__model-walkthrough.json", {}, {}},
    {"demidenm_openneuro_glmfitlins__ds000001-balloonanalogrisktask.json", {}, {"sum to 0.99"}},
    {"demidenm_openneuro_glmfitlins__ds000002-mixedeventrelatedprobe.json",
     {},
     {"\"True\" is read as true"}},
    {"demidenm_openneuro_glmfitlins__ds000005-mixedgamblestask.json", {}, {}},
    {"demidenm_openneuro_glmfitlins__ds001715-dts.json", {"absmotionvcolor", "cancel to 0"}, {}},
    {"demidenm_openneuro_glmfitlins__ds001734-MGT.json", {}, {}},
    {"demidenm_openneuro_glmfitlins__ds002006-Memory.json", {}, {"ReplaceNa"}},
    {"demidenm_openneuro_glmfitlins__ds003481-ec.json", {}, {"sum to -0.01"}},
    {"demidenm_openneuro_glmfitlins__ds003481-verbs.json",
     {"lexicalvprelexical", "4 weights for 3 conditions"},
     {}},
    {"demidenm_openneuro_glmfitlins__ds004920-ugdg.json",
     {"paramdecision", "'Decision_pmod' is not in X"},
     {}},
    {"lobennett_openneuro_glmfitlins__ds000114-linebisection.json",
     {"two contrasts named 'corrtask'"},
     {}},
    {"poldracklab_fitlins__ds000003_model-001.json",
     {},
     {"Conditions of DummyContrasts", "Model has no Type"}},
    {"poldracklab_fitlins__ds000030_model-001.json", {}, {"has Steps", "Type of contrasts"}},
    {"poldracklab_fitlins__ds000114_model-001.json", {"transformations above Run", "/Steps/1"}, {}},
};

bool said(const ModelNotes& notes, const std::string& words) {
  const auto has = [&](const std::string& line) { return line.find(words) != std::string::npos; };
  return std::any_of(notes.notices.begin(), notes.notices.end(), has) ||
         std::any_of(notes.warnings.begin(), notes.warnings.end(), has);
}

TEST(PublicModels, AreReadOrRefusedForTheStatedReason) {
  SOCIOMETER_NEEDS_DATA(folder, "stats_models");
  for (const auto& [file, refused_for, words] : kModels) {
    SCOPED_TRACE(file);
    const std::string path = folder + "/" + file;
    if (!refused_for.empty()) {
      EXPECT_TRUE(refuses(ErrorCode::bad_input, refused_for, [&] { read_model(path); }));
      continue;
    }
    try {
      const ReadModel read = read_model(path);
      EXPECT_FALSE(read.model.nodes.empty());
      EXPECT_EQ(describe(read.model).size(), read.model.nodes.size());
      for (const auto& expected : words) EXPECT_TRUE(said(read.notes, expected)) << expected;
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

}  // namespace
}  // namespace sociometer
