import type uPlot from 'uplot';

/** How axes of plots look: the theme's colours and fonts at the moment. */
export function axisStyle(element: Element): uPlot.Axis {
  const styles = getComputedStyle(element);
  const muted = styles.getPropertyValue('--vscode-descriptionForeground') || styles.color;
  return { stroke: muted, font: `10px ${styles.fontFamily}`, grid: { stroke: `color-mix(in srgb, ${muted} 25%, transparent)`, width: 1 }, ticks: { show: false }, gap: 2 };
}

/** @param name such as `blue`, one of the theme's colours of charts; `foreground` for the colour of text */
export function chartColour(element: Element, name: string): string {
  const styles = getComputedStyle(element);
  return styles.getPropertyValue(`--vscode-charts-${name}`) || styles.getPropertyValue('--vscode-foreground') || styles.color;
}
