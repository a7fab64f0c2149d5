#include "measure/gbench.h"
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

size_t failures;
std::map<std::string, size_t> skipped; // reason and number of runs

benchmark::State &of(gcb_gbench_state *state) {
  return *reinterpret_cast<benchmark::State *>(state);
}

// The console's table and the JSON document at once, as text. The library hands a display reporter only the
// streams, so that both can be kept from standard output, where other processes' tables follow.
class Both : public benchmark::BenchmarkReporter {
public:
  std::ostringstream table, warnings, document;

  Both() : console(benchmark::ConsoleReporter::OO_None) {
    SetOutputStream(&table);
    SetErrorStream(&warnings);
    console.SetOutputStream(&table);
    console.SetErrorStream(&warnings);
    json.SetOutputStream(&document);
    json.SetErrorStream(&warnings);
  }
  bool ReportContext(const Context &context) override {
    bool shown = console.ReportContext(context);
    return json.ReportContext(context) && shown;
  }
  void ReportRuns(const std::vector<Run> &all) override {
    std::vector<Run> runs;
    for (const Run &run : all)
      if (!run.error_occurred || !skipped.count(run.error_message)) runs.push_back(run);
    if (runs.empty()) return;
    console.ReportRuns(runs);
    json.ReportRuns(runs);
  }
  void Finalize() override {
    console.Finalize();
    json.Finalize();
  }

private:
  benchmark::ConsoleReporter console;
  benchmark::JSONReporter json;
};

std::string without_debug_warning(const std::string &all) {
  std::istringstream lines(all);
  std::string kept, line;
  while (std::getline(lines, line))
    if (line.find("Library was built as DEBUG") == std::string::npos) kept += line + "\n";
  return kept;
}

void register_case(const gcb_gbench_case *c) {
  auto body = c->run;
  void *context = c->context;
  auto *made = benchmark::RegisterBenchmark(c->name, [body, context](benchmark::State &state) {
    body(reinterpret_cast<gcb_gbench_state *>(&state), context);
  });
  if (c->clocked) made->UseManualTime();
  if (c->iterations) made->Iterations(static_cast<benchmark::IterationCount>(c->iterations));
}

bool more(gcb_gbench_state *state, uint64_t batch) {
  return of(state).KeepRunningBatch(static_cast<benchmark::IterationCount>(batch));
}

uint64_t operations(const gcb_gbench_state *state) {
  return static_cast<uint64_t>(reinterpret_cast<const benchmark::State *>(state)->iterations());
}

void time_of(gcb_gbench_state *state, double seconds) {
  of(state).SetIterationTime(seconds);
}

void fail(gcb_gbench_state *state, const char *why) {
  failures++;
  of(state).SkipWithError(why);
}

void skip(gcb_gbench_state *state, const char *why) {
  skipped[why]++;
  of(state).SkipWithError(why);
}

void items(gcb_gbench_state *state, uint64_t items) {
  of(state).SetItemsProcessed(static_cast<int64_t>(items));
}

void bytes(gcb_gbench_state *state, uint64_t bytes) {
  of(state).SetBytesProcessed(static_cast<int64_t>(bytes));
}

void average(gcb_gbench_state *state, const char *name, double total) {
  of(state).counters[name] = benchmark::Counter(total, benchmark::Counter::kAvgIterations);
}

void time_per(gcb_gbench_state *state, const char *name, double things) {
  of(state).counters[name] =
      benchmark::Counter(things, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

bool run(const gcb_gbench_options *options, gcb_gbench_report *report) {
  std::vector<std::string> words = {"gcbench",
                                    "--benchmark_repetitions=" + std::to_string(options->repetitions)};
  if (options->min_time) words.push_back(std::string("--benchmark_min_time=") + options->min_time);
  if (options->interleave) words.push_back("--benchmark_enable_random_interleaving=true");
  if (options->list) words.push_back("--benchmark_list_tests=true");
  std::vector<char *> argv;
  for (auto &word : words) argv.push_back(&word[0]);
  int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  benchmark::Initialize(&argc, argv.data());
  failures = 0;
  skipped.clear();
  Both both;
  report->cases = benchmark::RunSpecifiedBenchmarks(&both, options->filter ? options->filter : "all");
  report->failed = failures;
  report->table = strdup(both.table.str().c_str());
  report->warnings = strdup(without_debug_warning(both.warnings.str()).c_str());
  report->json = strdup(both.document.str().c_str());
  std::string lines;
  for (const auto &reason : skipped)
    lines += std::to_string(reason.second) + " skipped: " + reason.first + "\n";
  report->skipped = strdup(lines.c_str());
  if (report->table && report->warnings && report->json && report->skipped) return true;
  std::free(report->table);
  std::free(report->warnings);
  std::free(report->json);
  std::free(report->skipped);
  return false;
}

} // namespace

extern "C" const gcb_gbench gcb_gbench_library = {register_case, more,  operations, time_of,  fail, skip,
                                                  items,         bytes, average,    time_per, run};
