#include "cli/options/report_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/options/bind.hpp"

namespace sociometer::cli {

void add_report_options(CLI::App& c, jobs::ReportRequest& a) {
  c.add_option("out", a.folder,
               "Results of fit, group, roi, learn, clusters or run: their output folder")
      ->required();
  c.add_option("--participant-label", a.participants,
               "Participants whose pages are made, with or without sub- (default: all)")
      ->delimiter(',');
  add_choice(c, "--level", a.level,
             "Pages: all, those of each participant, or that of the study (group)");
  c.add_option("--background", a.background,
               "Image under the maps, in their space (default: mean image, else the mask's "
               "outline)");
  c.add_flag("--series", a.series,
             "Also read the images that were fitted: carpet plots and spectra of residuals");
  c.add_option("-o,--output", a.output, "Folder of the pages (default: OUT/report)");
}

}  // namespace sociometer::cli
