#include "io/report/region_section.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "io/report/plot.hpp"
#include "io/report/raincloud.hpp"
#include "io/report/record_table.hpp"

namespace sociometer {
namespace {

/// Beyond these a table of values gets no picture, or no table: it would be no overview.
constexpr size_t kMostPanels = 12, kMostRows = 24, kMostTableRows = 2000;

Html sub_heading(const std::string& text) { return html_element("h3", {}, Html::text(text)); }

/// A number that makes ids unique within the section.
std::string numbered(const std::string& name, size_t k) {
  return k == 0 ? name : fmt::format("{}-{}", name, k + 1);
}

/// What values of a statistic are, for an axis.
std::string unit_of(const std::string& statistic, const std::string& map_statistic) {
  if (statistic == "psc") return "percent signal change";
  const std::string of = map_statistic.empty() || map_statistic == "effect"
                             ? "effect, units of the maps"
                             : map_statistic + " of the maps";
  return statistic == "effect" ? of : of + " (" + statistic + ")";
}

/// Values of people by region and contrast, of one statistic; a contrast has its session with it.
class PeopleValues {
 public:
  PeopleValues(const StoredRegionValues& stored, const std::string& statistic) {
    for (const auto& v : stored.values) {
      if (v.statistic != statistic) continue;
      const std::string contrast =
          v.unit.session.empty() ? v.unit.contrast : v.unit.contrast + ", " + v.unit.session;
      note(regions_, v.roi);
      note(contrasts_, contrast);
      note(people_, v.unit.participant);
      values_[{v.roi, contrast, v.unit.participant}] = v.value;
    }
  }
  const std::vector<std::string>& regions() const { return regions_; }
  const std::vector<std::string>& contrasts() const { return contrasts_; }
  bool has(const std::string& region, const std::string& contrast) const {
    return std::any_of(people_.begin(), people_.end(), [&](const auto& p) {
      return values_.contains({region, contrast, p});
    });
  }
  /// Of these people (all: empty), times a factor.
  RaincloudRow row(const std::string& region, const std::string& contrast,
                   const std::vector<std::string>& people = {}, double factor = 1) const {
    RaincloudRow row;
    row.label = region;
    row.people = people.empty() ? people_ : people;
    for (const auto& person : row.people) {
      const auto found = values_.find({region, contrast, person});
      row.values.push_back(found == values_.end() ? std::nan("") : factor * found->second);
    }
    return row;
  }

 private:
  static void note(std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  }
  std::vector<std::string> regions_, contrasts_, people_;
  std::map<std::array<std::string, 3>, double> values_;
};

/// The statistic of a table that its tests used, else the first.
std::string statistic_of(const StoredRegionValues& stored, const RegionFindings& findings) {
  std::set<std::string> there;
  for (const auto& v : stored.values) there.insert(v.statistic);
  for (const auto& d : findings.dissociations)
    if (there.contains(d.record.statistic)) return d.record.statistic;
  for (const auto& t : findings.tests)
    if (there.contains(t.facts.statistic)) return t.facts.statistic;
  for (const char* usual : {"psc", "effect", "mean"})
    if (there.contains(usual)) return usual;
  return stored.values.empty() ? "" : stored.values.front().statistic;
}

/// The Bayes factor of a test in the record; empty without such a test.
BayesFactorText bayes_factor_of(const std::vector<DissociationTest>& tests,
                                const std::string& region, const std::string& other_region,
                                const std::string& signal) {
  for (const auto& t : tests)
    if (t.region == region && t.other_region.value_or("") == other_region && t.signal == signal &&
        !t.other_signal)
      return bayes_factor_text(t.figures.bf10);
  return {};
}

double factor_of(const StoredAnalysis& a, const std::string& signal) {
  if (a.units)
    for (const auto& [name, factor] : a.units->factors)
      if (name == signal) return factor;
  return 1;
}

RaincloudRow difference_row(const RaincloudRow& a, const RaincloudRow& b) {
  RaincloudRow row;
  row.label = a.label + " \u2212\n" + b.label;
  row.people = a.people;
  for (size_t i = 0; i < a.values.size(); ++i) row.values.push_back(a.values[i] - b.values[i]);
  row.is_difference = true;
  return row;
}

void add_bayes_factor(RaincloudRow& row, const BayesFactorText& text) {
  row.figures = text.figures;
  row.note = text.words;
}

/// The values behind an analysis: a panel per signal with the regions and their differences.
std::vector<RaincloudPanel> panels_of(const StoredAnalysis& a, const PeopleValues& values) {
  std::vector<RaincloudPanel> panels;
  const auto& regions = a.subject.regions;
  for (const auto& signal : a.subject.signals) {
    RaincloudPanel panel{signal, a.units ? a.units->description : "effect", {}};
    for (const auto& region : regions) {
      if (!values.has(region, signal)) return {};
      panel.rows.push_back(
          values.row(region, signal, a.subject.participants, factor_of(a, signal)));
      add_bayes_factor(panel.rows.back(), bayes_factor_of(a.cells, region, "", signal));
    }
    for (size_t i = 0; i < regions.size(); ++i)
      for (size_t j = i + 1; j < regions.size(); ++j) {
        panel.rows.push_back(difference_row(panel.rows[i], panel.rows[j]));
        add_bayes_factor(panel.rows.back(),
                         bayes_factor_of(a.simple_effects, regions[i], regions[j], signal));
      }
    panels.push_back(std::move(panel));
  }
  return panels;
}

/// All tests of an analysis with their Bayes factors in words.
HtmlTable tests_table(const StoredAnalysis& a, const std::string& id) {
  HtmlTable table{id, "Tests of regions and signals", "dissociation_tests.tsv", {}, {}};
  using F = TestFigures;
  static constexpr std::pair<const char*, double F::*> kNumbers[] = {
      {"n", &F::n},      {"estimate", &F::estimate}, {"lower", &F::lower}, {"upper", &F::upper},
      {"t", &F::t},      {"dof", &F::dof},           {"p", &F::p},         {"p_holm", &F::p_holm},
      {"bf10", &F::bf10}};
  table.columns = {{"kind", false,
                    "cell: a signal in a region; simple: a difference within a "
                    "region or signal; interaction: a difference of differences"},
                   {"about", false, {}}};
  for (const auto& [name, figure] : kNumbers) table.columns.push_back({name, true, {}});
  table.columns.push_back({"evidence", false, "the Bayes factor in words"});
  table.columns.push_back({"finding", false, "by the p and Bayes factor of the record's rule"});
  const auto add = [&](const char* kind, const DissociationTest& t) {
    std::vector<HtmlTable::Cell> row{text_cell(kind), text_cell(t.about)};
    for (const auto& [name, figure] : kNumbers) row.push_back(number_cell(t.figures.*figure));
    row.push_back(text_cell(bayes_factor_words(t.figures.bf10)));
    row.push_back(text_cell(t.finding));
    table.rows.push_back(std::move(row));
  };
  for (const auto& t : a.cells) add("cell", t);
  for (const auto& t : a.simple_effects) add("simple", t);
  for (const auto& pair : a.interactions) add("interaction", pair.test);
  return table;
}

Html sentences_html(const std::vector<std::string>& sentences, const std::string& summary) {
  Html items;
  for (const auto& line : sentences) items += html_element("li", {}, Html::text(line));
  if (items.empty()) return {};
  return html_element(
      "details", {},
      html_element("summary", {}, Html::text(summary)) + html_element("ul", {}, items));
}

/// The picture of an analysis, from the first table that has its values.
Html dissociation_picture(const StoredAnalysis& a, const std::string& statistic,
                          const RegionFindings& findings, const std::string& id) {
  for (const auto& stored : findings.values) {
    const auto panels = panels_of(a, PeopleValues(stored, statistic));
    if (panels.empty()) continue;
    return html_figure(
        id, draw_rainclouds(panels),
        "Values of each person in each region, by signal, and the differences between regions",
        fmt::format("{} people, a dot each, with their density above; mean with 95 % interval. "
                    "Orange: differences between the regions within a signal, on which the verdict "
                    "rests. Unit: {}; panels have scales of their own. Statistic of the regions: "
                    "{}. Words for Bayes factors: see below.",
                    a.subject.participants.size(), panels.front().unit, statistic));
  }
  return {};
}

Html dissociation_html(const FoundFinding<StoredDissociation>& found,
                       const RegionFindings& findings, size_t number) {
  Html out;
  for (size_t k = 0; k < found.record.analyses.size(); ++k) {
    const StoredAnalysis& a = found.record.analyses[k];
    const std::string id = numbered("regions-dissociation", 100 * number + k);
    out += sub_heading(fmt::format("{} in {}", fmt::join(a.subject.signals, ", "),
                                   fmt::join(a.subject.regions, ", ")));
    for (const auto& pair : a.interactions)
      out +=
          html_element("blockquote", {{"class", "verdict"}},
                       html_element("p", {},
                                    html_element("strong", {}, Html::text(pair.verdict.verdict)) +
                                        Html::text(". " + pair.verdict.sentence)));
    out += dissociation_picture(a, found.record.statistic, findings, id);
    out += sentences_html(a.subject.sentences, "All sentences of the analysis");
    out += html_table(tests_table(a, id + "-tests"));
  }
  return out;
}

/// A table of values that no analysis has shown: its regions, a panel per contrast.
Html values_html(const StoredRegionValues& stored, const RegionFindings& findings, size_t number) {
  const std::string statistic = statistic_of(stored, findings);
  const PeopleValues values(stored, statistic);
  Html out = sub_heading("Values of " + file_name_of(stored.file.path));
  const std::string id = numbered("regions-values", number);
  if (values.contrasts().size() <= kMostPanels && values.regions().size() <= kMostRows) {
    std::vector<RaincloudPanel> panels;
    size_t people = 0;
    for (const auto& contrast : values.contrasts()) {
      panels.push_back({contrast, unit_of(statistic, stored.map_statistic), {}});
      for (const auto& region : values.regions())
        if (values.has(region, contrast))
          panels.back().rows.push_back(values.row(region, contrast));
      if (!panels.back().rows.empty())
        people = std::max(people, panels.back().rows.front().people.size());
    }
    out += html_figure(id, draw_rainclouds(panels),
                       "Values of each person in each region, by contrast",
                       fmt::format("{} people, a dot each, with their density above; mean with "
                                   "95 % interval, not corrected. Statistic of the regions: {}.",
                                   people, statistic));
  } else {
    out += html_paragraph(
        fmt::format("{} regions and {} contrasts: too many for a picture; the values are in {}.",
                    values.regions().size(), values.contrasts().size(), stored.file.path));
  }
  return out;
}

Html values_table(const StoredRegionValues& stored, size_t number) {
  if (stored.values.size() > kMostTableRows)
    return html_paragraph(
        fmt::format("The {} values are in {}.", stored.values.size(), stored.file.path));
  HtmlTable table{numbered("regions-values-table", number),
                  "Values of regions",
                  file_name_of(stored.file.path),
                  {},
                  {}};
  table.columns = {{"participant_id", false, {}},
                   {"session_id", false, {}},
                   {"roi", false, {}},
                   {"contrast", false, {}},
                   {"statistic", false, {}},
                   {"value", true, {}},
                   {"coverage", true, "share of the region with a value"}};
  for (const auto& v : stored.values)
    table.rows.push_back({text_cell(v.unit.participant),
                          text_cell(v.unit.session.empty() ? "n/a" : v.unit.session),
                          text_cell(v.roi), text_cell(v.unit.contrast), text_cell(v.statistic),
                          number_cell(v.value), number_cell(v.coverage)});
  return html_table(table);
}

Html region_tests_html(const StoredRegionTests& stored, size_t number) {
  const RegionTestFacts& facts = stored.facts;
  HtmlTable table =
      html_rows(numbered("regions-tests", number), fmt::format("Tests of regions: {}", facts.test),
                file_name_of(stored.path), stored.rows, stored.descriptions);
  table.columns.push_back({"evidence", false, "bf10 in words"});
  for (size_t r = 0; r < stored.rows.size(); ++r)
    table.rows[r].push_back(text_cell(bayes_factor_words(stored.rows[r].figures.bf10)));
  return sub_heading("Tests") +
         html_paragraph(fmt::format("{} tests of the statistic {}, {}, {} people.", facts.test,
                                    facts.statistic, facts.alternative,
                                    facts.participants.size())) +
         html_table(table);
}

/// "BF10 = 24.7, strong".
std::string short_words(double bf10) {
  const BayesFactorText text = bayes_factor_text(bf10);
  return text.figures.empty() ? "" : text.figures + ", " + text.word;
}

PlotScatter scatter_panel(const StoredIndividual& record, const StoredSlope& s) {
  PlotScatter panel;
  panel.title = s.signal + " in " + s.region;
  panel.figures = fmt::format("r = {}, n = {:.0f}",
                              interval_text(s.pearson_r, s.pearson_lower, s.pearson_upper), s.n);
  panel.x_name = s.score;
  panel.y_name = s.signal + (record.covariates.empty() ? "" : ", adjusted");
  panel.x = s.scatter->score;
  panel.y = s.scatter->value;
  panel.at = s.scatter->at;
  panel.line = s.scatter->line;
  panel.lower = s.scatter->lower;
  panel.upper = s.scatter->upper;
  if (record.participants.size() == panel.x.size()) panel.people = record.participants;
  return panel;
}

Html individual_html(const FoundFinding<StoredIndividual>& found, size_t number) {
  const StoredIndividual& record = found.record;
  const std::string id = numbered("regions-scores", number);
  std::vector<PlotScatter> panels;
  std::vector<IntervalLine> lines;
  for (const auto& s : record.slopes) {
    if (s.scatter) panels.push_back(scatter_panel(record, s));
    lines.push_back({fmt::format("{} in {}, {}", s.signal, s.region, s.score), s.standardised,
                     s.standardised_lower, s.standardised_upper, short_words(s.bf10)});
  }
  Html out = sub_heading("Relations to " + fmt::format("{}", fmt::join(record.scores, ", ")));
  Html items;
  for (const auto& line : record.sentences) items += html_element("li", {}, Html::text(line));
  if (!items.empty()) out += html_element("ul", {}, items);
  if (!lines.empty() && lines.size() <= 2 * kMostRows)
    out += html_figure(
        id + "-slopes",
        draw_intervals(lines, fmt::format("standardised slope, {:g} % interval, not corrected",
                                          100 * record.level)),
        "Standardised slopes of each signal in each region on each score",
        fmt::format("Slopes in standard deviations of value and score, {} people; "
                    "{:g} % intervals. On the right the evidence of a relation (BF10) "
                    "or of none (BF01).",
                    record.participants.size(), 100 * record.level));
  if (!panels.empty() && panels.size() <= kMostRows)
    out += html_figure(
        id + "-scatter", draw_scatter_plots(panels),
        "Values of each person against each score with fitted lines",
        fmt::format(
            "{} people, a dot each; least-squares line with its pointwise {:g} % band; r is "
            "Pearson's{}. Model: {}.",
            record.participants.size(), 100 * record.level,
            record.covariates.empty() ? "" : ", partial", record.model));
  const auto with_words = [](HtmlTable table, const auto& rows) {
    table.columns.push_back({"evidence", false, "bf10 in words"});
    for (size_t r = 0; r < rows.size(); ++r)
      table.rows[r].push_back(text_cell(bayes_factor_words(rows[r].bf10)));
    return html_table(table);
  };
  const auto explanations = [](const ByName<ColumnDescription>& columns) {
    ByName<std::string> texts;
    for (const auto& [name, column] : columns) texts.emplace_back(name, column.description);
    return texts;
  };
  out += with_words(html_rows(id + "-slopes-table", "Slopes on scores", "individual_slopes.tsv",
                              record.slopes, explanations(record.slope_columns)),
                    record.slopes);
  if (!record.comparisons.empty())
    out += with_words(
        html_rows(id + "-comparisons", "Comparisons of slopes", "individual_comparisons.tsv",
                  record.comparisons, explanations(record.comparison_columns)),
        record.comparisons);
  return out;
}

bool any_bayes_factors(const RegionFindings& f) {
  return !f.tests.empty() || !f.dissociations.empty() || !f.individuals.empty();
}

}  // namespace

BayesFactorText bayes_factor_text(double bf10) {
  if (std::isnan(bf10)) return {};
  const std::string word = evidence_word(std::log(bf10));
  if (bf10 >= 1) return {"BF10 = " + rounded_number(bf10), word, word + " evidence of an effect"};
  return {"BF01 = " + rounded_number(1 / bf10), word, word + " evidence of no effect"};
}

std::string bayes_factor_words(double bf10) {
  const BayesFactorText text = bayes_factor_text(bf10);
  return text.figures.empty() ? "" : text.figures + ", " + text.words;
}

ReportSection region_section(const RegionFindings& findings) {
  ReportSection section;
  section.id = "regions";
  section.title = "Regions of interest";
  for (size_t k = 0; k < findings.dissociations.size(); ++k)
    section.body += dissociation_html(findings.dissociations[k], findings, k);
  for (size_t k = 0; k < findings.values.size(); ++k)
    section.body += values_html(findings.values[k], findings, k);
  for (size_t k = 0; k < findings.tests.size(); ++k)
    section.body += region_tests_html(findings.tests[k], k);
  for (size_t k = 0; k < findings.individuals.size(); ++k)
    section.body += individual_html(findings.individuals[k], k);
  for (size_t k = 0; k < findings.values.size(); ++k)
    section.body += values_table(findings.values[k], k);
  if (any_bayes_factors(findings))
    section.body += html_paragraph(
        "Words for Bayes factors: anecdotal below 3, moderate from 3, strong from 10, very strong "
        "from 30, extreme from 100, for or against an effect (Jeffreys 1961, as worded by Lee & "
        "Wagenmakers 2013). They describe; findings and verdicts rest on the numbers and the rule "
        "in the records.");
  return section;
}

}  // namespace sociometer
