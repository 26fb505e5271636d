#pragma once

/// For headers that only pass commands on: including all of CLI11 takes seconds to compile.
namespace CLI {
class App;
class Option;
class ParseError;
}  // namespace CLI
