#include "engine/roi/study_regions.hpp"

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr auto kStated = Knowledge::stated;
constexpr auto kInferred = Knowledge::inferred;
constexpr auto kUnknown = Knowledge::unknown;

const char* const kNoReliableDacc =
    "Mwilambwe-Tshilobo & Spreng 2021 (53 studies) find no reliable dACC in exclusion";
const char* const kTenMm = "10 mm: radius or diameter is not clear from the source";
const char* const kOurRadius = "the radius is a default of ours";
const char* const kRadiusOfStriatum = "the radius is taken from the same study's striatal spheres";
const char* const kAccumbens =
    "median of published social-learning peaks inside accumbens (147-study review)";

std::vector<StudyRegion> make_regions() {
  using enum RegionRole;
  return {
      {"dACC",
       {8, 24, 24},
       10,
       rejection,
       "Babür 2024",
       kStated,
       kUnknown,
       std::string(kTenMm) + "; " + kNoReliableDacc},
      {"vACC", {4, 36, -4}, 10, rejection, "Babür 2024", kStated, kUnknown, kTenMm},
      {"ventralStriatumL",
       {-12, 15, -6},
       6,
       reward,
       "Bartra 2013 as used in eLife 26653",
       kStated,
       kStated,
       ""},
      {"ventralStriatumR",
       {12, 15, -6},
       6,
       reward,
       "Bartra 2013 as used in eLife 26653",
       kStated,
       kStated,
       ""},
      {"accumbensL", {-10, 10, -8}, 6, reward, kAccumbens, kInferred, kUnknown, kOurRadius},
      {"accumbensR", {10, 12, -8}, 6, reward, kAccumbens, kInferred, kUnknown, kOurRadius},
      {"anteriorInsulaL",
       {-32, 22, -6},
       6,
       rejection,
       "Seeley 2007 as used in eLife 26653",
       kStated,
       kInferred,
       kRadiusOfStriatum},
      {"anteriorInsulaR",
       {32, 22, -6},
       6,
       rejection,
       "Seeley 2007 as used in eLife 26653",
       kStated,
       kInferred,
       kRadiusOfStriatum},
      {"rejectionInsulaL", {-44, 11, 9}, 10, rejection, "Will 2017", kStated, kUnknown, kOurRadius},
      {"vlPFCL", {-36, 20, -18}, 10, rejection, "Cooper 2014", kStated, kUnknown, kOurRadius},
      {"vlPFCR", {53, 32, 1}, 10, rejection, "Charpentier 2019", kStated, kUnknown, kOurRadius},
      {"vmPFCL",
       {-6, 45, -9},
       6,
       control,
       "Bartra 2013 as used in eLife 26653",
       kStated,
       kInferred,
       kRadiusOfStriatum},
      {"vmPFCR",
       {6, 45, -9},
       6,
       control,
       "Bartra 2013 as used in eLife 26653",
       kStated,
       kInferred,
       kRadiusOfStriatum},
      {"TPJR",
       {54, -48, 28},
       10,
       control,
       "median of 60 published peaks",
       kInferred,
       kUnknown,
       kOurRadius},
  };
}

}  // namespace

std::string to_string(Knowledge knowledge) {
  return knowledge == kStated ? "stated" : knowledge == kInferred ? "inferred" : "unknown";
}

std::string to_string(RegionRole role) {
  return role == RegionRole::reward      ? "reward"
         : role == RegionRole::rejection ? "rejection"
                                         : "control";
}

const std::vector<StudyRegion>& study_regions() {
  static const std::vector<StudyRegion> regions = make_regions();
  return regions;
}

const StudyRegion& study_region(const std::string& name) {
  std::string known;
  for (const auto& region : study_regions()) {
    if (region.name == name) return region;
    known += (known.empty() ? "" : ", ") + region.name;
  }
  fail(ErrorCode::usage, "unknown region '{}'; known: {}", name, known);
}

}  // namespace sociometer
