"""Records what face detectors of every architecture say, for test/parity/fixtures/detectors-small: random weights, few channels, odd sizes.
The networks are written down here a second time, from the papers and the key lists, as plain functions of PyTorch.

    /usr/bin/python3 test/parity/writeDetectorFixtures.py test/parity/fixtures/detectors-small
"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
torch.manual_seed(20240817)
torch.set_num_threads(1)


class Net:
    """Makes parameters at their first use, in half precision, and computes in double."""

    def __init__(self):
        self.state = {}

    def make(self, key, shape, centre=0.0, spread=0.1):
        if key not in self.state:
            self.state[key] = (centre + spread * torch.randn(shape)).half()
        return self.state[key].double()

    def conv(self, x, key, out, k, stride=1, groups=1, bias=False):
        fan = x.shape[1] // groups * k * k
        w = self.make(f'{key}.weight', (out, x.shape[1] // groups, k, k), 0, (1.6 / fan) ** 0.5)
        b = self.make(f'{key}.bias', (out,)) if bias else None
        return F.conv2d(x, w, b, stride, k // 2, groups=groups)

    def bn(self, x, key):
        c = x.shape[1]
        w, b, m = self.make(f'{key}.weight', (c,), 1), self.make(f'{key}.bias', (c,)), self.make(f'{key}.running_mean', (c,))
        v = self.make(f'{key}.running_var', (c,), 1, 0.05)
        self.state[f'{key}.num_batches_tracked'] = torch.tensor(7)
        shape = (1, c, 1, 1)
        return (x - m.view(shape)) / torch.sqrt(v.view(shape) + 1e-5) * w.view(shape) + b.view(shape)


def leaky(slope):
    return lambda x: torch.where(x > 0, x, slope * x)


def nearest(x, like):
    rows = torch.arange(like.shape[2]) * x.shape[2] // like.shape[2]
    columns = torch.arange(like.shape[3]) * x.shape[3] // like.shape[3]
    return x[:, :, rows][:, :, :, columns]


def resnet(n, x):
    relu = torch.relu
    x = relu(n.bn(n.conv(x, 'body.conv1', 8, 7, 2), 'body.bn1'))
    x = F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=-float('inf')), 3, 2)
    outs = []
    for layer, (blocks, inner, outer) in enumerate([(2, 4, 8), (1, 4, 12), (2, 6, 16), (1, 8, 20)], 1):
        for i in range(blocks):
            k, stride = f'body.layer{layer}.{i}', 2 if layer > 1 and i == 0 else 1
            h = relu(n.bn(n.conv(x, f'{k}.conv1', inner, 1), f'{k}.bn1'))
            h = relu(n.bn(n.conv(h, f'{k}.conv2', inner, 3, stride), f'{k}.bn2'))
            h = n.bn(n.conv(h, f'{k}.conv3', outer, 1), f'{k}.bn3')
            if stride != 1 or x.shape[1] != outer:
                x = n.bn(n.conv(x, f'{k}.downsample.0', outer, 1, stride), f'{k}.downsample.1')
            x = relu(h + x)
        outs.append(x)
    return outs[1:]


def mobilenet(n, x):
    act = leaky(0.1)
    outs = []
    widths = {1: [4, 6, 8, 8, 10, 10], 2: [12, 12], 3: [14, 14]}
    strides = {1: [2, 1, 2, 1, 2, 1], 2: [2, 1], 3: [2, 1]}
    for stage in (1, 2, 3):
        for i, (width, stride) in enumerate(zip(widths[stage], strides[stage])):
            k = f'body.stage{stage}.{i}'
            if stage == 1 and i == 0:
                x = act(n.bn(n.conv(x, f'{k}.0', width, 3, stride), f'{k}.1'))
                continue
            x = act(n.bn(n.conv(x, f'{k}.0', x.shape[1], 3, stride, x.shape[1]), f'{k}.1'))
            x = act(n.bn(n.conv(x, f'{k}.3', width, 1), f'{k}.4'))
        outs.append(x)
    return outs


def retinaface(body, width):
    def run(n, x):
        x = x.double()
        act = leaky(0.1 if width <= 64 else 0.0)
        block = lambda h, k, out, size, after=act: after(n.bn(n.conv(h, f'{k}.0', out, size), f'{k}.1'))
        same = lambda h: h
        c1, c2, c3 = (block(h, f'fpn.output{i}', width, 1) for i, h in enumerate(body(n, x), 1))
        c2 = block(c2 + nearest(c3, c2), 'fpn.merge2', width, 3)
        c1 = block(c1 + nearest(c2, c1), 'fpn.merge1', width, 3)
        out = {}
        for i, h in enumerate((c1, c2, c3)):
            k = f'ssh{i + 1}'
            a = block(h, f'{k}.conv3X3', width // 2, 3, same)
            b1 = block(h, f'{k}.conv5X5_1', width // 4, 3)
            b = block(b1, f'{k}.conv5X5_2', width // 4, 3, same)
            c = block(block(b1, f'{k}.conv7X7_2', width // 4, 3), f'{k}.conv7x7_3', width // 4, 3, same)
            f = torch.relu(torch.cat((a, b, c), 1))
            out[f'scores{i}'] = n.conv(f, f'ClassHead.{i}.conv1x1', 4, 1, bias=True)
            out[f'boxes{i}'] = n.conv(f, f'BboxHead.{i}.conv1x1', 8, 1, bias=True)
            out[f'landmarks{i}'] = n.conv(f, f'LandmarkHead.{i}.conv1x1', 20, 1, bias=True)
        return out
    return run


def silu(x):
    return x * torch.sigmoid(x)


def unit(n, x, k, out, size=1, stride=1):
    return silu(n.bn(n.conv(x, f'{k}.conv', out, size, stride), f'{k}.bn'))


def stem(n, x, k, out):
    half = unit(n, x, f'{k}.stem_1', out, 3, 2)
    b = unit(n, unit(n, half, f'{k}.stem_2a', out // 2), f'{k}.stem_2b', out, 3, 2)
    return unit(n, torch.cat((b, F.max_pool2d(half, 2, 2)), 1), f'{k}.stem_3', out)


def csp(n, x, k, out, blocks, shortcut):
    h = unit(n, x, f'{k}.cv1', out // 2)
    for i in range(blocks):
        inner = unit(n, unit(n, h, f'{k}.m.{i}.cv1', out // 2), f'{k}.m.{i}.cv2', out // 2, 3)
        h = h + inner if shortcut else inner
    return unit(n, torch.cat((h, unit(n, x, f'{k}.cv2', out // 2)), 1), f'{k}.cv3', out)


def shuffle(n, x, k, out, stride):
    half = out // 2
    left, right = (x, x) if stride == 2 else x.chunk(2, 1)
    if stride == 2:
        left = n.bn(n.conv(left, f'{k}.branch1.0', left.shape[1], 3, 2, left.shape[1]), f'{k}.branch1.1')
        left = silu(n.bn(n.conv(left, f'{k}.branch1.2', half, 1), f'{k}.branch1.3'))
    h = silu(n.bn(n.conv(right, f'{k}.branch2.0', half, 1), f'{k}.branch2.1'))
    h = n.bn(n.conv(h, f'{k}.branch2.3', half, 3, stride, half), f'{k}.branch2.4')
    h = silu(n.bn(n.conv(h, f'{k}.branch2.5', half, 1), f'{k}.branch2.6'))
    joined = torch.cat((left, h), 1)
    return joined[:, [c // 2 + (c % 2) * half for c in range(out)]]


def double(x):
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def head(n, at, taps, lateral, out, blocks):
    fine, middle, wide = taps
    top = unit(n, wide, f'model.{at}', lateral[0])
    h = csp(n, torch.cat((double(top), middle), 1), f'model.{at + 3}', out[1], blocks, False)
    side = unit(n, h, f'model.{at + 4}', lateral[1])
    p3 = csp(n, torch.cat((double(side), fine), 1), f'model.{at + 7}', out[0], blocks, False)
    p4 = csp(n, torch.cat((unit(n, p3, f'model.{at + 8}', lateral[1], 3, 2), side), 1), f'model.{at + 10}', out[1], blocks, False)
    p5 = csp(n, torch.cat((unit(n, p4, f'model.{at + 11}', lateral[0], 3, 2), top), 1), f'model.{at + 13}', out[2], blocks, False)
    k = f'model.{at + 14}'
    sizes = torch.tensor([4., 5, 8, 10, 13, 16, 23, 29, 43, 55, 73, 105, 146, 217, 231, 300, 335, 433]) + 1
    n.state[f'{k}.anchors'] = (sizes.view(3, 3, 2) / torch.tensor([8., 16, 32]).view(3, 1, 1)).half()
    n.state[f'{k}.anchor_grid'] = sizes.view(3, 1, 3, 1, 1, 2).half()
    return {f'raw{i}': n.conv(h, f'{k}.m.{i}', 48, 1, bias=True) for i, h in enumerate((p3, p4, p5))}


def yolo_n(n, x):
    x = stem(n, x.double(), 'model.0', 8)
    taps = []
    for index, (out, blocks) in zip((1, 3, 5), ((8, 2), (12, 3), (16, 2))):
        x = shuffle(n, x, f'model.{index}', out, 2)
        for i in range(blocks):
            x = shuffle(n, x, f'model.{index + 1}.{i}', out, 1)
        taps.append(x)
    return head(n, 7, taps, (10, 10), (12, 12, 12), 1)


def yolo_l(n, x):
    x = stem(n, x.double(), 'model.0', 8)
    x = csp(n, x, 'model.1', 10, 2, True)
    c3 = csp(n, unit(n, x, 'model.2', 12, 3, 2), 'model.3', 12, 3, True)
    c4 = csp(n, unit(n, c3, 'model.4', 14, 3, 2), 'model.5', 14, 2, True)
    x = unit(n, c4, 'model.6', 16, 3, 2)
    h = unit(n, x, 'model.7.cv1', 8)
    pools = [F.max_pool2d(h, k, 1, k // 2) for k in (3, 5, 7)]
    x = unit(n, torch.cat((h, *pools), 1), 'model.7.cv2', 16)
    c5 = csp(n, x, 'model.8', 16, 2, False)
    return head(n, 9, (c3, c4, c5), (14, 12), (12, 14, 16), 2)


def record(name, run, size, scale):
    n = Net()
    x = torch.randn(1, 3, *size) * scale
    with torch.no_grad():
        outputs = run(n, x)
    torch.save(n.state, f'{folder}/{name}.pth')
    np.save(f'{folder}/{name}.x.npy', x.numpy())
    for key, value in outputs.items():
        np.save(f'{folder}/{name}.{key}.npy', value.float().numpy())
    return sorted(outputs)


recorded = {
    'resnet': record('resnet', retinaface(resnet, 68), (75, 110), 60),
    'mobilenet': record('mobilenet', retinaface(mobilenet, 16), (67, 41), 60),
    'yolo-n': record('yolo-n', yolo_n, (64, 96), 1),
    'yolo-l': record('yolo-l', yolo_l, (96, 32), 1),
}
with open(f'{folder}/detectors.json', 'w') as file:
    json.dump(recorded, file, indent=1)
