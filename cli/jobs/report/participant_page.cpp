#include "cli/jobs/report/participant_page.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "cli/jobs/report/map_parts.hpp"
#include "cli/jobs/report/page_parts.hpp"
#include "cli/jobs/report/participant_data.hpp"
#include "cli/jobs/report/participant_series.hpp"
#include "cli/jobs/report/reported_maps.hpp"
#include "io/report/figures_in_text.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// The name of a contrast's run, as in a design's: the one at this position.
std::vector<std::pair<std::string, std::vector<std::vector<double>>>> weights_in(
    const FoundFirstLevel& analysis, size_t run) {
  std::vector<std::pair<std::string, std::vector<std::vector<double>>>> out;
  for (const auto& contrast : analysis.contrasts)
    if (contrast.contrast && contrast.contrast->runs && run < contrast.contrast->runs->size() &&
        (*contrast.contrast->runs)[run].weights)
      out.emplace_back(contrast.name, *(*contrast.contrast->runs)[run].weights);
  return out;
}

class ParticipantPage {
 public:
  ParticipantPage(const FoundResults& found, const std::string& participant,
                  const std::string& home, const PageContext& context)
      : context_(context), participant_(participant), home_(home) {
    for (const auto& one : found.first_levels)
      if (one.participant == participant) add(one);
    for (const auto& record : found.records)
      if (is_ours(record.path)) records_.push_back(record);
    if (const auto at = found.failures.find(participant); at != found.failures.end())
      failures_ = at->second;
  }

  MadePage page() {
    ReportPage page;
    const std::string name = participant_.empty() ? "One participant" : participant_;
    page.title = name + " - first level";
    page.heading = name + ": first level";
    page.subtitle = "Results in " + context_.study;
    if (!home_.empty())
      page.lead = html_paragraph(html_element("a", {{"href", home_}}, Html::text("To the group")));
    // The summary counts what the other parts could not read.
    std::vector<ReportSection> after{model(), design(), data(), results()};
    add_viewer(page, after);
    after.push_back(methods_section(records_, faults_));
    after.push_back(records_section(records_, all_faults(), context_.folder));
    return {complete(std::move(page), summary(), std::move(after)), faults_};
  }

 private:
  void add(const FoundFirstLevel& found) {
    ParticipantAnalysis one;
    one.found = &found;
    one.id = fmt::format("analysis-{}", analyses_.size() + 1);
    one.designs = reported_designs(found, faults_);
    if (const auto mask = found.maps.find("mask"); mask != found.maps.end())
      one.mask = attempt(faults_, [&] { return NamedMask{read_mask(mask->second), mask->second}; });
    for (const auto& contrast : found.contrasts)
      if (auto findings = attempt(faults_, [&] {
            return first_level_findings(contrast, one.mask ? &*one.mask : nullptr);
          }))
        one.contrasts.push_back(std::move(*findings));
    give_anatomy(one);
    analyses_.push_back(std::move(one));
  }

  /// The image under the maps: as requested, else a mean image that fit saved.
  void give_anatomy(ParticipantAnalysis& one) {
    const auto& maps = one.found->maps;
    if (!one.mask && one.contrasts.empty()) return;
    std::string background = context_.background;
    std::string name = fs::path(background).filename().string();
    for (const char* saved : {"stat-mean", "run-1_stat-mean"})
      if (const auto at = maps.find(saved); background.empty() && at != maps.end()) {
        background = at->second;
        name = "mean image";
      }
    const Image* image = nullptr;
    if (!background.empty())
      if (const auto read = attempt(faults_, [&] { return &shown_image(one, background); }))
        image = *read;
    one.anatomy =
        anatomy_of(one.mask ? one.mask->mask : one.contrasts.front().map.mask, image, name);
  }

  bool is_ours(const std::string& path) const {
    return std::any_of(analyses_.begin(), analyses_.end(), [&](const ParticipantAnalysis& one) {
      return path.starts_with(one.found->stem) &&
             path.find('/', one.found->stem.size()) == std::string::npos;
    });
  }

  /// Also of records that could not be read at all, if they are of this participant.
  Warnings all_faults() const {
    Warnings all = faults_;
    for (const auto& fault : context_.faults)
      if (home_.empty() ||
          std::any_of(analyses_.begin(), analyses_.end(), [&](const ParticipantAnalysis& one) {
            return fault.find(one.found->stem) != std::string::npos;
          }))
        all.push_back(fault);
    return all;
  }

  bool several() const { return analyses_.size() > 1; }
  Html title_of(const ParticipantAnalysis& one) const {
    return several() ? html_heading(3, one.found->title) : Html();
  }
  std::string prefixed(const ParticipantAnalysis& one, const std::string& text) const {
    return several() ? one.found->title + ": " + text : text;
  }

  ReportSection summary() {
    std::vector<Glance> glances{model_glance(), design_glance(), data_glance(),
                                found_glance(), trust_glance(),  cite_glance()};
    return {"summary", "At a glance", glance_part(glances)};
  }

  Glance model_glance() const {
    Glance glance{"What was modelled?", Standing::none, "", {}, "model"};
    for (const ParticipantAnalysis& one : analyses_) {
      std::vector<std::string> names;
      for (const auto& contrast : one.found->contrasts) names.push_back(contrast.name);
      std::string text;
      if (one.found->fit) {
        const FitRecord& fit = *one.found->fit;
        long scans = 0;
        double dof = 0;
        for (const FitRun& run : fit.runs) {
          scans += run.scans.scans;
          dof += run.dof;
        }
        text = fmt::format("{} with {} in all, {:g} residual degrees of freedom, noise model {}",
                           counted(long(fit.runs.size()), "run"), counted(scans, "scan"), dof,
                           fit.noise.model);
      }
      if (!text.empty()) glance.figures.push_back(prefixed(one, text + "."));
      glance.figures.push_back(prefixed(
          one, names.empty() ? "No contrasts."
                             : fmt::format("{}: {}.", counted(long(names.size()), "contrast"),
                                           fmt::join(names, ", "))));
    }
    return glance;
  }

  Glance design_glance() const {
    Glance glance{"Is the design sound?", Standing::none, "not known", {}, "design"};
    bool any = false, sound = true;
    for (const ParticipantAnalysis& one : analyses_) {
      if (one.designs.empty()) continue;
      const DesignFindings f = design_findings(one.designs);
      any |= f.judges();
      sound &= f.is_sound();
      for (const auto& text : sentences_of(f)) glance.figures.push_back(prefixed(one, text));
    }
    if (any) {
      glance.standing = sound ? Standing::good : Standing::look;
      glance.word = sound ? "within the limits" : "look at this";
    } else {
      glance.figures.push_back(
          "There is no record of a design (design.json) with columns of a task to judge.");
    }
    return glance;
  }

  Glance data_glance() const {
    Glance glance{"Are the data sound?", Standing::none, "not known", {}, "data"};
    bool any = false, sound = true;
    for (const ParticipantAnalysis& one : analyses_) {
      if (!one.found->fit) continue;
      any = true;
      const DataFindings data = data_findings(*one.found->fit);
      sound &= data.is_sound();
      glance.figures.push_back(prefixed(
          one, fmt::format("{} of {} without statistics; the limit is {:g} %.", data.failed,
                           counted(data.voxels, "voxel"), 100 * kMostFailed)));
      glance.figures.push_back(prefixed(
          one, fmt::format("{} of {} censored, at most {:.0f} % of a run; the limit is {:g} %.",
                           data.censored, counted(data.scans, "scan"), 100 * data.most_censored,
                           100 * kMostCensored)));
    }
    if (any) {
      glance.standing = sound ? Standing::good : Standing::look;
      glance.word = sound ? "within the limits" : "look at this";
    } else {
      glance.figures.push_back("There is no record of a fit (estimates.json).");
    }
    return glance;
  }

  Glance found_glance() const {
    Glance glance{"What was found?", Standing::none, "", {}, "results"};
    for (const ParticipantAnalysis& one : analyses_)
      for (const auto& f : one.contrasts)
        glance.figures.push_back(prefixed(one, f.name + ": " + sentence_of(f)));
    if (glance.figures.empty()) glance.figures.push_back("No contrast has a map here.");
    return glance;
  }

  Glance trust_glance() const {
    Glance glance{"Can I trust it?", Standing::none, "", {}, "records"};
    if (const size_t n = all_faults().size(); n > 0) {
      glance.standing = Standing::bad;
      glance.word = "incomplete";
      glance.figures.push_back(
          fmt::format("{} could not be read: see below.", counted(long(n), "file")));
    }
    for (const std::string& failure : failures_) {
      glance.standing = Standing::bad;
      glance.word = "failed";
      glance.figures.push_back(
          "The last run failed here, so maps below may be of an earlier one: " + failure);
    }
    for (const ParticipantAnalysis& one : analyses_) {
      if (!one.found->fit) continue;
      for (const auto& contrast : one.found->contrasts) {
        if (!contrast.contrast || !contrast.contrast->runs) continue;
        for (const auto& run : *contrast.contrast->runs)
          if (!run.used)
            glance.figures.push_back(
                prefixed(one, fmt::format("{} has no part of {}: {}", run.run, contrast.name,
                                          run.reason.value_or("no reason"))));
      }
    }
    glance.figures.push_back(
        "Results of one participant; what holds of people is on the group's page.");
    return glance;
  }

  ReportSection model() {
    ReportSection section{"model", "Model and contrasts", {}};
    for (const ParticipantAnalysis& one : analyses_) {
      section.body += title_of(one) + facts_of_fit(*one.found);
      if (one.found->fit)
        section.body += runs_table(*one.found->fit, one.id + "-runs");
      else
        section.body += html_missing(
            "There is no estimates.json, which lists the runs: fit writes it unless "
            "--no-estimates is given.");
      section.body += contrasts_table(one);
    }
    return section;
  }

  Html contrasts_table(const ParticipantAnalysis& one) const {
    if (one.found->contrasts.empty()) return {};
    HtmlTable table;
    table.id = one.id + "-contrast-list";
    table.caption = "Contrasts";
    table.file_name = "contrasts.tsv";
    table.columns = {{"contrast", false, ""},
                     {"test", false, ""},
                     {"expression", false, ""},
                     {"dof", false, "degrees of freedom"},
                     {"runs", false, "that it was computed in"}};
    for (const auto& contrast : one.found->contrasts) {
      std::string test, expression, dof, runs;
      if (const auto& c = contrast.contrast) {
        test = c->test;
        if (c->expressions) expression = fmt::format("{}", fmt::join(*c->expressions, "; "));
        if (c->dof)
          dof = c->dof->least == c->dof->most
                    ? fmt::format("{:g}", c->dof->least)
                    : fmt::format("{:g} to {:g}", c->dof->least, c->dof->most);
        if (c->numerator_dof) dof = fmt::format("{:g}, {}", *c->numerator_dof, dof);
        if (c->runs)
          runs = fmt::format("{} of {}",
                             std::count_if(c->runs->begin(), c->runs->end(),
                                           [](const auto& run) { return run.used; }),
                             c->runs->size());
      }
      table.rows.push_back({{contrast.name, "", {}, {}},
                            {test, "", {}, {}},
                            {expression, "", {}, {}},
                            {dof, "", {}, {}},
                            {runs, "", {}, {}}});
    }
    return html_table(table);
  }

  ReportSection design() {
    ReportSection section{"design", "Design", {}};
    for (const ParticipantAnalysis& one : analyses_) {
      section.body += title_of(one);
      if (one.designs.empty())
        section.body += html_missing("There is no record of the design (design.json) here.");
      else
        section.body += design_parts(one.designs, one.id + "-design");
    }
    return section;
  }

  ReportSection data() {
    ReportSection section{"data", "Data", {}};
    for (ParticipantAnalysis& one : analyses_) {
      section.body += title_of(one);
      section.body += data_parts(one, faults_);
      if (context_.series)
        section.body += series_parts(one, faults_);
      else
        section.body += html_missing(
            "Carpet plots and spectra of residuals need the images that were fitted: report "
            "--series.");
    }
    return section;
  }

  ReportSection results() {
    ReportSection section{"results", "Results", {}};
    section.body += html_paragraph(
        "First-level maps are not results about people. They are shown at thresholds of this page, "
        "which are no one's decision.");
    bool any = false;
    for (const ParticipantAnalysis& one : analyses_) {
      section.body += title_of(one);
      for (const auto& f : one.contrasts) {
        const std::string id = one.id + "-" + f.id;
        section.body += contrast_part(f, id, ViewerPart::is_there() ? id : "",
                                      one.anatomy ? map_part(f, *one.anatomy, id) : Html());
        any = true;
      }
    }
    if (!any)
      section.body += html_missing(
          "There are no maps of contrasts here: give fit --contrast, or make some from "
          "estimates.h5 "
          "with contrast.");
    return section;
  }

  void add_viewer(ReportPage& page, std::vector<ReportSection>& sections) const {
    if (!ViewerPart::is_there()) return;
    std::optional<ViewerPart> viewer;
    for (const ParticipantAnalysis& one : analyses_)
      for (const auto& f : one.contrasts) {
        if (!one.anatomy) continue;
        if (!viewer) viewer.emplace(*one.anatomy);
        viewer->add(f, one.id + "-" + f.id);
      }
    if (!viewer) return;
    sections.push_back(viewer->section());
    viewer->give_script(page);
  }

  const PageContext& context_;
  std::string participant_, home_;
  std::vector<ParticipantAnalysis> analyses_;
  std::vector<FoundRecord> records_;
  Warnings faults_;
  std::vector<std::string> failures_;  ///< of jobs of this participant
};

}  // namespace

std::vector<ReportedDesign> reported_designs(const FoundFirstLevel& analysis, Warnings& faults) {
  std::vector<ReportedDesign> out;
  for (size_t r = 0; r < analysis.designs.size(); ++r) {
    const FoundDesign& found = analysis.designs[r];
    ReportedDesign design;
    design.title = found.run;
    design.record = found.record;
    // Runs of the fit and of contrasts are matched by position, which needs all designs.
    if (analysis.fit && analysis.fit->runs.size() == analysis.designs.size()) {
      design.weights = weights_in(analysis, r);
      design.tr_s = analysis.fit->runs[r].tr_s.value_or(0);
    }
    const std::string table = fs::path(found.path).replace_extension(".tsv").string();
    if (const auto matrix = attempt(faults, [&] { return read_design(table); }))
      design.values = matrix->values;
    out.push_back(std::move(design));
  }
  return out;
}

MadePage participant_page(const FoundResults& found, const std::string& participant,
                          const std::string& home, const PageContext& context) {
  return ParticipantPage(found, participant, home, context).page();
}

}  // namespace sociometer::jobs
