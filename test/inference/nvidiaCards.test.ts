import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { InferenceClient } from '../../kernel/inference/client.ts';
import { parseNvidiaSmi, visibleToCuda, type NvidiaCard } from '../../kernel/inference/nvidiaCards.ts';

const cards: readonly NvidiaCard[] = [['A', 'GPU-11aa'], ['B', 'GPU-12bb'], ['C', 'GPU-3ccc']].map(([name, uuid]) => ({ name: name!, driver: '1', uuid: uuid!, memoryBytes: 1e9 }));

describe('cards of NVIDIA', () => {
  it('are those that nvidia-smi prints', () => {
    assert.deepEqual(parseNvidiaSmi('NVIDIA GeForce RTX 3060, 535.54, GPU-1, 12288, 11000\nNVIDIA T4, 535.54, GPU-2, [N/A], [N/A]\n'), [
      { name: 'NVIDIA GeForce RTX 3060', driver: '535.54', uuid: 'GPU-1', memoryBytes: 12288 * 2 ** 20, freeBytes: 11000 * 2 ** 20 }, { name: 'NVIDIA T4', driver: '535.54', uuid: 'GPU-2' },
    ]);
  });

  const wishes: readonly (readonly [wish: string | undefined, names: string])[] = [
    [undefined, 'ABC'], ['', ''], ['-1', ''], ['2,0', 'CA'], [' 1 ', 'B'], ['1,7,0', 'B'], ['0,0,1', 'A'], ['GPU-12', 'B'], ['GPU-3ccc,0', 'CA'], ['GPU-1,0', ''], ['none', ''],
  ];
  for (const [wish, names] of wishes) {
    it(`that CUDA_VISIBLE_DEVICES=${wish ?? '(not set)'} leaves are ${names === '' ? 'none' : names}`, () => {
      assert.equal(visibleToCuda(cards, wish).map(({ name }) => name).join(''), names);
    });
  }

  it('in parts are named with their card where that is said, and their memory is not known', () => {
    const [part, other] = visibleToCuda(cards, 'MIG-GPU-12bb/1/0,MIG-77');
    assert.match(part!.name, /^B \(MIG-GPU-12bb\/1\/0\)$/);
    assert.match(other!.name, /MIG-77/);
    assert.deepEqual([part!.memoryBytes, other!.memoryBytes], [undefined, undefined]);
  });

  it('are counted by CUDA as they are listed, whatever the environment says; other devices get the environment as it is', async function () {
    if (process.platform !== 'linux') {
      console.log('      skipped: only Linux shows the environment of a process');
      this.skip();
    }
    const before = process.env['CUDA_DEVICE_ORDER'];
    process.env['CUDA_DEVICE_ORDER'] = 'FASTEST_FIRST';
    try {
      const order = async (provider: 'cuda' | 'cpu'): Promise<string | undefined> => {
        const client = new InferenceClient({ provider });
        const loading = client.load('none', '/nowhere.onnx').catch(() => undefined);
        const environment = await readFile(`/proc/${client.pid!}/environ`, 'utf8');
        await loading;
        client.dispose();
        return environment.split('\0').find((line) => line.startsWith('CUDA_DEVICE_ORDER='));
      };
      assert.equal(await order('cuda'), 'CUDA_DEVICE_ORDER=PCI_BUS_ID');
      assert.equal(await order('cpu'), 'CUDA_DEVICE_ORDER=FASTEST_FIRST');
    } finally {
      if (before === undefined) delete process.env['CUDA_DEVICE_ORDER'];
      else process.env['CUDA_DEVICE_ORDER'] = before;
    }
  });
});
