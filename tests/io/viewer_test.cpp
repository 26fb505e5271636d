#include "io/report/viewer.hpp"

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <zlib.h>

#include "io/bytes/json.hpp"
#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"

using namespace sociometer;
using namespace sociometer::testing;

namespace {

/// An asymmetric image: no two corners are alike, and one voxel stands out.
struct Scene {
  Grid grid;
  std::vector<float> values;
  Eigen::Vector3d peak_mm;
};

Scene scene_on(const Eigen::Matrix3d& axes) {
  Scene scene;
  scene.grid.size = {11, 13, 9};
  scene.grid.world_from_voxel.topLeftCorner<3, 3>() = axes;
  scene.grid.world_from_voxel.col(3) << 30, -50, -20, 1;
  scene.values.assign(size_t(scene.grid.n_voxels()), 0);
  for (Eigen::Index x = 2; x < 7; ++x)
    for (Eigen::Index y = 3; y < 12; ++y)
      for (Eigen::Index z = 1; z < 6; ++z)
        scene.values[size_t(scene.grid.index(x, y, z))] =
            float(0.1 * double(x) - 0.3 * double(y) + 0.05 * double(z));
  const Eigen::Index peak = scene.grid.index(5, 4, 2);
  scene.values[size_t(peak)] = 7.25F;
  scene.values[0] = NAN;
  scene.peak_mm = scene.grid.world(peak);
  return scene;
}

Eigen::Matrix3d las() { return Eigen::Vector3d(-3, 3, 3.5).asDiagonal(); }

Eigen::Matrix3d oblique() {
  const Eigen::AngleAxisd turn(0.3, Eigen::Vector3d(1, 0.5, -0.2).normalized());
  return turn.toRotationMatrix() * Eigen::Vector3d(2, 2.5, 3).asDiagonal();
}

/// The NIfTI file that the viewer makes of a packed volume: as unpacked() of viewer.js.
Image read_back(const std::vector<uint8_t>& packed) {
  std::vector<uint8_t> bytes(size_t{16} << 20);
  uLongf n = uLongf(bytes.size());
  EXPECT_EQ(uncompress(bytes.data(), &n, packed.data(), uLong(packed.size())), Z_OK);
  bytes.resize(n);
  constexpr size_t kOffset = 352, kBits = 72;
  if (bytes[kBits] == 16) {
    const std::vector<uint8_t> split = bytes;
    const size_t voxels = (bytes.size() - kOffset) / 2;
    for (size_t v = 0; v < voxels; ++v) {
      const int folded = split[kOffset + v] + 256 * split[kOffset + voxels + v];
      const auto value = int16_t(folded % 2 == 0 ? folded / 2 : -(folded + 1) / 2);
      std::memcpy(bytes.data() + kOffset + 2 * v, &value, 2);
    }
  }
  const TemporaryFolder folder;
  const std::string path = folder / "volume.nii";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  return read_nifti(path);
}

ViewerVolume volume_of(ViewerRole role, const std::string& id) {
  ViewerVolume volume;
  volume.id = id;
  volume.name = id;
  volume.role = role;
  volume.maximum = 8;
  volume.packed = {'f', 'o', 'o', 'b'};
  return volume;
}

ViewerContents small_contents() {
  return {{volume_of(ViewerRole::background, "mean"), volume_of(ViewerRole::statistic, "rank")}};
}

Json data_of(const Html& html) {
  const std::string start = "<script type=\"application/json\">";
  const std::string& text = html.markup();
  const size_t from = text.find(start) + start.size();
  return Json::parse(text.substr(from, text.find("</script>", from) - from));
}

}  // namespace

TEST(ViewerVolumeBytes, KeepEveryValueAtItsPlaceOnGridsOfAnyOrientation) {
  for (const Eigen::Matrix3d& axes : {las(), oblique()}) {
    const Scene scene = scene_on(axes);
    const Image image =
        read_back(viewer_volume_bytes(scene.grid, scene.values, ViewerRole::statistic));
    // The box of the values, and a voxel on each side.
    EXPECT_EQ(image.header.grid.size, (std::array<Eigen::Index, 3>{7, 11, 7}));
    Eigen::Index peak;
    image.values.col(0).maxCoeff(&peak);
    EXPECT_LT((image.header.grid.world(peak) - scene.peak_mm).norm(), 1e-4);
    const Eigen::Matrix4d voxel_from_world = scene.grid.world_from_voxel.inverse();
    for (Eigen::Index v = 0; v < image.values.rows(); ++v) {
      const Eigen::Vector4d at = voxel_from_world * image.header.grid.world(v).homogeneous();
      const float value = scene.values[size_t(
          scene.grid.index(std::lround(at[0]), std::lround(at[1]), std::lround(at[2])))];
      // The viewer shows two decimals.
      EXPECT_NEAR(image.values(v, 0), std::isnan(value) ? 0 : value, 0.005 + 1e-6);
    }
  }
}

TEST(ViewerVolumeBytes, StepsAreNeverFarFromTheLargestValue) {
  for (const float largest : {0.5F, 2.F, 9.F, 400.F}) {
    Scene scene = scene_on(las());
    for (float& value : scene.values) value *= largest / 7.25F;
    const Image image =
        read_back(viewer_volume_bytes(scene.grid, scene.values, ViewerRole::statistic));
    EXPECT_NEAR(image.values.maxCoeff(), double(largest), double(largest) / 500) << largest;
    EXPECT_LT(image.values.minCoeff(), -double(largest) / 4) << largest;
  }
}

TEST(ViewerVolumeBytes, KeepLabelsAsTheyAre) {
  Scene scene = scene_on(las());
  for (float& value : scene.values) value = value > 7 ? 3 : 0;
  for (const float large : {200.F, 4000.F}) {
    scene.values[size_t(scene.grid.index(8, 8, 8))] = large;
    const Image image =
        read_back(viewer_volume_bytes(scene.grid, scene.values, ViewerRole::clusters));
    EXPECT_EQ(image.header.format.type, large > 255 ? ScalarType::int16 : ScalarType::uint8);
    EXPECT_EQ(image.values.sum(), double(large) + 3);
    EXPECT_EQ(image.values.maxCoeff(), double(large));
  }
}

TEST(ViewerVolumeBytes, BackgroundsHaveGreyLevelsAndNothingOutside) {
  Scene scene = scene_on(las());
  const Image image =
      read_back(viewer_volume_bytes(scene.grid, scene.values, ViewerRole::background, -3, 1));
  EXPECT_EQ(image.values.maxCoeff(), 255);
  const Eigen::Index corner = 0;
  EXPECT_EQ(image.values(corner, 0), 0);
  // x = 2, y = 3, z = 1: 0.2 - 0.9 + 0.05 = -0.65, 2.35 of 4 above black.
  EXPECT_EQ(image.values(image.header.grid.index(1, 1, 1), 0), std::rint(1 + 254 * 2.35 / 4));
}

TEST(ViewerVolumeBytes, LargeBackgroundsAreAveragedInPlace) {
  Grid grid;
  grid.size = {141, 139, 160};
  grid.world_from_voxel.diagonal() << -1, 1, 1, 1;
  grid.world_from_voxel.col(3) << 70, -90, -60, 1;
  std::vector<float> values(size_t(grid.n_voxels()), 100);
  // A bright ball whose centre is to stay where it was.
  const Eigen::Vector3d centre(21, -33, 12);
  for (Eigen::Index v = 0; v < grid.n_voxels(); ++v)
    if ((grid.world(v) - centre).norm() < 12) values[size_t(v)] = 200;
  const auto bytes = viewer_volume_bytes(grid, values, ViewerRole::background, 0, 200);
  const Image image = read_back(bytes);
  EXPECT_LT(image.header.grid.n_voxels(), 500'000);
  Eigen::Vector3d sum(0, 0, 0);
  double weight = 0;
  for (Eigen::Index v = 0; v < image.values.rows(); ++v)
    if (image.values(v, 0) > 200) {
      sum += image.header.grid.world(v);
      weight += 1;
    }
  EXPECT_LT((sum / weight - centre).norm(), 0.2);
}

TEST(Viewer, DataComeBackAsTheyWereGiven) {
  ViewerContents contents = small_contents();
  contents.volumes[1].threshold = 3.1;
  contents.volumes[1].two_sided = true;
  contents.volumes[1].unit = "t";
  contents.volumes.push_back(volume_of(ViewerRole::clusters, "rank-clusters"));
  contents.volumes.back().labels = {{1, "left insula"}, {12, "right insula"}};
  contents.volumes.back().statistic = "rank";
  contents.volumes.back().packed = {'f', 'o', 'o'};
  const Json volumes = data_of(viewer_markup(contents)).at("volumes");
  ASSERT_EQ(volumes.size(), 3u);
  EXPECT_EQ(volumes[0].at("role"), "background");
  EXPECT_EQ(volumes[1].at("threshold"), 3.1);
  EXPECT_EQ(volumes[1].at("sides"), 2);
  EXPECT_EQ(volumes[1].at("data"), "Zm9vYg==");
  EXPECT_EQ(volumes[2].at("data"), "Zm9v");
  EXPECT_EQ(volumes[2].at("labels").at("12"), "right insula");
  EXPECT_EQ(volumes[2].at("of"), "rank");
}

TEST(Viewer, MapsWithoutValuesHaveAColourBar) {
  ViewerContents contents = small_contents();
  contents.volumes[1].maximum = 0;
  contents.volumes[1].threshold = std::numeric_limits<double>::infinity();
  const Json volumes = data_of(viewer_markup(contents)).at("volumes");
  EXPECT_EQ(volumes[1].at("maximum"), 1);
  EXPECT_EQ(volumes[1].at("threshold"), 1);
}

TEST(Viewer, HostileNamesStayText) {
  ViewerContents contents = small_contents();
  const std::string hostile = "</script><!--<script><img src=x onerror=alert(1)>\"'&\xff\x1b[31m";
  contents.volumes[1].name = hostile;
  contents.volumes[1].unit = hostile;
  contents.volumes.push_back(volume_of(ViewerRole::regions, "regions"));
  contents.volumes.back().labels = {{1, hostile}};
  const Html html = viewer_markup(contents);
  const std::string& text = html.markup();
  const size_t data = text.find("<script");
  EXPECT_EQ(text.find('<', data + 1), text.find("</script>"));
  EXPECT_EQ(text.find("<!--"), std::string::npos);
  const Json volumes = data_of(html).at("volumes");
  EXPECT_TRUE(volumes[1].at("name").get<std::string>().starts_with("</script><!--<script><img"));
  EXPECT_EQ(volumes[2].at("labels").at("1"), volumes[1].at("name"));
}

TEST(Viewer, RefusesContentsThatItCannotShow) {
  EXPECT_THROW(viewer_markup({{volume_of(ViewerRole::statistic, "rank")}}), std::logic_error);
  EXPECT_THROW(viewer_markup({{volume_of(ViewerRole::background, "mean")}}), std::logic_error);
  ViewerContents contents = small_contents();
  contents.volumes[1].id = contents.volumes[0].id;
  EXPECT_THROW(viewer_markup(contents), std::logic_error);
}

TEST(Viewer, IsThereIfItsScriptWasBuiltIn) {
  EXPECT_EQ(html_viewer(small_contents()).empty(), viewer_script().empty());
  if (viewer_script().empty()) GTEST_SKIP() << "a build without scripts/build_viewer.sh";
  EXPECT_EQ(viewer_script().find("</script"), std::string_view::npos);
  EXPECT_EQ(viewer_script().find("<!--"), std::string_view::npos);
  EXPECT_NE(viewer_script().find("Copyright (c) 2021, Niivue"), std::string_view::npos);
  EXPECT_LT(viewer_script().size(), size_t{1'200'000});
}
