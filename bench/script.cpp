#include "bench/script.h"

#include <new>

#include <duktape.h>

#include "core/error.h"

namespace nmperm {
namespace {

// What the charting library expects of its surroundings, although nothing of it happens here.
constexpr std::string_view kSurroundings = R"(
var global = this;
var setTimeout = function () { return 0; };
var clearTimeout = function () {};
var console = { log: function () {}, warn: function () {}, error: function () {} };
)";

}  // namespace

void Script::Free::operator()(duk_hthread* context) const {
  duk_destroy_heap(context);
}

Script::Script() : context_(duk_create_heap_default()) {
  if (!context_) throw std::bad_alloc();
  run("surroundings", kSurroundings);
}

std::string Script::run(const std::string& name, std::string_view program) {
  duk_context* const context = context_.get();
  duk_push_string(context, name.c_str());
  const bool done = duk_pcompile_lstring_filename(context, 0, program.data(), program.size()) == 0 &&
                    duk_pcall(context, 0) == 0;
  std::string value = duk_safe_to_string(context, -1);
  duk_pop(context);
  if (!done) throw InternalError(name + ": " + value);
  return value;
}

void Script::set_json(const std::string& variable, const std::string& json) {
  duk_context* const context = context_.get();
  duk_push_lstring(context, json.data(), json.size());
  duk_json_decode(context, -1);
  duk_put_global_string(context, variable.c_str());
}

}  // namespace nmperm
