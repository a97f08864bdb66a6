// Runs JavaScript (ES5, by Duktape) in this process: the charts of papers are drawn by the same code as those
// of the page.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct duk_hthread;

namespace nmperm {

/// A JavaScript world of its own, without files, network or clock.
class Script {
 public:
  Script();

  /// Runs a program; returns its value as text. `name` says in errors which. Throws InternalError where the
  /// program fails: it is part of this one.
  std::string run(const std::string& name, std::string_view program);
  /// Sets a global variable to what the JSON says.
  void set_json(const std::string& variable, const std::string& json);

 private:
  struct Free {
    void operator()(duk_hthread* context) const;
  };
  std::unique_ptr<duk_hthread, Free> context_;
};

}  // namespace nmperm
