#include "cli/jobs/summary.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/stats/largest_value.hpp"
#include "io/records/map_writer.hpp"

namespace sociometer::jobs {

void Summary::add(std::string name, std::string text) {
  rows_.emplace_back(std::move(name), std::move(text));
}

void Summary::report(Journal& journal, const std::string& folder, const std::string& prefix) const {
  journal.info(title_);
  size_t widest = 0;
  for (const auto& [name, text] : rows_) widest = std::max(widest, name.size());
  for (const auto& [name, text] : rows_)
    journal.info(fmt::format("  {:<{}}  {}", name, widest, text));
  report_written(journal, folder, prefix);
}

void report_written(Journal& journal, const std::string& folder, const std::string& prefix) {
  journal.info(fmt::format("written: {}/{}*", folder, name_prefix(prefix)));
}

std::string peak_text(const Eigen::Ref<const Eigen::VectorXd>& z, const Mask& mask,
                      bool two_sided) {
  const Eigen::Index best = largest_on(two_sided ? ValueSide::both : ValueSide::upper, z);
  if (best < 0) return "no finite z";
  const Eigen::Vector3d at = mask.grid.world(mask.voxels[size_t(best)]);
  // Adding 0 turns -0 into 0.
  return fmt::format("largest {}: z = {:.2f} at ({:.0f}, {:.0f}, {:.0f}) mm",
                     two_sided ? "|z|" : "z", z[best], std::round(at[0]) + 0.,
                     std::round(at[1]) + 0., std::round(at[2]) + 0.);
}

}  // namespace sociometer::jobs
