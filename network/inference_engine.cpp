#include "network/inference_engine.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "io/byte_source.h"
#include "network/helper_process.h"

namespace nmperm {
namespace {

/// Both scripts read FOLDER/request.json and write FOLDER/response.json; without a folder they print the
/// engine's version.
constexpr char kNodeScript[] = R"js('use strict';
const fs = require('fs'), path = require('path');
const ort = require(process.argv[2]), folder = process.argv[3];
const kinds = {float32: Float32Array, float64: Float64Array, int64: BigInt64Array, uint64: BigUint64Array,
  int32: Int32Array, uint32: Uint32Array, int16: Int16Array, uint16: Uint16Array, int8: Int8Array,
  uint8: Uint8Array, bool: Uint8Array, float16: Uint16Array};
if (!folder) {
  console.log(ort.env.versions.node || ort.env.versions.common);
  process.exit(0);
}
async function run_job(job, j) {
  const options = {graphOptimizationLevel: 'disabled', logSeverityLevel: 4};
  const session = await ort.InferenceSession.create(job.model, options);
  const outputs = [];
  for (const [r, run] of job.runs.entries()) {
    const feeds = {};
    for (const input of run) {
      const bytes = fs.readFileSync(path.join(folder, input.file));
      const data = new kinds[input.type](new Uint8Array(bytes).buffer);
      feeds[input.name] = new ort.Tensor(input.type, data, input.dims);
    }
    const results = await session.run(feeds), of_run = [];
    for (const [k, name] of session.outputNames.entries()) {
      const tensor = results[name], file = `output_${j}_${r}_${k}`, d = tensor.data;
      fs.writeFileSync(path.join(folder, file), Buffer.from(d.buffer, d.byteOffset, d.byteLength));
      of_run.push({name, type: tensor.type, dims: tensor.dims.map(Number), file});
    }
    outputs.push(of_run);
  }
  if (session.release) await session.release();
  return {outputs};
}
async function main() {
  const answers = [];
  for (const [j, job] of JSON.parse(fs.readFileSync(path.join(folder, 'request.json'))).entries()) {
    answers.push(await run_job(job, j).catch(error => ({error: String(error && error.message || error)})));
  }
  fs.writeFileSync(path.join(folder, 'response.json'), JSON.stringify(answers));
}
main();
)js";

constexpr char kPythonScript[] = R"py(import json, os, sys
import numpy as np
import onnxruntime as ort
if len(sys.argv) < 2:
    print(ort.__version__)
    sys.exit(0)
folder = sys.argv[1]
def run_job(job, j):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = ort.InferenceSession(job['model'], options, providers=['CPUExecutionProvider'])
    outputs = []
    for r, run in enumerate(job['runs']):
        feeds = {i['name']: np.fromfile(os.path.join(folder, i['file']), dtype=i['type']).reshape(i['dims'])
                 for i in run}
        of_run = []
        for k, (info, value) in enumerate(zip(session.get_outputs(), session.run(None, feeds))):
            name = 'output_%d_%d_%d' % (j, r, k)
            np.ascontiguousarray(value).tofile(os.path.join(folder, name))
            of_run.append({'name': info.name, 'type': str(value.dtype), 'dims': list(value.shape), 'file': name})
        outputs.append(of_run)
    return {'outputs': outputs}
answers = []
for j, job in enumerate(json.load(open(os.path.join(folder, 'request.json')))):
    try:
        answers.append(run_job(job, j))
    except Exception as error:
        answers.append({'error': str(error)})
json.dump(answers, open(os.path.join(folder, 'response.json'), 'w'))
)py";

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_bytes(const std::string& path, const char* data, std::size_t size) {
  std::ofstream file(path, std::ios::binary);
  file.write(data, static_cast<std::streamsize>(size));
  file.flush();
  if (!file) throw InputError(path, {}, "cannot be written", "room for temporary files");
}

}  // namespace

namespace {

nlohmann::json job_json(const EngineJob& job, std::size_t index, const TemporaryFolder& folder) {
  nlohmann::json json;
  json["model"] = job.model;
  json["runs"] = nlohmann::json::array();
  for (std::size_t r = 0; r < job.runs.size(); ++r) {
    auto inputs = nlohmann::json::array();
    for (std::size_t i = 0; i < job.runs[r].size(); ++i) {
      const EngineTensor& input = job.runs[r][i];
      const std::string file = fmt::format("input_{}_{}_{}", index, r, i);
      write_bytes(folder.path(file), reinterpret_cast<const char*>(input.bytes.data()), input.bytes.size());
      inputs.push_back({{"name", input.name}, {"type", input.type}, {"dims", input.dims}, {"file", file}});
    }
    json["runs"].push_back(std::move(inputs));
  }
  return json;
}

EngineAnswer read_answer(const nlohmann::json& json, const TemporaryFolder& folder) {
  EngineAnswer answer;
  if (json.contains("error")) {
    answer.error = json["error"].get<std::string>();
    return answer;
  }
  for (const auto& of_run : json.at("outputs")) {
    auto& outputs = answer.outputs.emplace_back();
    for (const auto& entry : of_run) {
      EngineTensor tensor;
      tensor.name = entry.at("name").get<std::string>();
      tensor.type = entry.at("type").get<std::string>();
      tensor.dims = entry.at("dims").get<Shape>();
      const auto source = open_file(folder.path(entry.at("file").get<std::string>()));
      tensor.bytes.resize(source->size_bytes());
      source->read(0, tensor.bytes);
      outputs.push_back(std::move(tensor));
    }
  }
  return answer;
}

}  // namespace

std::string InferenceEngine::advice() {
  return "install Node's onnxruntime-node (scripts/install_onnxruntime.sh; NMPERM_ONNXRUNTIME names its "
         "folder) or "
         "Python's onnxruntime";
}

std::optional<InferenceEngine> InferenceEngine::find(const std::vector<std::string>& folders) {
  const char* const named = std::getenv("NMPERM_ONNXRUNTIME");
  if (named != nullptr && std::string(named) == "none") return std::nullopt;
  std::vector<std::string> packages;
  if (named != nullptr && *named != '\0')
    packages.push_back(std::string(named) + "/node_modules/onnxruntime-node");
  for (const std::string& folder : folders) {
    const std::string package = folder + "/node_modules/onnxruntime-node";
    if (std::ifstream(package + "/package.json")) packages.push_back(package);
  }
  packages.push_back("onnxruntime-node");

  TemporaryFolder folder;
  const auto try_command = [&](std::vector<std::string> command, const char* script,
                               const std::string& file) -> std::optional<InferenceEngine> {
    write_bytes(folder.path(file), script, std::string(script).size());
    std::vector<std::string> call = command;
    call.insert(call.begin() + 1, folder.path(file));
    if (run_process(call, folder.path("version")) != 0) return std::nullopt;
    std::string version = read_text(folder.path("version"));
    while (!version.empty() && version.back() == '\n') version.pop_back();
    InferenceEngine engine;
    engine.command_ = std::move(command);
    engine.script_ = script;
    engine.name_ = "onnxruntime " + version;
    return engine;
  };
  for (const std::string& package : packages) {
    if (auto engine = try_command({"node", package}, kNodeScript, "run.js")) return engine;
  }
  return try_command({"python3"}, kPythonScript, "run.py");
}

std::vector<EngineAnswer> InferenceEngine::run(const std::vector<EngineJob>& jobs) const {
  TemporaryFolder folder;
  auto request = nlohmann::json::array();
  for (std::size_t j = 0; j < jobs.size(); ++j) request.push_back(job_json(jobs[j], j, folder));
  const std::string text = request.dump();
  write_bytes(folder.path("request.json"), text.data(), text.size());
  write_bytes(folder.path("script"), script_.data(), script_.size());
  std::vector<std::string> command = command_;
  command.insert(command.begin() + 1, folder.path("script"));
  command.push_back(folder.path(""));
  const int exit_code = run_process(command, folder.path("log"));
  const auto response = nlohmann::json::parse(read_text(folder.path("response.json")), nullptr, false);
  if (exit_code != 0 || !response.is_array() || response.size() != jobs.size()) {
    std::string log = read_text(folder.path("log.err"));
    if (log.size() > 300) log.resize(300);
    throw InputError(name_, {}, fmt::format("ended with exit code {}: {}", exit_code, log),
                     "an engine that runs");
  }
  std::vector<EngineAnswer> answers;
  for (const auto& json : response) answers.push_back(read_answer(json, folder));
  return answers;
}

}  // namespace nmperm
