// One chart as an SVG for papers: run by Duktape after the charting library, statistics.js and charts.js.
// Globals of the caller: `data`, `figure` = {kind, instance}, and no others.
var PAPER = {
  text: '#1a1a1a', muted: '#4d4d4d', line: '#bdbdbd', background: '#ffffff', font: 'sans-serif',
  series: ['#0072b2', '#d55e00', '#00805e', '#a6428a', '#1a1a1a', '#3d8fc9', '#7a7a7a'],
  heat: ['#00224e', '#35456c', '#666970', '#948e77', '#c8b866', '#fee838']
};

function legendOf(option) {
  return option.series.filter(function (series) { return series.type === 'line'; }).map(function (series) { return series.name; });
}

function drawFigure() {
  var view = statistics.everything(data), option = null, title = '';
  if (figure.kind === 'progress') {
    option = charts.progress(data, view, PAPER);
    title = 'Gain still missing, mean over ' + data.instances.length + (data.instances.length === 1 ? ' instance' : ' instances');
  } else if (figure.kind === 'profile') {
    option = charts.profile(data, view, PAPER);
    title = 'Share of runs that end with at most this missing';
  } else if (figure.kind === 'instance') {
    option = charts.instance(data, view, figure.instance, PAPER);
    title = data.instances[figure.instance].name + ', ' + data.instances[figure.instance].pattern;
  } else {
    option = data.heatMap ? charts.heatMap(data, figure.kind === 'heat-map-before' ? 'before' : 'after', PAPER) : null;
    title = data.heatMap ? data.instances[data.heatMap.instance].name + ', share of magnitude kept' : '';
  }
  if (option === null) return '';
  var heat = figure.kind.indexOf('heat-map') === 0;
  option.backgroundColor = PAPER.background;
  option.title = { text: title, left: 8, top: 6, textStyle: { fontSize: 15, fontWeight: 'bold', color: PAPER.text } };
  option.grid.top = heat ? 36 : 84;
  if (!heat) {
    option.legend = { data: legendOf(option), top: 30, left: 4, itemWidth: 40, itemGap: 26,
      textStyle: { color: PAPER.text, fontSize: 12 } };
  }
  var chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 430 });
  chart.setOption(option);
  return chart.renderToSVGString();
}
