// What the charting library is to draw. ES5, because Duktape runs it for `--format svg`.
//
// Every function returns options for Apache ECharts. `theme` has the colours: {text, muted, line, background,
// series: [colour, ...], heat: [colour, ...]}.
var charts = (function () {
  'use strict';

  // Beside its colour each series has its own dashes and marks: who does not see colours tells lines apart too.
  var DASHES = ['solid', [9, 4], [2, 3], [10, 3, 2, 3], 'solid', [14, 4], [5, 3]];
  var MARKS = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle'];
  var MARKS_A_LINE = 6;
  // Shares below this are drawn as this: a logarithm has no zero.
  var LEAST = 1e-4;

  function secondsText(seconds) {
    if (seconds >= 0.9995) return Number(seconds.toPrecision(3)) + ' s';
    if (seconds >= 0.0009995) return Number((1e3 * seconds).toPrecision(3)) + ' ms';
    return Number((1e6 * seconds).toPrecision(3)) + ' µs';
  }

  function percentText(share) { return Number((100 * share).toPrecision(3)) + ' %'; }
  function colour(theme, series) { return theme.series[series % theme.series.length]; }
  function dash(series) { return DASHES[series % DASHES.length]; }
  function mark(series) { return MARKS[series % MARKS.length]; }

  // A few of the points get the mark of their series, not at the same places as those of other series.
  function marked(points, series) {
    var stride = Math.max(1, Math.floor(points.length / MARKS_A_LINE));
    var first = Math.floor(stride * (0.2 + 0.17 * (series % MARKS.length))) % stride;
    return points.map(function (point, k) { return k % stride === first && k < points.length - 1 ? point : { value: point, symbol: 'none' }; });
  }

  function grid() { return { left: 8, right: 18, top: 34, bottom: 30, containLabel: true }; }

  function axis(theme, name, more) {
    var common = {
      name: name,
      nameTextStyle: { color: theme.muted, fontSize: 12 },
      axisLabel: { color: theme.muted, fontSize: 12, hideOverlap: true },
      axisLine: { show: true, onZero: false, lineStyle: { color: theme.line } },
      axisTick: { lineStyle: { color: theme.line } },
      splitLine: { lineStyle: { color: theme.line, opacity: 0.45 } }
    };
    Object.keys(more).forEach(function (key) {
      if (key === 'axisLabel') more[key].color = theme.muted, more[key].fontSize = 12, more[key].hideOverlap = true;
      common[key] = more[key];
    });
    return common;
  }

  function timeAxis(theme, times) {
    // The end has its label where it is not too near to that of the decade before it.
    var last = times[times.length - 1], decades = decadesOnly(secondsText), exponent = Math.log(last) / Math.LN10;
    var hasEnd = exponent - Math.floor(exponent + 1e-9) > 0.45;
    return axis(theme, 'time of search', {
      type: 'log', min: times[0], max: last, nameLocation: 'middle', nameGap: 26, minorSplitLine: { show: false },
      axisLabel: { formatter: function (value) { return hasEnd && Math.abs(value - last) < 1e-6 * last ? secondsText(last) : decades(value); } }
    });
  }

  // Labels at powers of ten only: the axis also has its two ends.
  function decadesOnly(text) {
    return function (value) {
      var exponent = Math.log(value) / Math.LN10;
      return Math.abs(exponent - Math.round(exponent)) < 1e-6 ? text(value) : '';
    };
  }

  function line(theme, label, series, points, more) {
    var option = {
      name: label, type: 'line', data: marked(points, series), step: 'end', symbol: mark(series), symbolSize: 8, showAllSymbol: true,
      z: 3, animation: false,
      lineStyle: { color: colour(theme, series), width: 2, type: dash(series) },
      itemStyle: { color: colour(theme, series) }, emphasis: { disabled: true }
    };
    Object.keys(more || {}).forEach(function (key) { option[key] = more[key]; });
    return option;
  }

  // The area between the least and the most value, as steps.
  function band(theme, series, curve) {
    return {
      type: 'custom', name: 'band', silent: true, clip: true, z: 1, animation: false, data: [[curve[0].seconds, curve[0].least]],
      tooltip: { show: false },
      renderItem: function (_, api) {
        var points = [], k;
        for (k = 0; k < curve.length; ++k) {
          if (k > 0) points.push(api.coord([curve[k].seconds, curve[k - 1].most]));
          points.push(api.coord([curve[k].seconds, curve[k].most]));
        }
        for (k = curve.length - 1; k >= 0; --k) {
          points.push(api.coord([curve[k].seconds, curve[k].least]));
          if (k > 0) points.push(api.coord([curve[k].seconds, curve[k - 1].least]));
        }
        return { type: 'polygon', shape: { points: points }, style: { fill: colour(theme, series), opacity: 0.16 } };
      }
    };
  }

  function escaped(text) {
    return String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
  }

  function tooltip(theme, head, value) {
    return {
      trigger: 'axis', confine: true, backgroundColor: theme.background, borderColor: theme.line,
      textStyle: { color: theme.text, fontSize: 13 }, axisPointer: { type: 'line', lineStyle: { color: theme.muted } },
      formatter: function (items) {
        var lines = items.filter(function (item) { return item.seriesType === 'line'; }).map(function (item) {
          return item.marker + escaped(item.seriesName) + ' <b>' + value(item.value[1]) + '</b>';
        });
        return head(items[0].axisValue) + '<br>' + lines.join('<br>');
      }
    };
  }

  function chart(theme, xAxis, yAxis, series, tip) {
    return {
      animation: false, backgroundColor: 'transparent', grid: grid(), xAxis: xAxis, yAxis: yAxis, series: series, tooltip: tip,
      textStyle: { fontFamily: theme.font, color: theme.text }
    };
  }

  // From `least`, which is LEAST or a power of ten above it, to 1.
  function shareAxis(theme, name, least, more) {
    var option = { type: 'log', min: least, max: 1, minorSplitLine: { show: false },
      axisLabel: { formatter: decadesOnly(function (value) { return (value <= LEAST * 1.01 ? '≤ ' : '') + percentText(value); }) } };
    Object.keys(more).forEach(function (key) { option[key] = more[key]; });
    return axis(theme, name, option);
  }

  // Over all instances of the view: the gain still missing, against time.
  function progress(data, view, theme) {
    var times = statistics.times(data, view.instances);
    var series = [], least = 0.1;
    view.series.forEach(function (s) {
      var curve = statistics.progressCurve(data, s, view.instances, times);
      if (curve.length === 0) return;
      while (least > LEAST * 1.01 && curve[curve.length - 1].missing < least) least /= 10;
      series.push(line(theme, data.series[s].label, s, curve.map(function (point) {
        return [point.seconds, Math.max(LEAST, point.missing)];
      })));
    });
    return times.length === 0 ? null : chart(theme, timeAxis(theme, times),
      shareAxis(theme, 'missing gain', least, { nameTextStyle: { align: 'left', color: theme.muted, fontSize: 12 } }), series,
      tooltip(theme, function (seconds) { return 'after ' + secondsText(Number(seconds)); }, percentText));
  }

  // Over all runs of the view: the share of them whose missing gain is at most x.
  function profile(data, view, theme) {
    var series = [];
    view.series.forEach(function (s) {
      var values = statistics.profile(data, s, view.instances);
      if (values.length === 0) return;
      var points = [];
      for (var k = 0; k < values.length; ++k) {
        var x = Math.max(LEAST, values[k]);
        if (values[k] < 1) {
          if (points.length > 0 && points[points.length - 1][0] === x) points.pop();
          points.push([x, (k + 1) / values.length]);
        }
      }
      if (points.length === 0 || points[0][0] > LEAST) points.unshift([LEAST, 0]);
      points.push([1, points[points.length - 1][1]]);
      series.push(line(theme, data.series[s].label, s, points));
    });
    return series.length === 0 ? null : chart(theme,
      shareAxis(theme, 'missing gain at the end of the run', LEAST, { nameLocation: 'middle', nameGap: 26 }),
      axis(theme, 'share of runs', { type: 'value', min: 0, max: 1, axisLabel: { formatter: percentText },
        nameTextStyle: { align: 'left', color: theme.muted, fontSize: 12 } }), series,
      tooltip(theme, function (share) { return 'missing at most ' + percentText(Number(share)); }, percentText));
  }

  // Horizontal lines over the whole width: [{value, text, dashed}].
  function limitLines(theme, lines) {
    return {
      silent: true, symbol: 'none', animation: false,
      data: lines.map(function (of) {
        return {
          yAxis: of.value, lineStyle: { color: theme.text, type: of.dashed ? [4, 3] : 'solid', width: 1.2 },
          label: { formatter: of.text, position: of.dashed ? 'insideStartBottom' : 'insideStartTop', color: theme.text, fontSize: 12,
            distance: [4, 5] }
        };
      })
    };
  }

  // The proven bound of an instance, and the best known value where the library knows a better one than the runs.
  function limitsOf(data, index, limits) {
    var from = function (by) { return by === 'library' ? ' (library)' : ''; };
    var lines = [];
    if (limits.bound !== null) {
      lines.push({ value: statistics.efficacy(data, index, limits.bound), dashed: false,
        text: (limits.optimal ? 'proven optimum' : 'proven bound') + from(limits.boundBy) });
    }
    if (limits.keptBy === 'library' && !limits.optimal) {
      lines.push({ value: statistics.efficacy(data, index, limits.kept), dashed: true, text: 'best known (library)' });
    }
    return lines;
  }

  // One instance: efficacy against time, with the spread over seeds and what is known to limit it.
  function instance(data, view, index, theme) {
    var times = statistics.times(data, [index]);
    var lines = limitsOf(data, index, statistics.best(data, index));
    var series = [], least = Infinity, worst = Infinity, most = -Infinity;
    view.series.forEach(function (s) {
      var curve = statistics.efficacyCurve(data, index, s, times);
      if (curve.length === 0) return;
      least = Math.min(least, curve[0].least);
      worst = Math.min(worst, curve[curve.length - 1].least);
      most = Math.max(most, curve[curve.length - 1].most);
      if (curve.some(function (point) { return point.most > point.least; })) series.push(band(theme, s, curve));
      series.push(line(theme, data.series[s].label, s, curve.map(function (point) { return [point.seconds, point.median]; })));
    });
    if (series.length === 0) return null;
    lines.forEach(function (of) {
      least = Math.min(least, of.value);
      most = Math.max(most, of.value);
    });
    if (lines.length > 0) series[series.length - 1].markLine = limitLines(theme, lines);
    // Where all end well above the given order, the differences between them are what is looked for.
    least = Math.max(least, worst - Math.max(1.5 * (most - worst), 0.25 * most));
    var room = Math.max(1e-3, (lines.length === 0 ? 0.06 : 0.14) * (most - least));
    var option = chart(theme, timeAxis(theme, times),
      axis(theme, 'efficacy', { type: 'value', min: least - Math.max(1e-3, 0.02 * (most - least)), max: most + room, splitNumber: 4,
        axisLabel: { formatter: function (value) { return Number(value.toPrecision(4)) + ' %'; }, showMaxLabel: false, showMinLabel: false },
        nameTextStyle: { align: 'left', color: theme.muted, fontSize: 12 } }), series,
      tooltip(theme, function (seconds) { return 'after ' + secondsText(Number(seconds)); },
        function (value) { return value.toFixed(3) + ' %'; }));
    return option;
  }

  // The share of magnitude that is kept, block by block; `which` is 'before' or 'after'.
  function heatMap(data, which, theme) {
    var map = data.heatMap, cells = [], rows = map[which].length, columns = map[which][0].length;
    map[which].forEach(function (row, r) { row.forEach(function (share, c) { cells.push([c, r, share]); }); });
    var hidden = { show: false };
    var count = function (n) { var list = []; for (var i = 0; i < n; ++i) list.push(i); return list; };
    return {
      animation: false, backgroundColor: 'transparent', textStyle: { fontFamily: theme.font, color: theme.text },
      grid: { left: 26, right: 10, top: 8, bottom: 66 },
      xAxis: { type: 'category', data: count(columns), axisLabel: hidden, axisTick: hidden, axisLine: hidden, splitArea: hidden,
        name: 'groups of columns, most kept first', nameLocation: 'middle', nameGap: 8, nameTextStyle: { color: theme.muted, fontSize: 12 } },
      yAxis: { type: 'category', data: count(rows), inverse: true, axisLabel: hidden, axisTick: hidden, axisLine: hidden,
        name: 'rows', nameLocation: 'middle', nameGap: 8, nameTextStyle: { color: theme.muted, fontSize: 12 } },
      visualMap: { type: 'continuous', min: map.least, max: map.most, calculable: false, orient: 'horizontal', left: 'center', bottom: 4,
        itemWidth: 12, itemHeight: 160, precision: 3, inRange: { color: theme.heat }, textStyle: { color: theme.muted, fontSize: 12 },
        text: [percentText(map.most), percentText(map.least)] },
      tooltip: { confine: true, backgroundColor: theme.background, borderColor: theme.line, textStyle: { color: theme.text, fontSize: 13 },
        formatter: function (item) { return 'kept: <b>' + percentText(item.value[2]) + '</b>'; } },
      series: [{ type: 'heatmap', data: cells, animation: false, emphasis: { disabled: true }, progressive: 0 }]
    };
  }

  return { colour: colour, dash: dash, mark: mark, heatMap: heatMap, instance: instance, percentText: percentText, profile: profile,
    progress: progress, secondsText: secondsText };
})();
