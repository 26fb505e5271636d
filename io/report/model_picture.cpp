#include "io/report/model_picture.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/stats_models/node_graph.hpp"
#include "io/report/canvas.hpp"

namespace sociometer {
namespace {

constexpr double kMargin = 24, kCardWidth = 270, kHead = 46, kLine = 15, kText = 11.5;
constexpr double kInner = 12, kLabels = 70;  ///< left margin within a card, and where values start
constexpr double kCurve = 56, kBetween = 26, kPassing = 16;
constexpr Rgb kInk{0.13, 0.13, 0.15}, kGrey{0.42, 0.42, 0.45}, kEdge{0.35, 0.38, 0.44};

Rgb colour_of(NodeLevel level) {
  switch (level) {
    case NodeLevel::run:
      return {0.80, 0.89, 0.97};
    case NodeLevel::session:
      return {0.80, 0.94, 0.92};
    case NodeLevel::subject:
      return {0.84, 0.94, 0.80};
    case NodeLevel::dataset:
      return {0.99, 0.89, 0.76};
  }
  return {1, 1, 1};
}

std::string kind_of(const StatsNode& node) {
  const bool meta = node.type == NodeModelType::meta;
  switch (node.level) {
    case NodeLevel::run:
      return "general linear model of each run";
    case NodeLevel::session:
    case NodeLevel::subject:
      return meta ? "mean, weighted by precision" : "mean, equally weighted";
    case NodeLevel::dataset:
      if (node.settings.method) return name_of(*node.settings.method) + " over people";
      return meta ? "mixed effects over people" : "least squares over people";
  }
  return "";
}

/// A heading and its words, which are wrapped.
struct Row {
  std::string heading;
  std::vector<std::string> words;
};

std::vector<std::string> step_names(const StatsNode& node) {
  std::vector<std::string> names;
  for (const auto& instruction : node.instructions) {
    std::string name = instruction.name;
    if (const auto* convolve = std::get_if<transforms::Convolve>(&instruction.parameters))
      name += " (" + to_string(convolve->hrf) + ")";
    names.push_back(name);
  }
  return names;
}

std::vector<Row> rows_of(const StatsNode& node) {
  std::vector<Row> rows;
  rows.push_back({"for each", node.group_by.empty() ? std::vector<std::string>{"set of all inputs"}
                                                    : node.group_by});
  if (!node.instructions.empty()) rows.push_back({"steps", step_names(node)});
  rows.push_back({"X", node.x});
  if (node.hrf) rows.push_back({"response", {to_string(node.hrf->hrf)}});
  if (node.settings.noise_model) rows.push_back({"noise", {to_string(*node.settings.noise_model)}});
  if (node.settings.permutations)
    rows.push_back({"shuffles", {std::to_string(*node.settings.permutations)}});
  Row tests{"tests", {}};
  for (const auto& contrast : node.contrasts)
    tests.words.push_back((contrast.name == kConstantName ? "constant" : contrast.name) +
                          (contrast.test == ContrastTest::F ? " (F)" : ""));
  if (node.dummies && !node.dummies->conditions) tests.words.push_back("each column");
  if (node.dummies && node.dummies->conditions)
    tests.words.insert(tests.words.end(), node.dummies->conditions->begin(),
                       node.dummies->conditions->end());
  if (tests.words.empty()) tests.words.push_back("nothing");
  rows.push_back(tests);
  return rows;
}

/// Measures text without a picture.
class Ruler {
 public:
  double width(const std::string& text, double size = kText) {
    return canvas_.text_width(text, size);
  }
  /// A text that is too long for a line ends in dots.
  std::string fitting(std::string text, double width_px, double size = kText) {
    if (width(text, size) <= width_px) return text;
    const auto shorten = [&] {  // whole characters of UTF-8
      do text.pop_back();
      while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80);
    };
    while (!text.empty() && width(text + "..", size) > width_px) shorten();
    return text + "..";
  }
  /// Words with commas between them in lines of this width; what is beyond is counted.
  std::vector<std::string> lines(const std::vector<std::string>& words, double width_px,
                                 size_t most) {
    std::vector<std::string> out{""};
    for (size_t i = 0; i < words.size(); ++i) {
      const std::string word =
          fitting(words[i], width_px - width(","), kText) + (i + 1 < words.size() ? "," : "");
      const std::string longer = out.back().empty() ? word : out.back() + " " + word;
      if (width(longer) <= width_px) {
        out.back() = longer;
      } else if (out.size() < most) {
        out.push_back(word);
      } else {
        out.back() = fmt::format("and {} more of {}", words.size() - shown(out), words.size());
        return out;
      }
    }
    return out;
  }

 private:
  /// Words in all lines but the last, which the count replaces.
  static size_t shown(const std::vector<std::string>& lines) {
    size_t n = 0;
    for (size_t i = 0; i + 1 < lines.size(); ++i)
      n += size_t(std::count(lines[i].begin(), lines[i].end(), ','));
    return n;
  }
  Canvas canvas_{8, 8};
};

/// A node's box, or the place where an edge passes a column of boxes.
struct Item {
  int node = -1;
  int rank = 0;
  double x = 0, y = 0, height = kPassing, order = 0;
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;
  std::vector<size_t> incoming;  ///< edges that end here, in the order of their sources
  double centre() const { return y + height / 2; }
};

/// An edge with the items that it passes, its ends included.
struct Route {
  std::vector<size_t> items;
  std::vector<std::string> label;
};

/// Where everything stands.
class Layout {
 public:
  explicit Layout(const StatsModel& model) : model_(model) {
    place_nodes();
    route_edges();
    order_ranks();
    place_ranks();
  }
  std::vector<Item> items;
  std::vector<Route> routes;
  double width = 0, height = 0;

 private:
  static constexpr size_t kMostLines = 7;

  void place_nodes() {
    items.resize(model_.nodes.size());
    for (const NodePlan& plan : expand(model_)) {
      const StatsNode& node = model_.nodes[plan.node];
      Item& item = items[plan.node];
      item.node = int(plan.node);
      item.order = double(plan.node);
      for (const auto& edge : plan.incoming)
        item.rank = std::max(item.rank, items[edge.source].rank + 1);
      item.height = kHead + 12;
      for (const auto& row : rows_of(node)) {
        std::vector<std::string> words;
        for (const auto& word : row.words) words.push_back(word == kConstantName ? "1" : word);
        item.rows.emplace_back(row.heading,
                               ruler_.lines(words, kCardWidth - kLabels - kInner, kMostLines));
        item.height += kLine * double(item.rows.back().second.size()) + 3;
      }
    }
  }

  std::vector<std::string> label_of(const EntityFilter& filter) {
    constexpr double kLabelWidth = 190;
    std::vector<std::string> lines;
    for (const auto& [key, values] : filter) {
      std::vector<std::string> words = values;
      if (!words.empty()) words.front() = key + ": " + words.front();
      for (const auto& line : ruler_.lines(words, kLabelWidth, 3)) lines.push_back(line);
    }
    return lines;
  }

  void route_edges() {
    const auto index = [&](const std::string& name) {
      for (size_t i = 0; i < model_.nodes.size(); ++i)
        if (model_.nodes[i].name == name) return i;
      return size_t(0);
    };
    for (const auto& edge : model_.edges) {
      Route route;
      const size_t from = index(edge.source), to = index(edge.destination);
      route.items.push_back(from);
      for (int rank = items[from].rank + 1; rank < items[to].rank; ++rank) {
        Item passing;
        passing.rank = rank;
        passing.order = items[from].order;
        route.items.push_back(items.size());
        items.push_back(passing);
      }
      route.items.push_back(to);
      route.label = label_of(edge.filter);
      items[to].incoming.push_back(routes.size());
      routes.push_back(std::move(route));
    }
    for (auto& item : items) {
      double needed = 0;
      for (size_t r : item.incoming) needed += 14 + kLine * double(routes[r].label.size());
      item.height = std::max(item.height, needed + 10);
    }
  }

  /// Within a rank, items stand in the order of what leads to them.
  void order_ranks() {
    const int n_ranks = 1 + std::max_element(items.begin(), items.end(), [](auto& a, auto& b) {
                              return a.rank < b.rank;
                            })->rank;
    for (int rank = 0; rank < n_ranks; ++rank) {
      std::vector<size_t> here;
      for (size_t i = 0; i < items.size(); ++i)
        if (items[i].rank == rank) here.push_back(i);
      std::map<size_t, double> mean;
      for (size_t i : here) mean[i] = mean_of_sources(i);
      std::stable_sort(here.begin(), here.end(),
                       [&](size_t a, size_t b) { return mean.at(a) < mean.at(b); });
      for (size_t k = 0; k < here.size(); ++k) items[here[k]].order = double(k);
      ranks_.push_back(here);
    }
    for (auto& item : items)
      std::stable_sort(item.incoming.begin(), item.incoming.end(), [&](size_t a, size_t b) {
        const auto before = [&](size_t r) { return routes[r].items[routes[r].items.size() - 2]; };
        return items[before(a)].order < items[before(b)].order;
      });
  }
  double mean_of_sources(size_t item) const {
    double sum = 0, n = 0;
    for (const auto& route : routes)
      for (size_t k = 1; k < route.items.size(); ++k)
        if (route.items[k] == item) sum += items[route.items[k - 1]].order, ++n;
    return n > 0 ? sum / n : items[item].order;
  }

  /// The gap before a rank holds the bends of edges and the labels of those that end there.
  double gap_before(const std::vector<size_t>& rank) {
    double label = 0;
    for (size_t i : rank)
      for (size_t r : items[i].incoming)
        for (const auto& line : routes[r].label) label = std::max(label, ruler_.width(line));
    return kCurve + (label > 0 ? label + 22 : 18);
  }

  void place_ranks() {
    constexpr double kTitle = 40;
    double tallest = 0;
    std::vector<double> heights;
    for (const auto& rank : ranks_) {
      double sum = -kBetween;
      for (size_t i : rank) sum += items[i].height + kBetween;
      heights.push_back(sum);
      tallest = std::max(tallest, sum);
    }
    double x = kMargin;
    for (size_t k = 0; k < ranks_.size(); ++k) {
      if (k > 0) x += gap_before(ranks_[k]);
      double y = kTitle + kMargin + (tallest - heights[k]) / 2;
      for (size_t i : ranks_[k]) {
        items[i].x = x;
        items[i].y = y;
        y += items[i].height + kBetween;
      }
      x += kCardWidth;
    }
    width = x + kMargin;
    height = kTitle + 2 * kMargin + tallest;
  }

  const StatsModel& model_;
  Ruler ruler_;
  std::vector<std::vector<size_t>> ranks_;
};

/// Draws a layout on a canvas.
class Painter {
 public:
  Painter(Canvas& canvas, const StatsModel& model, const Layout& layout)
      : c_(canvas), cr_(canvas.cairo()), model_(model), layout_(layout) {}

  void paint() {
    text(kMargin, 38, model_.name.empty() ? "Model" : model_.name, 17, kInk, true);
    for (size_t r = 0; r < layout_.routes.size(); ++r) paint_route(r);
    for (const auto& item : layout_.items)
      if (item.node >= 0) paint_card(item, model_.nodes[size_t(item.node)]);
  }

 private:
  void text(double x, double y, const std::string& words, double size, Rgb colour,
            bool bold = false, double align = 0) {
    cairo_select_font_face(cr_, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_source_rgb(cr_, colour.r, colour.g, colour.b);
    const double w = c_.text_width(words, size);
    cairo_move_to(cr_, x - align * w, y);
    cairo_show_text(cr_, words.c_str());
  }

  void rounded(double x, double y, double w, double h, double r) {
    const double quarter = std::acos(-1.0) / 2;
    cairo_new_sub_path(cr_);
    cairo_arc(cr_, x + w - r, y + r, r, -quarter, 0);
    cairo_arc(cr_, x + w - r, y + h - r, r, 0, quarter);
    cairo_arc(cr_, x + r, y + h - r, r, quarter, 2 * quarter);
    cairo_arc(cr_, x + r, y + r, r, 2 * quarter, 3 * quarter);
    cairo_close_path(cr_);
  }

  void paint_card(const Item& item, const StatsNode& node) {
    cairo_set_antialias(cr_, CAIRO_ANTIALIAS_DEFAULT);
    const Rgb colour = colour_of(node.level);
    cairo_save(cr_);
    rounded(item.x, item.y, kCardWidth, item.height, 7);
    cairo_set_source_rgb(cr_, 1, 1, 1);
    cairo_fill_preserve(cr_);
    cairo_clip(cr_);
    cairo_rectangle(cr_, item.x, item.y, kCardWidth, kHead);
    cairo_set_source_rgb(cr_, colour.r, colour.g, colour.b);
    cairo_fill(cr_);
    cairo_restore(cr_);
    rounded(item.x, item.y, kCardWidth, item.height, 7);
    cairo_set_source_rgb(cr_, kEdge.r, kEdge.g, kEdge.b);
    cairo_set_line_width(cr_, 1.2);
    cairo_stroke(cr_);
    const std::string level = name_of(node.level);
    text(item.x + kCardWidth - kInner, item.y + 20, level, kText, kGrey, false, 1);
    const double room = kCardWidth - 3 * kInner - ruler_.width(level) - 10;
    text(item.x + kInner, item.y + 20, ruler_.fitting(node.name, room, 14), 14, kInk, true);
    text(item.x + kInner, item.y + 37, kind_of(node), kText, kInk);
    double y = item.y + kHead + 18;
    for (const auto& [heading, lines] : item.rows) {
      text(item.x + kInner, y, heading, kText, kGrey);
      for (const auto& line : lines) {
        text(item.x + kLabels, y, line, kText, kInk);
        y += kLine;
      }
      y += 3;
    }
  }

  /// Where an edge enters its destination: below its label, edges above each other.
  double port(const Item& item, size_t route) const {
    double needed = 0;
    for (size_t r : item.incoming) needed += 14 + kLine * double(layout_.routes[r].label.size());
    double y = item.y + (item.height - needed) / 2;
    for (size_t r : item.incoming) {
      y += 14 + kLine * double(layout_.routes[r].label.size());
      if (r == route) break;
    }
    return y - 7;
  }

  void paint_route(size_t r) {
    const Route& route = layout_.routes[r];
    cairo_set_antialias(cr_, CAIRO_ANTIALIAS_DEFAULT);
    cairo_set_source_rgb(cr_, kEdge.r, kEdge.g, kEdge.b);
    cairo_set_line_width(cr_, 1.4);
    const Item& first = layout_.items[route.items.front()];
    double x = first.x + kCardWidth, y = first.centre();
    cairo_move_to(cr_, x, y);
    for (size_t k = 1; k < route.items.size(); ++k) {
      const Item& next = layout_.items[route.items[k]];
      const bool last = k + 1 == route.items.size();
      const double to_y = last ? port(next, r) : next.centre();
      cairo_curve_to(cr_, x + kCurve / 2, y, x + kCurve / 2, to_y, x + kCurve, to_y);
      cairo_line_to(cr_, last ? next.x - 7 : next.x + kCardWidth, to_y);
      x = next.x + kCardWidth;
      y = to_y;
    }
    cairo_stroke(cr_);
    const Item& end = layout_.items[route.items.back()];
    arrow_head(end.x, y);
    double label_y = y - 5 - kLine * (double(route.label.size()) - 1);
    for (const auto& line : route.label) {
      text(end.x - 12, label_y, line, kText, kInk, false, 1);
      label_y += kLine;
    }
  }

  void arrow_head(double x, double y) {
    cairo_set_source_rgb(cr_, kEdge.r, kEdge.g, kEdge.b);
    cairo_move_to(cr_, x - 1, y);
    cairo_line_to(cr_, x - 10, y - 4.5);
    cairo_line_to(cr_, x - 10, y + 4.5);
    cairo_close_path(cr_);
    cairo_fill(cr_);
  }

  Canvas& c_;
  cairo_t* cr_;
  const StatsModel& model_;
  const Layout& layout_;
  Ruler ruler_;
};

}  // namespace

void draw_model(const StatsModel& model, const std::string& png, const std::string& svg) {
  const Layout layout(model);
  constexpr double kPixels = 2;  // per unit, for screens and print
  Canvas sharp(kPixels * layout.width, kPixels * layout.height);
  cairo_scale(sharp.cairo(), kPixels, kPixels);
  Painter(sharp, model, layout).paint();
  sharp.save(png);
  Canvas vector(layout.width, layout.height, svg);
  Painter(vector, model, layout).paint();
  vector.save_svg(svg);
}

}  // namespace sociometer
