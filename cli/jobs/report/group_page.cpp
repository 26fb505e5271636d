#include "cli/jobs/report/group_page.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "cli/jobs/report/map_parts.hpp"
#include "cli/jobs/report/page_parts.hpp"
#include "cli/jobs/report/read_behaviour.hpp"
#include "cli/jobs/report/read_influence.hpp"
#include "cli/jobs/report/read_regions.hpp"
#include "cli/jobs/report/reported_maps.hpp"
#include "cli/jobs/report/signal_pairs.hpp"
#include "cli/jobs/report/viewer_regions.hpp"
#include "io/images/nifti.hpp"
#include "io/report/data_pictures.hpp"
#include "io/report/figures_in_text.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// Kinds of records that are about all participants, beside those of group analyses.
constexpr RecordKind kOfStudies[] = {
    RecordKind::region_values,       RecordKind::region_tests,
    RecordKind::dissociation,        RecordKind::individual,
    RecordKind::learning_comparison, RecordKind::learning_parameters,
    RecordKind::stay_switch,         RecordKind::ratings};

struct GroupAnalysisParts {
  const FoundGroup* found = nullptr;
  std::string id;
  std::vector<ContrastFindings> contrasts;
  std::optional<Anatomy> anatomy;  ///< none without maps
};

class GroupPage {
 public:
  GroupPage(const FoundResults& found,
            const std::vector<std::pair<std::string, std::string>>& participants,
            const PageContext& context)
      : found_(found), people_(participants), context_(context) {
    for (const auto& group : found.groups) add(group);
    influence_ = read_influence(found.groups, faults_);
    regions_ = read_regions(found.records, faults_);
    behaviour_ = read_behaviour(found.records, faults_);
    for (const auto& record : found.records)
      if (!is_of_participant(record)) records_.push_back(record);
  }

  MadePage page() {
    ReportPage page;
    page.title = context_.study + " - report";
    page.heading = context_.study;
    page.subtitle = "Report of the study's results";
    // Answers first, then what they rest on.
    std::vector<ReportSection> after;
    if (!analyses_.empty()) after.push_back(results());
    add_viewer(page, after);
    if (regions_) after.push_back(region_section(*regions_));
    if (behaviour_) after.push_back(behaviour_section(*behaviour_));
    if (!found_.other_clusters.empty()) after.push_back(other_tables());
    after.push_back(model());
    if (!analyses_.empty()) after.push_back(data());
    if (!influence_.empty()) after.push_back(influence_section(influence_));
    if (!people_.empty()) after.push_back(participants());
    after.push_back(methods_section(all_analyses(), faults_));
    after.push_back(records_section(records_, all_faults(), context_.folder));
    return {complete(std::move(page), summary(), std::move(after)), faults_};
  }

 private:
  void add(const FoundGroup& group) {
    GroupAnalysisParts one;
    one.found = &group;
    one.id = fmt::format("group-{}", analyses_.size() + 1);
    for (const auto& contrast : group.contrasts)
      if (auto f = attempt(faults_, [&] { return group_findings(group, contrast); })) {
        if (!group.title.empty() && f->name != group.title) f->name = group.title + ": " + f->name;
        one.contrasts.push_back(std::move(*f));
      }
    if (!one.contrasts.empty())
      one.anatomy = anatomy_of(one.contrasts.front().map.mask, background(),
                               fs::path(context_.background).filename().string());
    analyses_.push_back(std::move(one));
  }

  /// The image that was given to lie under the maps, read once; null without one.
  const Image* background() {
    if (context_.background.empty()) return nullptr;
    if (!background_)
      background_ = attempt(faults_, [&] { return read_nifti(context_.background); });
    return background_ ? &*background_ : nullptr;
  }

  Warnings all_faults() const {
    Warnings all = context_.faults;
    all.insert(all.end(), faults_.begin(), faults_.end());
    return all;
  }

  bool is_of_participant(const FoundRecord& record) const {
    if (!record.header) return true;
    const RecordKind kind = record.header->kind;
    return kind == RecordKind::map || kind == RecordKind::fit || kind == RecordKind::design ||
           kind == RecordKind::study_job || kind == RecordKind::study_result ||
           kind == RecordKind::group_map || kind == RecordKind::region_mask ||
           kind == RecordKind::learning_signals;
  }
  /// For the methods text, including first levels.
  std::vector<FoundRecord> all_analyses() const {
    std::vector<FoundRecord> records;
    for (const auto& record : found_.records)
      if (record.header && record.header->kind != RecordKind::study_job &&
          record.header->kind != RecordKind::study_result)
        records.push_back(record);
    return records;
  }
  std::string name_of_group(const FoundGroup& group) const {
    if (!group.title.empty()) return group.title;
    return fs::path(group.path).parent_path().filename().string();
  }

  /// The smallest p that a record's shuffles can give. All sign flips come in pairs of equal |t|.
  static double least_p(const PermutationRecord& p) {
    const bool mirrored = p.sided == "two" && p.exhaustive && p.scheme.find("sign") == 0;
    return (mirrored ? 2.0 : 1.0) / double(p.shuffles);
  }

  ReportSection summary() {
    const std::vector<Glance> glances{model_glance(), data_glance(), found_glance(), trust_glance(),
                                      cite_glance()};
    return {"summary", "At a glance", glance_part(glances)};
  }

  Glance model_glance() const {
    Glance glance{"What was modelled?", Standing::none, "", {}, "model"};
    for (const GroupAnalysisParts& one : analyses_) {
      const GroupRecord& r = one.found->record;
      glance.figures.push_back(
          fmt::format("{}: {}, method {}, columns {}.", name_of_group(*one.found),
                      counted(r.model.participants, "participant"), r.model.method,
                      fmt::join(r.model.design_columns, ", ")));
    }
    if (glance.figures.empty()) glance.figures.push_back("There is no group analysis here.");
    return glance;
  }

  Glance data_glance() const {
    Glance glance{
        "Are the data sound?", Standing::none, "", {}, people_.empty() ? "" : "participants"};
    long designs = 0, beyond = 0, beyond_limits = 0, fits = 0;
    for (const auto& one : found_.first_levels) {
      for (const auto& design : one.designs) {
        ReportedDesign reported;
        reported.record = design.record;
        ++designs;
        beyond += !design_findings({reported}).is_sound();
      }
      if (!one.fit) continue;
      ++fits;
      beyond_limits += !data_findings(*one.fit).is_sound();
    }
    if (designs > 0)
      glance.figures.push_back(
          fmt::format("{} of {} with a contrast that cannot be estimated, a column that others "
                      "explain, or collinearity beyond the limits.",
                      beyond, counted(designs, "first-level design")));
    if (fits > 0)
      glance.figures.push_back(fmt::format(
          "{} of {} with more than {:g} % of the voxels without statistics, or more than {:g} % of "
          "a run's scans censored.",
          beyond_limits, counted(fits, "fit"), 100 * kMostFailed, 100 * kMostCensored));
    if (designs + fits > 0) {
      glance.standing = beyond + beyond_limits > 0 ? Standing::look : Standing::good;
      glance.word = beyond + beyond_limits > 0 ? "look at this" : "within the limits";
    } else {
      glance.word = "not known";
      glance.figures.push_back("There are no first-level records below this folder.");
    }
    return glance;
  }

  Glance found_glance() const {
    Glance glance{"What was found?", Standing::none, "", {}, analyses_.empty() ? "" : "results"};
    for (const GroupAnalysisParts& one : analyses_)
      for (const auto& f : one.contrasts) glance.figures.push_back(f.name + ": " + sentence_of(f));
    if (regions_)
      for (const auto& found : regions_->dissociations)
        for (const auto& analysis : found.record.analyses)
          for (const auto& pair : analysis.interactions)
            glance.figures.push_back(pair.verdict.sentence);
    if (glance.figures.empty()) glance.figures.push_back("No contrast has a map here.");
    return glance;
  }

  Glance trust_glance() const {
    Glance glance{"Can I trust it?", Standing::none, "", {}, "records"};
    if (const size_t n = all_faults().size(); n > 0) {
      glance.standing = Standing::bad;
      glance.word = "incomplete";
      glance.figures.push_back(
          fmt::format("{} could not be read or shown: see below.", counted(long(n), "part")));
    }
    for (const auto& [participant, reasons] : found_.failures)
      for (const std::string& reason : reasons) {
        glance.standing = Standing::bad;
        if (glance.word.empty()) glance.word = "incomplete";
        glance.figures.push_back("Failed in the last run: " + reason);
      }
    for (const GroupAnalysisParts& one : analyses_)
      for (const auto& f : one.contrasts)
        if (!f.corrected)
          glance.figures.push_back(
              f.threshold_words.empty()
                  ? f.name + ": no map is corrected for the number of voxels."
                  : f.name + ": the map is at " + f.threshold_words +
                        ", not corrected for the number of voxels; corrected p are in its table.");
    for (const InfluenceFindings& one : influence_) {
      long apart = 0, carried = 0;
      for (const auto& person : one.influence.participants) {
        apart += person.far_away;
        carried += person.peak_lost;
      }
      if (apart + carried > 0)
        glance.figures.push_back(
            fmt::format("{}: {} apart from the others, {} without whom the peak is lost.",
                        one.title, counted(apart, "participant"), carried));
    }
    for (const GroupAnalysisParts& one : analyses_)
      for (const auto& c : one.found->record.contrasts) {
        if (!c.permutation) continue;
        const double alpha = one.found->record.clusters.alpha, least = least_p(*c.permutation);
        if (least > alpha)
          glance.figures.push_back(fmt::format(
              "{}: the smallest p that {} {} ({}-sided) can give is {:.3g}, above {:g}.",
              name_of_group(*one.found), c.permutation->shuffles, c.permutation->scheme,
              c.permutation->sided, least, alpha));
      }
    if (glance.figures.empty()) glance.figures.push_back("All records could be read.");
    return glance;
  }

  ReportSection model() {
    ReportSection section{"model", "Models and contrasts", {}};
    for (const GroupAnalysisParts& one : analyses_) {
      const GroupRecord& r = one.found->record;
      section.body += html_heading(3, name_of_group(*one.found));
      section.body += html_facts(
          {{"Method", Html::text(r.model.method)},
           {"Participants", Html::text(std::to_string(r.model.participants))},
           {"Columns of the design",
            Html::text(fmt::format("{}", fmt::join(r.model.design_columns, ", ")))},
           {"Minimum participants per voxel", Html::text(std::to_string(r.model.min_participants))},
           {"Clusters formed at",
            Html::text(fmt::format("uncorrected p {:g}, {} neighbours", r.clusters.forming_p,
                                   r.clusters.connectivity))}});
      section.body += contrasts_of_group(r, one.id + "-contrast-list");
    }
    if (analyses_.empty())
      section.body +=
          html_missing("There is no group analysis below this folder: group makes one.");
    return section;
  }

  ReportSection results() {
    ReportSection section{"results", "Results", {}};
    section.body += signals();
    section.body += side_by_side();
    for (const GroupAnalysisParts& one : analyses_)
      for (const auto& f : one.contrasts) section.body += result(one, f);
    return section;
  }

  const Anatomy* anatomy() const {
    for (const GroupAnalysisParts& one : analyses_)
      if (one.anatomy) return &*one.anatomy;
    return nullptr;
  }

  /// The signals of the study's question, before anything else.
  Html signals() {
    Html out;
    if (!regions_ || !anatomy()) return out;
    std::vector<GroupMapFindings> maps;
    for (const GroupAnalysisParts& one : analyses_)
      for (const auto& f : one.contrasts) maps.push_back({one.found, &f});
    size_t n = 0;
    for (const SignalPair& pair : signal_pairs(found_, *regions_, maps)) {
      out += signal_pair_part(pair, *anatomy(), fmt::format("signals-{}", ++n));
      for (const ContrastFindings* f : {pair.first, pair.second, pair.difference})
        if (f) in_pairs_.insert(f);
    }
    return out;
  }

  /// Contrasts at the same slices, if there are any that signals() does not show.
  Html side_by_side() const {
    std::vector<const ContrastFindings*> all;
    for (const GroupAnalysisParts& one : analyses_)
      for (const auto& f : one.contrasts) all.push_back(&f);
    if (!anatomy() || all.size() == in_pairs_.size()) return {};
    return comparison_part(all, *anatomy(), "side-by-side");
  }

  static Html result(const GroupAnalysisParts& one, const ContrastFindings& f) {
    const std::string id = one.id + "-" + f.id;
    return contrast_part(f, id, ViewerPart::is_there() ? id : "",
                         one.anatomy ? map_part(f, *one.anatomy, id) : Html());
  }

  /// The map of the number of participants with a value, which is written unless all have one
  /// everywhere; empty without it.
  static std::string coverage_map(const FoundGroup& group) {
    for (const auto& [key, path] : group.maps)
      if (key == "stat-n" || key.ends_with("_stat-n")) return path;
    return "";
  }
  /// How many participants have a value where.
  ReportSection data() {
    ReportSection section{"data", "Data", {}};
    for (const GroupAnalysisParts& one : analyses_) {
      section.body += html_heading(3, name_of_group(*one.found));
      const std::string map = coverage_map(*one.found);
      if (!map.empty() && !one.anatomy)
        section.body += html_missing(
            "Not all participants have a value at every voxel, and there is no map of a contrast "
            "on whose mask their number could be drawn.");
      else if (map.empty())
        section.body += html_paragraph(
            fmt::format("All {} have a value at every voxel that was analysed.",
                        counted(one.found->record.model.participants, "participant")));
      else
        attempt(faults_, [&] {
          section.body += coverage(one, map);
          return true;
        });
    }
    return section;
  }

  static Html coverage(const GroupAnalysisParts& one, const std::string& path) {
    const Image image = read_nifti(path);
    DataMap map;
    map.title = "Participants with a value";
    map.values = {image.header.grid, image.values.col(0).cast<float>()};
    for (float& n : map.values.values)
      if (!(n > 0)) n = std::nanf("");
    map.unit = "participants";
    map.whole_numbers = true;
    map.high = double(one.found->record.model.participants);
    map.poor = double(one.found->record.model.min_participants) - 1;
    const std::string id = one.id + "-coverage";
    return html_figure(id, draw_data_map(map, *one.anatomy, id + "-map"),
                       "Slices of the number of participants with a value",
                       "Participants with a value at each voxel.");
  }

  void add_viewer(ReportPage& page, std::vector<ReportSection>& sections) {
    if (!ViewerPart::is_there()) return;
    std::optional<ViewerPart> viewer;
    for (const GroupAnalysisParts& one : analyses_)
      for (const auto& f : one.contrasts) {
        if (!viewer && one.anatomy) viewer.emplace(*one.anatomy);
        if (!viewer) continue;
        viewer->add(f, one.id + "-" + f.id);
      }
    if (!viewer) return;
    if (regions_)
      if (auto regions = viewer_regions(found_.records, regions_in_question(*regions_), faults_))
        viewer->add_regions(regions->labels, std::move(regions->names));
    sections.push_back(viewer->section());
    viewer->give_script(page);
  }

  ReportSection other_tables() {
    ReportSection section{"thresholded", "Other thresholded maps", {}};
    size_t n = 0;
    for (const auto& [path, record] : found_.other_clusters) {
      const std::string id = fmt::format("thresholded-{}", ++n);
      const std::string name = fs::path(path).filename().string();
      attempt(faults_, [&, file = path, of = record] {
        const Table table = read_table(file);
        std::vector<std::pair<std::string, std::string>> columns = of.columns;
        section.body += html_heading(3, name);
        if (of.map) section.body += html_paragraph("Of the map " + *of.map + ".");
        section.body += cluster_table(
            table, columns, id,
            fmt::format("Clusters by the rule {} {:g}, {}-sided.", of.group ? "p" : of.search.rule,
                        of.group ? of.group->rule.forming_p : of.search.level, of.sided()),
            name, "");
        return true;
      });
    }
    return section;
  }

  ReportSection participants() const {
    ReportSection section{"participants", "Participants", {}};
    HtmlTable table;
    table.id = "participant-list";
    table.caption = "First levels; each name leads to the participant's page";
    table.file_name = "participants.tsv";
    table.columns = {{"participant", false, ""},
                     {"scans", true, "over all runs"},
                     {"censored", true, "scans left out"},
                     {"failed_voxels", true, "of the mask, without statistics"},
                     {"largest_vif", true, "of the task's columns"},
                     {"largest_r", true, "correlation between columns of the task"},
                     {"failed_jobs", true, "of the last call of run; see Can I trust it?"}};
    for (const auto& [name, address] : people_) table.rows.push_back(row_of(name, address));
    section.body = html_table(table);
    return section;
  }

  size_t failed_jobs(const std::string& participant) const {
    const auto at = found_.failures.find(participant);
    return at == found_.failures.end() ? 0 : at->second.size();
  }

  std::vector<HtmlTable::Cell> row_of(const std::string& name, const std::string& address) const {
    double scans = 0, censored = 0, failed = 0;
    std::vector<ReportedDesign> designs;
    for (const auto& one : found_.first_levels) {
      if (one.participant != name) continue;
      for (const auto& design : one.designs) {
        designs.emplace_back();
        designs.back().record = design.record;
      }
      if (!one.fit) continue;
      for (const auto& run : one.fit->runs) {
        scans += double(run.scans.scans);
        censored += double(run.scans.censored);
      }
      for (const auto& [status, n] : one.fit->voxel_status)
        if (status != "ok") failed += double(n);
    }
    const DesignFindings f = design_findings(designs);
    HtmlTable::Cell link;
    link.text = name;
    link.content = address.empty() ? Html::text(name)
                                   : html_element("a", {{"href", address}}, Html::text(name));
    return {link,
            number_cell(scans, 0),
            number_cell(censored, 0),
            number_cell(failed, 0),
            number_cell(f.largest_vif, 2),
            number_cell(f.largest_r, 2),
            number_cell(double(failed_jobs(name)), 0)};
  }

  const FoundResults& found_;
  const std::vector<std::pair<std::string, std::string>>& people_;
  const PageContext& context_;
  Warnings faults_;
  std::optional<Image> background_;
  std::vector<GroupAnalysisParts> analyses_;
  std::set<const ContrastFindings*> in_pairs_;  ///< whose maps are side by side
  std::vector<InfluenceFindings> influence_;
  std::optional<RegionFindings> regions_;
  std::optional<BehaviourFindings> behaviour_;
  std::vector<FoundRecord> records_;
};

}  // namespace

bool has_group_results(const FoundResults& found) {
  if (!found.groups.empty() || !found.other_clusters.empty()) return true;
  return std::any_of(found.records.begin(), found.records.end(), [](const FoundRecord& record) {
    return record.header && std::find(std::begin(kOfStudies), std::end(kOfStudies),
                                      record.header->kind) != std::end(kOfStudies);
  });
}

MadePage group_page(const FoundResults& found,
                    const std::vector<std::pair<std::string, std::string>>& participants,
                    const PageContext& context) {
  return GroupPage(found, participants, context).page();
}

}  // namespace sociometer::jobs
