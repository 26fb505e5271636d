#pragma once

namespace sociometer::jobs {}
namespace sociometer::cli {
using namespace jobs;  // options and commands are about requests
}

/// For headers that only pass commands on: including all of CLI11 takes seconds to compile.
namespace CLI {
class App;
class Option;
class ParseError;
}  // namespace CLI
