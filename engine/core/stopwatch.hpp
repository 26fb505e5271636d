#pragma once
#include <chrono>
#include <string>

#include "engine/core/journal.hpp"

namespace sociometer {

/// "3.2 s", "4 min 10 s", "2 h 5 min".
std::string duration_text(double seconds);

/// Time since construction.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// On destruction, reports at level debug how long a stage took.
class Stage {
 public:
  Stage(Journal& journal, std::string name) : journal_(journal), name_(std::move(name)) {}
  ~Stage() { journal_.debug(name_ + ": " + duration_text(watch_.seconds())); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

 private:
  Journal& journal_;
  std::string name_;
  Stopwatch watch_;
};

}  // namespace sociometer
