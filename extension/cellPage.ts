import { NotebookCellOutput, NotebookCellOutputItem, type NotebookCellExecution } from 'vscode';
import type { OutputItem } from './cellOutput.ts';
import type { CellPage } from './cellRun.ts';
import { RareLine } from './rareLine.ts';

/** The outputs of a cell that runs. A result takes the place of the progress before it: nothing jumps. */
export class ExecutionPage implements CellPage {
  private readonly finished: NotebookCellOutput[] = [];
  private current: NotebookCellOutput | undefined;
  private line: RareLine | undefined;

  constructor(private readonly execution: NotebookCellExecution) {}

  progress(line: string): void {
    this.line ??= new RareLine((newest) => this.replace([NotebookCellOutputItem.text(newest)]));
    this.line.tell(line);
  }

  put(items: readonly OutputItem[]): Promise<void> {
    return this.settle(items.map(({ mime, data }) => new NotebookCellOutputItem(data, mime)));
  }

  fail(name: string, message: string): Promise<void> {
    // without a stack: it would be ours, and says nothing to who wrote the recipe
    return this.settle([NotebookCellOutputItem.error({ name, message, stack: '' })]);
  }

  async clear(): Promise<void> {
    await this.rest();
    if (!this.current) return;
    this.current = undefined;
    await this.execution.replaceOutput(this.finished);
  }

  private async settle(items: NotebookCellOutputItem[]): Promise<void> {
    await this.rest();
    await this.replace(items);
    if (this.current) this.finished.push(this.current);
    this.current = undefined;
  }

  /** No line of progress comes after what is put now. */
  private async rest(): Promise<void> {
    const { line } = this;
    this.line = undefined;
    await line?.end();
  }

  private async replace(items: NotebookCellOutputItem[]): Promise<void> {
    if (this.current) {
      this.current.items = items;
      await this.execution.replaceOutputItems(items, this.current);
    } else {
      this.current = new NotebookCellOutput(items);
      await this.execution.appendOutput(this.current);
    }
  }
}
