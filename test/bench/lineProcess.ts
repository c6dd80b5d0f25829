import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program that measures something each time it reads a line, and answers with a number: so that two programs can be measured in turns. */
export class LineProcess {
  private readonly child;
  private readonly answers: AsyncIterator<string>;

  constructor(private readonly command: string, options: readonly string[]) {
    this.child = spawn(command, options, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error when it ended */
  async measure(): Promise<number> {
    this.child.stdin.write('\n');
    const answer = await this.answers.next();
    if (answer.done === true) throw new Error(`${this.command} ended before it answered`);
    return Number(answer.value);
  }

  close(): void {
    this.child.stdin.end();
  }
}
