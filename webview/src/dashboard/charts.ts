// From a run's numbers to the dashboard's two charts.
import type { RunChart } from '../../../protocol/src/dashboard.ts';
import type { ChartData, ChartLine } from '../ui/lineChart.ts';

/** Places values given at some steps on the joint axis; null where the line has no point. */
function onAxis(axis: number[], steps: number[], values: (number | null)[]): (number | null)[] {
  const at = new Map(steps.map((step, index) => [step, values[index]]));
  return axis.map((step) => at.get(step) ?? null);
}

function jointAxis(chart: RunChart): number[] {
  return [...new Set([...chart.train.step, ...chart.validation.step])].sort((a, b) => a - b);
}

export function lossChart(chart: RunChart): ChartData {
  const steps = jointAxis(chart);
  return {
    title: 'Loss (nats a step)',
    steps,
    lines: [
      line('training', '--vscode-charts-blue', onAxis(steps, chart.train.step, chart.train.loss)),
      line(
        'validation',
        '--vscode-charts-orange',
        onAxis(steps, chart.validation.step, chart.validation.loss),
      ),
    ],
  };
}

export function accuracyChart(chart: RunChart): ChartData {
  const { validation } = chart;
  const steps = jointAxis(chart);
  const at = (values: (number | null)[]) => onAxis(steps, validation.step, values);
  return {
    title: 'Accuracy',
    steps,
    lines: [
      line('training', '--vscode-charts-blue', onAxis(steps, chart.train.step, chart.train.accuracy)),
      line('validation', '--vscode-charts-orange', at(validation.accuracy)),
      line('balanced', '--vscode-charts-green', at(validation.balancedAccuracy)),
      {
        ...line('majority baseline', '--vscode-descriptionForeground', at(validation.majorityAccuracy)),
        dashed: true,
      },
    ],
  };
}

function line(name: string, colour: string, values: (number | null)[]): ChartLine {
  return { name, colour, values };
}
