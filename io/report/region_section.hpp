#pragma once
#include <string>
#include <vector>

#include "io/records/dissociation_record.hpp"
#include "io/records/individual_record.hpp"
#include "io/records/region_values.hpp"
#include "io/records/stored_regions.hpp"
#include "io/report/html.hpp"

namespace sociometer {

/// A record of JSON alone, and where it was found.
template <class Record>
struct FoundFinding {
  std::string path;
  Record record;
};

/// What is known of regions of interest: any part may be empty.
struct RegionFindings {
  std::vector<StoredRegionValues> values;
  std::vector<StoredRegionTests> tests;
  std::vector<FoundFinding<StoredDissociation>> dissociations;
  std::vector<FoundFinding<StoredIndividual>> individuals;
};

/// The part of a report on regions: verdicts as `roi dissociate` wrote them, values of people,
/// tests with their Bayes factors in words, relations to scores. Nothing is judged again.
///
/// Bayes factors get the words of Lee & Wagenmakers 2013 for Jeffreys' grades (evidence_word,
/// engine/roi/mean_figures.hpp): anecdotal to 3, moderate to 10, strong to 30, very strong to 100,
/// extreme beyond; for or against an effect.
ReportSection region_section(const RegionFindings& findings);

/// A Bayes factor in the direction that it favours, and in words; empty for NaN.
struct BayesFactorText {
  std::string figures;  ///< "BF01 = 3.96"
  std::string word;     ///< "moderate"
  std::string words;    ///< "moderate evidence of no effect"
};
BayesFactorText bayes_factor_text(double bf10);
/// "BF10 = 24.7, strong evidence of an effect"; empty for NaN.
std::string bayes_factor_words(double bf10);

}  // namespace sociometer
