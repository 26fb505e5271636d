#include "io/report/png.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <span>
#include <unordered_map>

#include <libdeflate.h>

#include "engine/core/error.hpp"
#include "io/bytes/gzip_write.hpp"

namespace sociometer {
namespace {

uint8_t channel(double v) { return uint8_t(std::lround(255 * std::clamp(v, 0.0, 1.0))); }

struct Colour {
  std::array<uint8_t, 3> rgb{};
  uint64_t count = 0;
  uint32_t key() const { return uint32_t(rgb[0]) << 16 | uint32_t(rgb[1]) << 8 | rgb[2]; }
};

/// Colours [first, last) that become one, until the box is cut in two.
struct Box {
  size_t first, last;
  int widest = 0;     ///< channel to be cut
  double spread = 0;  ///< squared deviations along it, over all pixels
};

Box measured(const std::vector<Colour>& colours, size_t first, size_t last) {
  Box box{first, last};
  for (int c = 0; c < 3; ++c) {
    double n = 0, sum = 0, squares = 0;
    for (size_t i = first; i < last; ++i) {
      const double v = colours[i].rgb[size_t(c)], w = double(colours[i].count);
      n += w, sum += w * v, squares += w * v * v;
    }
    const double spread = squares - sum * sum / n;
    if (spread > box.spread) box.widest = c, box.spread = spread;
  }
  return box;
}

/// Where the colours of a box, sorted along its widest channel, are cut: at the mean.
size_t cut_of(std::vector<Colour>& colours, const Box& box) {
  const size_t c = size_t(box.widest);
  std::sort(colours.begin() + long(box.first), colours.begin() + long(box.last),
            [&](const Colour& a, const Colour& b) {
              return a.rgb[c] != b.rgb[c] ? a.rgb[c] < b.rgb[c] : a.key() < b.key();
            });
  double n = 0, sum = 0;
  for (size_t i = box.first; i < box.last; ++i)
    n += double(colours[i].count), sum += double(colours[i].count) * colours[i].rgb[c];
  size_t cut = box.first + 1;
  while (cut < box.last - 1 && colours[cut].rgb[c] <= sum / n) ++cut;
  return cut;
}

/// Boxes of colours; each becomes an entry of the palette.
std::vector<Box> boxes_of(std::vector<Colour>& colours, size_t n_boxes) {
  std::vector<Box> boxes{measured(colours, 0, colours.size())};
  while (boxes.size() < n_boxes) {
    const auto worst = std::max_element(
        boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.spread < b.spread; });
    if (worst->spread <= 0) break;
    const size_t cut = cut_of(colours, *worst), last = worst->last;
    *worst = measured(colours, worst->first, cut);
    boxes.push_back(measured(colours, cut, last));
  }
  return boxes;
}

struct Palette {
  std::vector<std::array<uint8_t, 3>> entries;
  bool has_transparent = false;                    ///< entry 0
  std::unordered_map<uint32_t, uint8_t> entry_of;  ///< by colour
};

std::vector<Colour> colours_of(const Pixels& pixels, bool& has_transparent) {
  std::unordered_map<uint32_t, uint64_t> counts;
  for (size_t i = 0; i < pixels.rgba.size(); i += 4) {
    const uint8_t* p = pixels.rgba.data() + i;
    if (p[3] < 128)
      has_transparent = true;
    else
      ++counts[Colour{{p[0], p[1], p[2]}}.key()];
  }
  std::vector<Colour> colours;
  for (const auto& [key, count] : counts)
    colours.push_back({{uint8_t(key >> 16), uint8_t(key >> 8), uint8_t(key)}, count});
  std::sort(colours.begin(), colours.end(),
            [](const Colour& a, const Colour& b) { return a.key() < b.key(); });
  return colours;
}

Palette palette_of(const Pixels& pixels, int n_colours) {
  Palette palette;
  std::vector<Colour> colours = colours_of(pixels, palette.has_transparent);
  if (palette.has_transparent) palette.entries.push_back({0, 0, 0});
  const size_t room = size_t(n_colours) - palette.entries.size();
  if (colours.empty()) return palette;
  for (const Box& box : boxes_of(colours, room)) {
    double n = 0, sum[3] = {0, 0, 0};
    for (size_t i = box.first; i < box.last; ++i) {
      n += double(colours[i].count);
      for (size_t c = 0; c < 3; ++c) sum[c] += double(colours[i].count) * colours[i].rgb[c];
      palette.entry_of[colours[i].key()] = uint8_t(palette.entries.size());
    }
    palette.entries.push_back(
        {channel(sum[0] / n / 255), channel(sum[1] / n / 255), channel(sum[2] / n / 255)});
  }
  return palette;
}

void append_number(std::string& out, uint32_t n) {
  for (int shift = 24; shift >= 0; shift -= 8) out += char(n >> shift & 255);
}

void append_chunk(std::string& out, const std::string& type, const std::string& data) {
  append_number(out, uint32_t(data.size()));
  out += type + data;
  append_number(out,
                libdeflate_crc32(0, out.data() + out.size() - data.size() - 4, data.size() + 4));
}

std::string compressed(const std::string& bytes) {
  const auto out = zlib_compress(std::as_bytes(std::span(bytes)), 9);
  return {out.begin(), out.end()};
}

/// Entries of 8 bits, or two in a byte.
using Rows = std::vector<std::string>;
Rows packed_rows(const IndexedPixels& pixels, int bits) {
  Rows rows;
  for (Eigen::Index y = 0; y < pixels.height; ++y) {
    const auto* from = reinterpret_cast<const char*>(pixels.entries.data()) + y * pixels.width;
    std::string row(from, from + pixels.width);
    if (bits == 4) {
      std::string halves(size_t(pixels.width + 1) / 2, '\0');
      for (size_t x = 0; x < row.size(); ++x)
        halves[x / 2] = char(uint8_t(halves[x / 2]) | uint8_t(row[x]) << (x % 2 == 0 ? 4 : 0));
      row = std::move(halves);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The neighbour of which the bytes are nearest, of those to the left, above, and above the left.
/// @source PNG specification, 3rd ed., 9.4.
int paeth(int left, int above, int corner) {
  const int guess = left + above - corner;
  const int to_left = std::abs(guess - left), to_above = std::abs(guess - above),
            to_corner = std::abs(guess - corner);
  if (to_left <= to_above && to_left <= to_corner) return left;
  return to_above <= to_corner ? above : corner;
}

/// A row as differences by one of PNG's five filters, after the filter's number.
std::string filtered(const std::string& row, const std::string& before, int filter) {
  std::string out(1, char(filter));
  for (size_t x = 0; x < row.size(); ++x) {
    const int left = x > 0 ? uint8_t(row[x - 1]) : 0, above = uint8_t(before[x]),
              corner = x > 0 ? uint8_t(before[x - 1]) : 0;
    const int guess = filter == 1   ? left
                      : filter == 2 ? above
                      : filter == 3 ? (left + above) / 2
                      : filter == 4 ? paeth(left, above, corner)
                                    : 0;
    out += char(uint8_t(row[x]) - guess);
  }
  return out;
}

/// The sum of differences as signed numbers, which is small where a filter fits.
long size_of(const std::string& filtered_row) {
  long sum = 0;
  for (size_t x = 1; x < filtered_row.size(); ++x)
    sum += std::abs(int(static_cast<signed char>(filtered_row[x])));
  return sum;
}

std::string with_best_filters(const Rows& rows) {
  std::string out;
  std::string before(rows.empty() ? 0 : rows[0].size(), '\0');
  for (const std::string& row : rows) {
    std::string best = filtered(row, before, 0);
    for (const int filter : {1, 2, 4})
      if (std::string other = filtered(row, before, filter); size_of(other) < size_of(best))
        best = std::move(other);
    out += best;
    before = row;
  }
  return out;
}

std::string without_filters(const Rows& rows) {
  std::string out;
  for (const std::string& row : rows) out += '\0' + row;
  return out;
}

/// The whole file. @param rows  compressed.
std::string png_of(const IndexedPixels& pixels, int bits, const std::string& rows) {
  std::string header, entries, alphas;
  append_number(header, uint32_t(pixels.width));
  append_number(header, uint32_t(pixels.height));
  header += char(bits);
  header += std::string("\3\0\0\0", 4);  // palette; deflate, filters, not interlaced
  size_t n_alphas = 0;
  for (size_t i = 0; i < pixels.palette.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) entries += char(pixels.palette[i][c]);
    alphas += char(pixels.palette[i][3]);
    if (pixels.palette[i][3] != 255) n_alphas = i + 1;  // those that are left out are opaque
  }
  std::string out = "\x89PNG\r\n\x1a\n";
  append_chunk(out, "IHDR", header);
  append_chunk(out, "PLTE", entries);
  if (n_alphas > 0) append_chunk(out, "tRNS", alphas.substr(0, n_alphas));
  append_chunk(out, "IDAT", rows);
  append_chunk(out, "IEND", "");
  return out;
}

void check(const IndexedPixels& pixels) {
  require(pixels.width > 0 && pixels.height > 0, "a picture with pixels");
  require(Eigen::Index(pixels.entries.size()) == pixels.width * pixels.height,
          "an entry for each pixel");
  require(!pixels.palette.empty() && pixels.palette.size() <= 256, "1 to 256 colours");
  for (const uint8_t entry : pixels.entries)
    require(entry < pixels.palette.size(), "entries of the palette");
}

int bits_for(const IndexedPixels& pixels) { return pixels.palette.size() <= 16 ? 4 : 8; }

}  // namespace

void Pixels::set(Eigen::Index column, Eigen::Index row, Rgb colour, double alpha) {
  uint8_t* p = at(column, row);
  p[0] = channel(colour.r), p[1] = channel(colour.g), p[2] = channel(colour.b);
  p[3] = channel(alpha);
}

std::string palette_png(const Pixels& pixels, int n_colours) {
  require(pixels.width > 0 && pixels.height > 0, "a picture with pixels");
  require(n_colours >= 2 && n_colours <= 256, "2 to 256 colours");
  const Palette palette = palette_of(pixels, n_colours);
  IndexedPixels indexed{pixels.width, pixels.height, {}, {}};
  for (size_t i = 0; i < pixels.rgba.size(); i += 4) {
    const uint8_t* p = pixels.rgba.data() + i;
    indexed.entries.push_back(p[3] < 128 ? 0
                                         : palette.entry_of.at(Colour{{p[0], p[1], p[2]}}.key()));
  }
  for (const auto& [r, g, b] : palette.entries) indexed.palette.push_back({r, g, b, 255});
  if (palette.has_transparent) indexed.palette[0][3] = 0;
  const int bits = bits_for(indexed);
  return png_of(indexed, bits, compressed(without_filters(packed_rows(indexed, bits))));
}

std::string indexed_png(const IndexedPixels& pixels) {
  check(pixels);
  const int bits = bits_for(pixels);
  const Rows rows = packed_rows(pixels, bits);
  const std::string plain = compressed(without_filters(rows));
  if (bits < 8) return png_of(pixels, bits, plain);  // halves of a byte have no differences
  const std::string filtered = compressed(with_best_filters(rows));
  return png_of(pixels, bits, filtered.size() < plain.size() ? filtered : plain);
}

}  // namespace sociometer
