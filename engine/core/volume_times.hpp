#pragma once
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// The repetition time of volumes at equal distances from 0, to 0.1 %; nothing if distances differ,
/// as with sparse acquisition and gaps.
/// @param onset_s  increasing.
std::optional<double> even_spacing(const std::vector<double>& onset_s);

/// The distance of volumes at equal distances, to 0.1 %, wherever the first one is.
std::optional<double> equal_distance(std::vector<double> onset_s);

/// The shortest distance of two volumes: how long one of them takes, at most.
/// @param onset_s  increasing, at least two.
double shortest_distance(const std::vector<double>& onset_s);

/// How many distances are longer than the shortest by more than half of it.
size_t n_gaps(const std::vector<double>& onset_s);

/// Onsets that increase, as many as volumes.
/// @param where  the file, for messages.
/// @throws Error{bad_input}
void check_volume_times(const std::vector<double>& onset_s, std::optional<long> n_volumes,
                        const std::string& where);

/// Times at which scans are sampled: `start_s` after their onsets.
Eigen::VectorXd sampled_at(const std::vector<double>& onset_s, double start_s);

}  // namespace sociometer
