import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { DiffaceEditor } from './editorElement.ts';
import { DiffaceTrajectory } from './trajectory/trajectoryElement.ts';

customElements.define('difface-trajectory', DiffaceTrajectory);
customElements.define('difface-editor', DiffaceEditor);
