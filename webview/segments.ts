import { html, type TemplateResult } from 'lit';

export interface Choice<T> {
  readonly value: T;
  readonly label: TemplateResult | string;
  readonly title: string;
  readonly disabled?: boolean;
}

/** Buttons of which one is chosen. Tab enters at the chosen one, arrow keys go round. */
export function segments<T>(name: string, choices: readonly Choice<T>[], chosen: T, onChoose: (value: T) => void): TemplateResult {
  const enabled = choices.map(({ disabled }) => disabled !== true);
  const entry = choices.findIndex(({ value }, i) => value === chosen && enabled[i]);
  const reachable = entry < 0 ? enabled.indexOf(true) : entry;
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll('button')];
    const to = neighbour(event.key, buttons.indexOf(event.target as HTMLButtonElement), enabled);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();                                            // the playhead stays
    buttons[to]!.focus();
    onChoose(choices[to]!.value);
  };
  return html`<div class="segments" role="radiogroup" aria-label=${name} @keydown=${onKey}>
    ${choices.map(({ value, label, title, disabled }, i) => html`<button role="radio" aria-checked=${value === chosen ? 'true' : 'false'} tabindex=${i === reachable ? 0 : -1} title=${title} ?disabled=${disabled === true} @click=${() => { onChoose(value); }}>${label}</button>`)}
  </div>`;
}

/** The choice to which a key leads from another; undefined where the key means nothing. */
export function neighbour(key: string, from: number, enabled: readonly boolean[]): number | undefined {
  if (!enabled.includes(true)) return undefined;
  switch (key) {
    case 'Home':
      return enabled.indexOf(true);
    case 'End':
      return enabled.lastIndexOf(true);
    case 'ArrowRight':
    case 'ArrowDown':
    case 'ArrowLeft':
    case 'ArrowUp': {
      const by = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : enabled.length - 1;
      let to = (from + by) % enabled.length;
      while (enabled[to] !== true) to = (to + by) % enabled.length;
      return to;
    }
    default:
      return undefined;
  }
}
