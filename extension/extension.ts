import { workspace, type ExtensionContext } from 'vscode';
import { registerDeviceCommands } from './deviceCommands.ts';
import { registerExplorerCommands } from './explorerCommands.ts';
import { JobQueue } from './jobQueue.ts';
import { KernelClient } from './kernelClient.ts';
import { registerKernelStatus } from './kernelStatus.ts';
import { registerMediaEditors } from './mediaEditor.ts';
import { OpenDocuments } from './openDocuments.ts';
import { Origins } from './origins.ts';
import { registerNotebookCommands } from './notebookCommands.ts';
import { registerNotebookController } from './notebookController.ts';
import { registerOutputMessages } from './outputMessages.ts';
import { registerRecipeCommands } from './recipeCommands.ts';
import { recordedOriginal } from './recordedOriginal.ts';
import { registerRecipeLanguage } from './recipeLanguage.ts';
import { registerRunRecipe } from './runRecipe.ts';
import { registerSampleFiles } from './sampleFiles.ts';
import { registerTour } from './tour.ts';
import { registerTrajectoryPanels } from './trajectoryPanel.ts';
import { registerWeightsCommands } from './weightsCommands.ts';

/** A table of contents: each part of the extension registers itself. */
export function activate(context: ExtensionContext): void {
  const kernel = new KernelClient(context.extensionPath);
  const queue = new JobQueue();
  const origins = new Origins(context.workspaceState, (result) => recordedOriginal(result, kernel));
  const documents = new OpenDocuments({ kernel, queue, origins, memory: context.workspaceState });
  context.subscriptions.push(
    kernel,
    registerKernelStatus(kernel, queue),
    registerDeviceCommands(kernel),
    registerMediaEditors(context, kernel, documents, origins),
    registerTrajectoryPanels(context, kernel, documents),
    registerExplorerCommands(kernel, queue, origins),
    registerRecipeCommands(kernel, queue, documents),
    registerRecipeLanguage(context, kernel),
    registerRunRecipe(kernel, queue),
    registerSampleFiles(context),
    registerNotebookController(kernel, queue),
    registerNotebookCommands(context),
    registerOutputMessages(),
    registerTour(context),
    registerWeightsCommands(kernel),
    // the process takes these at its start
    workspace.onDidChangeConfiguration((change) => {
      if (['ffmpegPath', 'cacheSize', 'trajectory', 'device.use'].some((name) => change.affectsConfiguration(`difface.${name}`))) void kernel.stop();
    }),
  );
}
