// Figures of a report, from the runs: no drawing, no page. ES5, because Duktape runs it for `--format svg`.
//
// `data` is what bench/report_data.h describes. A view says which series and instances are looked at:
// {series: [indices], instances: [indices]}.
var statistics = (function () {
  'use strict';

  function median(values) {
    if (values.length === 0) return null;
    var sorted = values.slice().sort(function (a, b) { return a - b; });
    var middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  function mean(values) {
    if (values.length === 0) return null;
    return values.reduce(function (sum, value) { return sum + value; }, 0) / values.length;
  }

  function everything(data) {
    var indices = function (list) { return list.map(function (_, index) { return index; }); };
    return { series: indices(data.series), instances: indices(data.instances) };
  }

  function runsOf(data, instance, series) {
    return data.runs.filter(function (run) { return run.instance === instance && run.series === series; });
  }

  function isComplete(run) { return !run.refusal && !run.failure; }

  // What a run had kept after some seconds: the given order before its first improvement. Traces have the
  // float32 sums of the search, which may exceed by a rounding what was kept in the end.
  function keptAt(data, run, seconds) {
    var kept = data.instances[run.instance].default;
    for (var i = 0; i < run.trace.seconds.length && run.trace.seconds[i] <= seconds; ++i) {
      kept = Math.max(kept, run.trace.kept[i]);
    }
    return Math.min(kept, run.kept);
  }

  // When a run reached what it kept in the end.
  function secondsToBest(run) {
    var seconds = 0, best = -Infinity;
    for (var i = 0; i < run.trace.seconds.length; ++i) {
      if (run.trace.kept[i] > best) {
        best = run.trace.kept[i];
        seconds = run.trace.seconds[i];
      }
    }
    return seconds;
  }

  function efficacy(data, instance, kept) {
    var of = data.instances[instance];
    return of.rowBound > of.default ? 100 * (kept - of.default) / (of.rowBound - of.default) : null;
  }

  // The most that is known to be kept, the least proven bound, what is left between them, and who is to be
  // thanked: 'runs' of the file, or the instance 'library' where what it knows is better.
  function best(data, instance) {
    var known = data.instances[instance].known, kept = null, bound = null, method = '', keptBy = 'runs', boundBy = 'runs';
    data.runs.forEach(function (run) {
      if (run.instance !== instance || !isComplete(run)) return;
      if (kept === null || run.kept > kept) kept = run.kept;
      if (run.bound !== null && (bound === null || run.bound < bound)) {
        bound = run.bound;
        method = run.boundMethod;
      }
    });
    // Sums of scores carry the rounding of float64: what differs by less is the same. Where no run was complete
    // the magnitudes are not known, and nothing is shown.
    if (known && kept !== null && known.kept > kept * (1 + 1e-12)) {
      kept = known.kept;
      keptBy = 'library';
    }
    if (known && known.bound !== null && (bound === null || known.bound < bound * (1 - 1e-12))) {
      bound = known.bound;
      method = known.boundMethod;
      boundBy = 'library';
    }
    var gap = kept === null || bound === null ? null : gapTo(data, instance, kept, bound);
    return { kept: kept, keptBy: keptBy, bound: bound, boundBy: boundBy, method: method, gap: gap,
      optimal: gap !== null && gap <= 1e-6 };
  }

  // (limit - kept) / (total - kept): the share of the pruned magnitude that lies between them.
  function gapTo(data, instance, kept, limit) {
    if (limit <= kept) return 0;
    return (limit - kept) / (data.instances[instance].total - kept);
  }

  // The share of the best known gain over the given order that is still missing; null where nothing can be
  // gained.
  function missing(data, instance, kept, bestKept) {
    var start = data.instances[instance].default;
    if (bestKept === null || !(bestKept > start)) return null;
    return Math.min(1, Math.max(0, (bestKept - kept) / (bestKept - start)));
  }

  // One instance and series: medians over seeds, and what did not work.
  function cell(data, instance, series) {
    var runs = runsOf(data, instance, series);
    var complete = runs.filter(isComplete);
    var kept = complete.map(function (run) { return run.kept; });
    var medianKept = median(kept);
    var limits = best(data, instance);
    var hasKept = medianKept !== null;
    return {
      runs: runs.length,
      complete: complete.length,
      refusal: runs.length > 0 && runs[0].refusal ? runs[0].refusal : '',
      failures: runs.filter(function (run) { return run.failure; }),
      kept: medianKept,
      efficacy: hasKept ? efficacy(data, instance, medianKept) : null,
      gap: hasKept && limits.bound !== null ? gapTo(data, instance, medianKept, limits.bound) : null,
      behind: hasKept ? gapTo(data, instance, medianKept, limits.kept) : null,
      missing: hasKept ? missing(data, instance, medianKept, limits.kept) : null,
      seconds: median(complete.map(secondsToBest)),
      optimal: complete.filter(function (run) { return run.status === 'optimal'; }).length
    };
  }

  // Which of the series have the best median of an instance, up to rounding of the sums.
  function bestSeries(data, instance, series) {
    var cells = series.map(function (s) { return cell(data, instance, s).kept; });
    var most = Math.max.apply(null, cells.map(function (kept) { return kept === null ? -Infinity : kept; }));
    return series.filter(function (_, i) { return cells[i] !== null && cells[i] >= most - 1e-9 * Math.abs(most); });
  }

  // Times at equal steps of the logarithm, from the first thing worth seeing to the end of the longest run.
  function times(data, instances) {
    var last = 0, first = Infinity;
    data.runs.forEach(function (run) {
      if (!isComplete(run) || instances.indexOf(run.instance) < 0) return;
      last = Math.max(last, run.seconds);
      for (var i = 0; i < run.trace.seconds.length; ++i) {
        if (run.trace.kept[i] > data.instances[run.instance].default) {
          first = Math.min(first, run.trace.seconds[i]);
          break;
        }
      }
    });
    if (!(last > 0)) return [];
    first = Math.min(Math.max(first, 1e-4), last / 10);
    var steps = Math.max(2, Math.ceil(40 * Math.log(last / first) / Math.LN10));
    var grid = [];
    for (var k = 0; k <= steps; ++k) grid.push(first * Math.pow(last / first, k / steps));
    grid[steps] = last;
    return grid;
  }

  // Median, least and most efficacy over seeds, at each time.
  function efficacyCurve(data, instance, series, grid) {
    var runs = runsOf(data, instance, series).filter(isComplete);
    if (runs.length === 0 || efficacy(data, instance, 0) === null) return [];
    return grid.map(function (seconds) {
      var values = runs.map(function (run) { return efficacy(data, instance, keptAt(data, run, seconds)); });
      return {
        seconds: seconds,
        median: median(values),
        least: Math.min.apply(null, values),
        most: Math.max.apply(null, values)
      };
    });
  }

  // The instances of a view that a series took part in and on which something can be gained.
  function gainful(data, series, instances) {
    return instances.filter(function (instance) {
      var runs = runsOf(data, instance, series);
      var limits = best(data, instance);
      return runs.length > 0 && !runs[0].refusal && limits.kept !== null && limits.kept > data.instances[instance].default;
    });
  }

  // Mean over instances of the median over seeds of the missing gain. A failed run gained nothing.
  function progressCurve(data, series, instances, grid) {
    var cells = gainful(data, series, instances).map(function (instance) {
      return { instance: instance, runs: runsOf(data, instance, series), best: best(data, instance).kept };
    });
    if (cells.length === 0) return [];
    return grid.map(function (seconds) {
      var values = cells.map(function (of) {
        return median(of.runs.map(function (run) {
          return run.failure ? 1 : missing(data, of.instance, keptAt(data, run, seconds), of.best);
        }));
      });
      return { seconds: seconds, missing: mean(values) };
    });
  }

  // The missing gain of every run at its end, in rising order: the x of a performance profile. A failed run,
  // and one that was refused, gained nothing.
  function profile(data, series, instances) {
    var values = [];
    instances.forEach(function (instance) {
      var bestKept = best(data, instance).kept;
      runsOf(data, instance, series).forEach(function (run) {
        var value = isComplete(run) ? missing(data, instance, run.kept, bestKept) : 1;
        if (value !== null) values.push(value);
      });
    });
    return values.sort(function (a, b) { return a - b; });
  }

  return {
    best: best, bestSeries: bestSeries, cell: cell, efficacy: efficacy, efficacyCurve: efficacyCurve,
    everything: everything, gainful: gainful, keptAt: keptAt, median: median, profile: profile,
    progressCurve: progressCurve, runsOf: runsOf, secondsToBest: secondsToBest, times: times
  };
})();
