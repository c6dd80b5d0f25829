import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icon.ts';
import type { DetectorChoice, DetectorSummary, DocumentState, ModelSummary, OptionsInWords, Outcome, RestoreRequest } from '../protocol.ts';
import { segments } from '../segments.ts';
import { chosenMeaning } from './optionTitle.ts';
import { pastingOptions, pastingRow } from './pastingRow.ts';

export interface RestoreBar {
  readonly document: DocumentState;
  /** Of the last job, as far as it still holds. */
  readonly outcome: Outcome;
  readonly anythingRestored: boolean;
  readonly models: readonly ModelSummary[];
  /** Model that restores where none is chosen. */
  readonly model: string;
  readonly detectors: readonly DetectorSummary[];
  /** Titles, tooltips and ranges of the options. */
  readonly words: OptionsInWords;
  readonly more: boolean;
  /** "frames 12 to 40", where only a part of a clip is restored. */
  readonly part: string | undefined;
  /** The trajectory stands in the place of the picture. */
  readonly trajectory: boolean;
  /** There is a face whose walk can be looked at. */
  readonly walkable: boolean;
  readonly onTrajectory: () => void;
  readonly onOptions: (options: RestoreRequest) => void;
  /** Strength while the slider moves. */
  readonly onStrength: (strength: number) => void;
  readonly onMore: () => void;
  readonly onRestore: () => void;
  readonly onCancel: () => void;
  readonly onExport: (choosePlace: boolean) => void;
  readonly onReveal: (path: string) => void;
  readonly onRecipe: (what: 'copy' | 'notebook' | 'open' | 'replay') => void;
  readonly onLog: () => void;
}

/** Options, the button, and below them one line that is progress, outcome, or what the model is for. Its place is reserved: nothing moves when work begins. */
export function restoreBar(bar: RestoreBar): TemplateResult {
  const { document: { options, job }, models, more, words } = bar;
  const model = models.find(({ name }) => name === (options.model ?? bar.model)) ?? models[0];
  const change = (part: RestoreRequest, ...without: readonly (keyof RestoreRequest)[]): void => {
    bar.onOptions({ ...Object.fromEntries(Object.entries(options).filter(([key]) => !without.includes(key as keyof RestoreRequest))), ...part });
  };
  const fast = model !== undefined && options.sampler === model.fast.sampler && options.steps === model.fast.steps;
  const strength = options.strength ?? 1;
  const seeds = { low: words.seed.low ?? 0, high: words.seed.high ?? 0, usual: Number(words.seed.otherwise) };
  return html`
    <div class="bar-columns"><div class="bar-row">
      <label class="field model" title=${model?.title ?? words.model.meaning}>Model
        <vscode-single-select position="above" label="Model" aria-label="Model" .value=${model?.name ?? ''} @change=${(event: Event) => { change({ model: valueOf(event) }, 'sampler', 'start', 'steps', 'eta'); }}>
          ${models.map(({ name, title, installed }) => html`<vscode-option value=${name} ?disabled=${!installed} ?selected=${name === model?.name}>${title}${installed ? '' : ' (not installed)'}</vscode-option>`)}
        </vscode-single-select>
      </label>
      ${segments('Quality or speed', [
        { value: false, label: 'Quality', title: `The model's own best: ${model?.defaults.sampler ?? ''}, ${model?.defaults.steps ?? ''} steps` },
        { value: true, label: 'Fast', title: `DPM-Solver++(2M), ${model?.fast.steps ?? ''} steps` },
      ], fast, (faster) => { if (!faster) change({}, 'sampler', 'start', 'steps', 'eta'); else if (model) change(model.fast, 'eta'); })}
      <label class="field" title=${words.strength.meaning}>Strength
        <input type="range" min=${words.strength.low ?? 0} max=${words.strength.high ?? 1} step="0.05" aria-label="Strength" .value=${String(strength)}
          @input=${(event: Event) => { bar.onStrength(Number(valueOf(event))); }} @change=${(event: Event) => { change({ strength: Number(valueOf(event)) }); }}>
        <output class="number">${Math.round(strength * 100)} %</output>
      </label>
      <label class="field" title=${words.seed.meaning}>Seed
        <vscode-textfield class="short" type="number" min=${seeds.low} max=${seeds.high} aria-label="Seed" .value=${String(options.seed ?? seeds.usual)} @change=${(event: Event) => { change({ seed: whole(valueOf(event), seeds.low, seeds.high, seeds.usual) }); }}></vscode-textfield>
        <button class="tool" title="Another seed" aria-label="Another seed" @click=${() => { change({ seed: Math.floor(Math.random() * 1e6) }); }}>${icon('refresh')}</button>
      </label>
      <button class="link" aria-expanded=${more ? 'true' : 'false'} title="Sampler, start, steps and eta; what finds the faces; mask, size, background and colours" @click=${bar.onMore}>More ${icon(more ? 'chevron-down' : 'chevron-right')}</button>
    </div>
    <div class="bar-action">
      <button class="tool wide trajectory-button" aria-pressed=${bar.trajectory ? 'true' : 'false'} ?disabled=${!bar.walkable && !bar.trajectory} @click=${bar.onTrajectory}
        title=${bar.trajectory ? 'Back to the picture (T)' : bar.walkable ? 'Look inside the restoration, step by step (T)' : 'No face is known yet; Restore looks for them'}>${icon('git-commit')} Trajectory</button>
      ${job ? html`<vscode-button secondary @click=${bar.onCancel} title="Cancel (Escape)">Cancel</vscode-button>`
        : html`<vscode-button @click=${bar.onRestore} title=${bar.part === undefined ? 'Restore (Enter)' : `Restore ${bar.part} (Enter)`}>Restore${bar.part === undefined ? '' : ' Part'}</vscode-button>`}
    </div></div>
    ${more && model ? moreRow(options, model, bar.detectors, words, change) : nothing}
    <div class="bar-row status">${status(bar, model)}</div>`;
}

function moreRow(options: RestoreRequest, { defaults }: ModelSummary, detectors: readonly DetectorSummary[], words: OptionsInWords, change: (part: RestoreRequest, ...without: readonly (keyof RestoreRequest)[]) => void): TemplateResult {
  const sampler = options.sampler ?? defaults.sampler;
  const number = (key: 'start' | 'steps' | 'eta', value: number, step: number): TemplateResult => {
    const { title: label, meaning, unit, low = 0, high = Infinity } = words[key];
    return html`
    <label class="field" title="${meaning}${unit === undefined ? '' : ` In ${unit}`}">${label}
      <vscode-textfield class="short" type="number" min=${low} max=${high} step=${step} aria-label=${label} .value=${String(value)}
        @change=${(event: Event) => { change({ [key]: step === 1 ? whole(valueOf(event), low, high, value) : Math.min(high, Math.max(low, Number(valueOf(event)) || 0)) }); }}></vscode-textfield>
    </label>`;
  };
  return html`
    <div class="bar-row">
      <label class="field" title=${chosenMeaning(words.sampler, sampler)}>Sampler
        <vscode-single-select position="above" label="Sampler" aria-label="Sampler" .value=${sampler} @change=${(event: Event) => { change({ sampler: valueOf(event) as 'ddim' }, 'steps', 'eta'); }}>
          ${(['ddim', 'ddpm', 'dpm++'] as const).map((name) => html`<vscode-option value=${name} ?selected=${name === sampler}>${{ ddim: 'DDIM', ddpm: 'DDPM', 'dpm++': 'DPM-Solver++(2M)' }[name]}</vscode-option>`)}
        </vscode-single-select>
      </label>
      ${number('start', options.start ?? defaults.start, 1)}
      ${sampler === 'ddpm' ? nothing : number('steps', options.steps ?? (sampler === defaults.sampler ? defaults.steps : 20), 1)}
      ${sampler === 'ddim' ? number('eta', options.eta ?? defaults.eta, 0.05) : nothing}
      <label class="field" title=${chosenMeaning(words.detector, options.detector ?? 'auto')}>Detector
        <vscode-single-select position="above" label="Detector" aria-label="Detector" .value=${options.detector ?? 'auto'} @change=${(event: Event) => { change({ detector: valueOf(event) as DetectorChoice }); }}>
          ${detectors.map(({ name, title, installed }) => html`<vscode-option value=${name} ?disabled=${!installed} ?selected=${name === (options.detector ?? 'auto')}>${title}${installed ? '' : ' (not installed)'}</vscode-option>`)}
        </vscode-single-select>
      </label>
      <button class="link" @click=${() => { change({}, 'sampler', 'start', 'steps', 'eta', 'detector', ...pastingOptions); }}>Reset</button>
    </div>
    ${pastingRow(options, words, change)}`;
}

function status(bar: RestoreBar, model: ModelSummary | undefined): TemplateResult {
  const { document: { job, device, madeBy }, outcome, anythingRestored } = bar;
  if (job) {
    return html`<vscode-progress-bar aria-label=${job.text} .value=${job.waiting ? Number.NaN : job.done * 100} .max=${100}></vscode-progress-bar>
      <span class="number">${job.waiting ? '' : `${Math.floor(job.done * 100)} %`}</span><span class="ellipsis" title=${job.text}>${job.text}${device === null ? '' : `, ${device.toUpperCase()}`}</span>`;
  }
  const exporting = anythingRestored
    ? html`<button class="link" title="Write the result beside the original" @click=${() => { bar.onExport(false); }}>${icon('export')} Export</button>
      <button class="link" title="Choose where the result goes" @click=${() => { bar.onExport(true); }}>${icon('save-as')} Export As...</button>
      <button class="link" title="Copy these options as a recipe: text for a notebook, a .difface file, or the command line" @click=${() => { bar.onRecipe('copy'); }}>${icon('copy')} Copy Recipe</button>` : nothing;
  switch (outcome.kind) {
    case 'failed':
      return html`<span class="failure ellipsis" title=${outcome.text}>${icon('error')} ${outcome.text}</span><button class="link" @click=${bar.onLog}>Show Log</button><span class="grow"></span>${exporting}`;
    case 'exported':
      return html`<span class="ellipsis" title=${outcome.path}>${icon('check')} ${outcome.text}</span><button class="link" @click=${() => { bar.onReveal(outcome.path); }}>${icon('folder-opened')} Reveal</button><span class="grow"></span>${exporting}`;
    case 'restored':
      return html`<span class="ellipsis" title=${outcome.text}>${icon('check')} ${outcome.text}${!anythingRestored ? '; these options are not restored yet' : ''}</span><span class="grow"></span>${exporting}`;
    case 'noFace':
      return html`<span class="ellipsis" title=${outcome.text}>${icon('info')} ${outcome.text}</span><span class="grow"></span>${exporting}`;
    case 'cancelled':
      return html`<span class="ellipsis">${icon('circle-slash')} Cancelled${anythingRestored ? '; what was restored so far is kept' : ''}</span><span class="grow"></span>${exporting}`;
    case 'none':
      if (madeBy) {
        return html`<span class="${madeBy.changed ? '' : 'hint '}ellipsis made-by" title=${madeBy.text}>${madeBy.changed ? icon('warning') : nothing} ${madeBy.text}</span>
          <button class="link" title="Make this result again and compare" @click=${() => { bar.onRecipe('replay'); }}>${icon('debug-restart')} Replay</button>
          <button class="link" title="Open the recipe beside the result" @click=${() => { bar.onRecipe('open'); }}>${icon('go-to-file')} Open Recipe</button><span class="grow"></span>${exporting}`;
      }
      return html`<span class="hint ellipsis" title=${model?.notice ?? ''}>${model?.notice ?? 'The original is never changed; Export writes the result beside it.'}</span><span class="grow"></span>${exporting}`;
    default:
      return outcome satisfies never;
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}

function whole(text: string, low: number, high: number, otherwise: number): number {
  const value = Math.round(Number(text));
  return text.trim() === '' || !Number.isFinite(value) ? otherwise : Math.min(high, Math.max(low, value));
}
