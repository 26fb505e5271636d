#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/roi/dissociation.hpp"

namespace sociometer::cli {

/// How far the designs of the participants tell two signals apart.
struct SignalCollinearity {
  std::string signal, other;
  size_t n = 0;  ///< participants whose table says
  double mean_r = 0, largest_r = 0, largest_vif = 0;
  std::string largest_r_in;
};

/// "t(39) = 4.10, p = .0002, BF10 = 130".
std::string statistics_text(const RegionTestResult& test);
std::string p_text(double p);

/// The analysis in plain words, one sentence a line: what each region follows, the difference
/// between the differences with its figures, the verdict, collinearity, and what speaks against the
/// regions.
std::vector<std::string> dissociation_sentences(const DissociationData& data,
                                                const Dissociation& result,
                                                const DissociationOptions& options,
                                                const std::vector<SignalCollinearity>& collinearity,
                                                const std::map<std::string, std::string>& notes);

/// The verdict on a pair of regions and signals, with the signals in the order that the data give.
std::pair<Verdict, std::string> pair_verdict(const Dissociation& result,
                                             const NamedTest& interaction,
                                             const DissociationOptions& options);

}  // namespace sociometer::cli
