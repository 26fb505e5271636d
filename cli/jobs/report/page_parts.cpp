#include "cli/jobs/report/page_parts.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>

#include "cli/jobs/report/attempt.hpp"
#include "io/records/methods.hpp"
#include "io/records/provenance.hpp"
#include "io/records/reporting_items.hpp"
#include "io/records/signature.hpp"
#include "io/report/figures_in_text.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// Bytes of an address that are not letters, digits or harmless as %XX.
std::string as_address(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_./~+=,").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

Html reference(const Citation& work) {
  return html_element("li", {},
                      Html::text(fmt::format("{} ({}). {}. {}, {}. ", work.author, work.year,
                                             work.title, work.journal, work.place)) +
                          html_element("a", {{"href", "https://doi.org/" + std::string(work.doi)}},
                                       Html::text("doi:" + std::string(work.doi))));
}

Html items_table(const std::vector<ReportingItem>& items) {
  HtmlTable table;
  table.id = "cobidas";
  table.caption =
      "What a paper should report (after COBIDAS, Nichols et al. 2017): as the records have it";
  table.file_name = "reporting_items.tsv";
  table.columns = {{"section", false, ""}, {"item", false, ""}, {"value", false, ""}};
  for (const auto& one : items) {
    std::string value = one.value;
    if (value.empty())
      value = one.elsewhere.empty() ? "not in these records"
                                    : "not in these records; see " + one.elsewhere;
    table.rows.push_back({{one.section, "", {}, {}}, {one.item, "", {}, {}}, {value, "", {}, {}}});
  }
  return html_table(table);
}

}  // namespace

DataFindings data_findings(const FitRecord& fit) {
  DataFindings found;
  for (const auto& [status, n] : fit.voxel_status) {
    found.voxels += n;
    if (status != "ok") found.failed += n;
  }
  for (const FitRun& run : fit.runs) {
    found.scans += run.scans.scans;
    found.censored += run.scans.censored;
    if (run.scans.scans > 0)
      found.most_censored =
          std::max(found.most_censored, double(run.scans.censored) / double(run.scans.scans));
  }
  return found;
}

Html glance_part(const std::vector<Glance>& glances) {
  Html cards;
  for (const Glance& one : glances) {
    Html card = html_element("h3", {}, Html::text(one.question));
    if (!one.word.empty()) card += html_paragraph(standing_mark(one.standing, one.word));
    if (!one.figures.empty()) card += html_list(one.figures);
    if (!one.link.empty())
      card +=
          html_paragraph(html_element("a", {{"href", "#" + one.link}}, Html::text("more on this")));
    // A verdict of regions has several sentences.
    constexpr size_t kWide = 400;
    size_t length = 0;
    for (const auto& text : one.figures) length += text.size();
    cards += html_element(
        "div", length > kWide ? HtmlAttributes{{"class", "wide"}} : HtmlAttributes{}, card);
  }
  return html_element("div", {{"class", "glance"}}, cards);
}

ReportSection methods_section(const std::vector<FoundRecord>& records, Warnings& faults) {
  ReportSection section{"methods", "How to report it", {}};
  const auto methods = attempt(faults, [&] { return methods_of_records(records); });
  if (methods && !methods->paragraphs.empty()) {
    section.body += html_paragraph(
        "Paragraphs for a methods section, made from the records of what was done; the works that "
        "they cite follow.");
    Html text;
    for (const auto& paragraph : methods->paragraphs) text += html_paragraph(paragraph);
    section.body += html_element("blockquote", {}, text);
    if (!methods->cited.empty()) {
      Html list;
      for (const Citation* work : methods->cited) list += reference(*work);
      section.body +=
          html_heading(3, "References") + html_element("ul", {}, list) +
          html_details("BibTeX",
                       html_element("pre", {{"tabindex", "0"}}, html_element("code", {}, [&] {
                                      Html lines;
                                      for (const auto& line : split_list(to_bibtex(*methods), '\n'))
                                        lines += Html::text(line) + Html::trusted("\n");
                                      return lines;
                                    }())));
    }
  } else {
    section.body +=
        html_missing("The records are of no analysis that this program writes a methods text for.");
  }
  if (const auto items = attempt(faults, [&] { return reporting_items_of_records(records); }))
    section.body += html_heading(3, "Items to report") + items_table(*items);
  return section;
}

ReportSection records_section(const std::vector<FoundRecord>& records, const Warnings& faults,
                              const std::string& folder) {
  ReportSection section{"records", "Where it comes from", {}};
  section.body += html_paragraph(
      "Everything on this page is from these records and the files beside them. They name the "
      "inputs with their checksums, the options and the version of the program.");
  if (!faults.empty())
    section.body += html_heading(3, "Not readable") +
                    html_paragraph(standing_mark(Standing::bad, "incomplete")) + html_list(faults);
  HtmlTable table;
  table.id = "record-list";
  table.caption = fmt::format("{} records", records.size());
  table.file_name = "records.tsv";
  table.columns = {
      {"record", false, ""}, {"kind", false, ""}, {"version", false, ""}, {"command", false, ""}};
  for (const FoundRecord& record : records) {
    Warnings ignored;
    const auto signature = attempt(
        ignored, [&] { return parse_record<SignatureRecord>(json_of(record), record.path); });
    if (!signature) continue;
    const std::string& path = record.path;
    HtmlTable::Cell link;
    link.text = fs::path(path).filename().string();
    link.content = html_element("a", {{"href", link_to(path, folder)}}, Html::text(link.text));
    table.rows.push_back(
        {link,
         {signature->record, "", {}, {}},
         {signature->software.version + " " + signature->software.commit, "", {}, {}},
         {signature->command_line.value_or(""), "", {}, {}}});
  }
  section.body += html_details("The records", html_table(table), records.size() <= 12);
  return section;
}

ReportPage complete(ReportPage page, ReportSection summary, std::vector<ReportSection> others) {
  page.footer = fmt::format(
      "Made by Sociometer {} (commit {}) from the records named above. Nothing is loaded from the "
      "network.",
      version(), commit());
  page.sections.push_back(std::move(summary));
  std::move(others.begin(), others.end(), std::back_inserter(page.sections));
  return page;
}

Html contrast_part(const ContrastFindings& f, const std::string& id, const std::string& volume,
                   const Html& picture) {
  Html out = html_heading(3, f.name, id);
  out += html_paragraph(sentence_of(f));
  out += picture;
  if (f.table.rows.empty()) {
    out += html_missing(f.threshold_words.empty()
                            ? "No clusters were looked for in this contrast: group --no-tables."
                            : "No cluster at " + f.threshold_words + ".");
    return out;
  }
  out += cluster_table(
      f.table, f.columns, id + "-clusters",
      fmt::format("Clusters of {} formed at {}: {} = {:.3f}. p-values called fwe, and q, are "
                  "corrected for the number of voxels; the others are not.",
                  f.name, f.threshold_words, f.map.two_sided ? "|" + f.map.word + "|" : f.map.word,
                  f.threshold),
      id + "_clusters.tsv", volume);
  return out;
}

Html facts_of_fit(const FoundFirstLevel& analysis) {
  std::vector<Fact> facts;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) facts.emplace_back(name, Html::text(value));
  };
  const auto& fit = analysis.fit ? analysis.fit : analysis.fit_of_map;
  if (fit) {
    add("Noise model", fit->noise.model);
    add("Haemodynamic response", fit->design.hrf.value_or(""));
    add("Design from", fit->design.source);
  }
  if (fit || analysis.combined) {
    const FitChoices& choices = fit ? fit->choices : analysis.combined->choices;
    add("Scaling", choices.scaling);
    if (fit)
      add("Smoothing, FWHM in mm", fmt::format("{:.4g}", fmt::join(fit->smoothing_fwhm_mm, " x ")));
    add("Runs combined by", choices.fixed_effects.value_or(""));
  }
  if (fit) {
    if (fit->spatial_reference && fit->spatial_reference->is_string())
      add("Space", fit->spatial_reference->get<std::string>());
    add("Mask", fit->mask.source);
    add("Voxels in the mask", std::to_string(fit->mask.voxels));
  }
  return html_facts(facts);
}

Html runs_table(const FitRecord& fit, const std::string& id) {
  HtmlTable table;
  table.id = id;
  table.caption = "Runs";
  table.file_name = id + ".tsv";
  table.columns = {{"run", false, ""},
                   {"tr_s", true, "repetition time in seconds"},
                   {"scans", true, ""},
                   {"censored", true, "scans left out"},
                   {"columns", true, "of the design"},
                   {"rank", true, ""},
                   {"dof", true, "residual degrees of freedom"}};
  for (const FitRun& run : fit.runs)
    table.rows.push_back({{fs::path(run.bold).filename().string(), "", {}, {}},
                          number_cell(run.tr_s.value_or(std::nan("")), -6),
                          number_cell(double(run.scans.scans), 0),
                          number_cell(double(run.scans.censored), 0),
                          number_cell(double(run.columns), 0),
                          number_cell(double(run.rank), 0),
                          number_cell(run.dof, -5)});
  return html_table(table);
}

Html contrasts_of_group(const GroupRecord& group, const std::string& id) {
  HtmlTable table;
  table.id = id;
  table.caption = "Contrasts of the group's design";
  table.file_name = "contrasts.tsv";
  table.columns = {{"contrast", false, ""},
                   {"test", false, ""},
                   {"expression", false, ""},
                   {"dof", false, "degrees of freedom"},
                   {"permutations", false, ""}};
  for (const auto& c : group.contrasts) {
    std::string dof, shuffles = "none";
    if (c.contrast.dof)
      dof = c.contrast.dof->least == c.contrast.dof->most
                ? fmt::format("{:g}", c.contrast.dof->least)
                : fmt::format("{:g} to {:g}", c.contrast.dof->least, c.contrast.dof->most);
    if (c.permutation)
      shuffles = fmt::format("{} {}{}, {}-sided", c.permutation->shuffles, c.permutation->scheme,
                             c.permutation->exhaustive ? ", exhaustive" : "", c.permutation->sided);
    table.rows.push_back(
        {{c.contrast.name, "", {}, {}},
         {c.contrast.test, "", {}, {}},
         {c.contrast.expressions ? fmt::format("{}", fmt::join(*c.contrast.expressions, "; ")) : "",
          "",
          {},
          {}},
         {dof, "", {}, {}},
         {shuffles, "", {}, {}}});
  }
  return html_table(table);
}

std::string link_to(const std::string& path, const std::string& folder) {
  const fs::path relative = fs::absolute(path).lexically_normal().lexically_relative(
      fs::absolute(folder).lexically_normal());
  return as_address(relative.generic_string());
}

Glance cite_glance() {
  return {"How do I report it?",
          Standing::none,
          "",
          {"A methods text, its references and the items to report are below."},
          "methods"};
}

}  // namespace sociometer::jobs
