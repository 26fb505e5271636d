#include "io/report/figures_in_text.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace sociometer {
namespace {

/// How a column of a table of clusters is shown.
HtmlTable::Cell shown_cell(const Table& table, size_t row, int column) {
  const std::string& name = table.names[size_t(column)];
  const std::string& text = table.rows[row][size_t(column)];
  if (text.empty() || is_missing(text)) return {"n/a", "", {}, {}};
  const auto value = [&] { return number_in(table, row, column); };
  const auto cell = [&](HtmlTable::Cell made) {
    made.text = text;
    return made;
  };
  if (name.ends_with("_mm")) return cell(number_cell(value(), 0));
  if (name.starts_with("p_") || name.starts_with("q_")) return cell(p_cell(value()));
  if (name == "statistic" || name == "z_value") return cell(number_cell(value(), 2));
  if (name == "mass" || name == "size_mm3") return cell(number_cell(value(), 0));
  if (name == "true_discovery_proportion") return cell(number_cell(value(), 2));
  return {text, "", {}, {}};
}

bool is_number_column(const std::string& name) {
  return name != "cluster_id" && !name.starts_with("label_") && !name.starts_with("share_");
}

std::string explanation_of(const std::string& name,
                           const std::vector<std::pair<std::string, std::string>>& columns) {
  for (const auto& [key, meaning] : columns)
    for (const std::string& one : split_list(key))
      if (unpadded(one) == name) return meaning;
  return "";
}

Html peak_button(const Table& table, size_t row, const std::array<int, 3>& at,
                 const std::string& volume) {
  std::array<double, 3> mm{};
  for (size_t a = 0; a < 3; ++a) mm[a] = number_in(table, row, at[a]);
  return html_element("button",
                      {{"type", "button"},
                       {"class", "peak"},
                       {"data-mm", fmt::format("{:g},{:g},{:g}", mm[0], mm[1], mm[2])},
                       {"data-volume", volume},
                       {"title", "show in the viewer"}},
                      Html::text(place_text(mm[0], mm[1], mm[2])));
}

}  // namespace

HtmlTable::Cell number_cell(double value, int digits) {
  if (std::isnan(value)) return {"n/a", "", {}, {}};
  std::string shown =
      digits < 0 ? fmt::format("{:.{}g}", value, -digits) : fmt::format("{:.{}f}", value, digits);
  if (shown.starts_with('-') && shown.find_first_not_of("-0.") == std::string::npos)
    shown.erase(0, 1);
  return {format_number(value), shown, {}, {}};
}

std::string p_text(double p) {
  if (std::isnan(p)) return "n/a";
  return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p);
}

HtmlTable::Cell p_cell(double p) {
  if (std::isnan(p)) return {"n/a", "", {}, {}};
  return {format_number(p), p_text(p), {}, {}};
}

std::string counted(long n, const std::string& what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string place_text(double x, double y, double z) {
  // Adding 0 turns -0 into 0.
  return fmt::format("({:.0f}, {:.0f}, {:.0f})", std::round(x) + 0., std::round(y) + 0.,
                     std::round(z) + 0.);
}

Html cluster_table(const Table& table,
                   const std::vector<std::pair<std::string, std::string>>& columns,
                   const std::string& id, const std::string& caption, const std::string& file_name,
                   const std::string& volume, size_t most) {
  HtmlTable out;
  out.id = id;
  out.file_name = file_name;
  const size_t n = std::min(most, table.rows.size());
  out.caption = n < table.rows.size()
                    ? fmt::format("{} The first {} of {} rows.", caption, n, table.rows.size())
                    : caption;
  const std::array<int, 3> at{table.find("x_mm"), table.find("y_mm"), table.find("z_mm")};
  const bool buttons = !volume.empty() && at[0] >= 0 && at[1] >= 0 && at[2] >= 0;
  for (const std::string& name : table.names)
    out.columns.push_back({name, is_number_column(name), explanation_of(name, columns)});
  if (buttons) out.columns.push_back({"viewer", false, "goes there in the viewer"});
  for (size_t r = 0; r < n; ++r) {
    std::vector<HtmlTable::Cell> row;
    for (size_t c = 0; c < table.names.size(); ++c) row.push_back(shown_cell(table, r, int(c)));
    if (buttons) {
      HtmlTable::Cell cell;
      cell.content = peak_button(table, r, at, volume);
      cell.text = "";
      row.push_back(std::move(cell));
    }
    out.rows.push_back(std::move(row));
  }
  return html_table(out);
}

}  // namespace sociometer
