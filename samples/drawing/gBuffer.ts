/** A mesh of a regular grid: positions in view space (x right, y down, z towards the viewer), three attributes a vertex. */
export interface Mesh {
  readonly columns: number;
  readonly rows: number;
  /** x, y, z of each vertex */
  readonly positions: Float32Array;
  /** three values of each vertex, handed to the painter */
  readonly attributes: Float32Array;
  readonly material: number;
  /** True where the surface has a hole: hair beyond its outline. */
  readonly hole?: (a: number, b: number, c: number) => boolean;
}

/** What is seen at each pixel: depth, material, attributes and normal of the nearest surface. */
export class GBuffer {
  readonly depth: Float32Array;
  readonly material: Uint8Array;
  readonly attributes: Float32Array;
  readonly normals: Float32Array;

  constructor(readonly width: number, readonly height: number) {
    const n = width * height;
    this.depth = new Float32Array(n).fill(-1e9);
    this.material = new Uint8Array(n);
    this.attributes = new Float32Array(3 * n);
    this.normals = new Float32Array(3 * n);
  }

  /** Rasterises a mesh whose positions are pixels (x, y) and depth z, with normals of its view-space shape. */
  draw(mesh: Mesh, screen: Float32Array, normals: Float32Array): void {
    const { columns, rows } = mesh;
    for (let j = 0; j + 1 < rows; j++) {
      for (let i = 0; i + 1 < columns; i++) {
        const a = j * columns + i;
        this.triangle(mesh, screen, normals, a, a + 1, a + columns);
        this.triangle(mesh, screen, normals, a + 1, a + columns + 1, a + columns);
      }
    }
  }

  private triangle(mesh: Mesh, s: Float32Array, normals: Float32Array, a: number, b: number, c: number): void {
    const ax = s[3 * a]!, ay = s[3 * a + 1]!, bx = s[3 * b]!, by = s[3 * b + 1]!, cx = s[3 * c]!, cy = s[3 * c + 1]!;
    const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    if (Math.abs(area) < 1e-9) return;
    const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx)));
    const right = Math.min(this.width - 1, Math.floor(Math.max(ax, bx, cx)));
    const top = Math.max(0, Math.ceil(Math.min(ay, by, cy)));
    const bottom = Math.min(this.height - 1, Math.floor(Math.max(ay, by, cy)));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const wb = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area;
        const wc = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area;
        const wa = 1 - wb - wc;
        if (wa < -1e-6 || wb < -1e-6 || wc < -1e-6) continue;
        const z = wa * s[3 * a + 2]! + wb * s[3 * b + 2]! + wc * s[3 * c + 2]!;
        const p = y * this.width + x;
        if (z <= this.depth[p]!) continue;
        const t = mesh.attributes;
        const t0 = wa * t[3 * a]! + wb * t[3 * b]! + wc * t[3 * c]!;
        const t1 = wa * t[3 * a + 1]! + wb * t[3 * b + 1]! + wc * t[3 * c + 1]!;
        const t2 = wa * t[3 * a + 2]! + wb * t[3 * b + 2]! + wc * t[3 * c + 2]!;
        if (mesh.hole?.(t0, t1, t2) === true) continue;
        this.depth[p] = z;
        this.material[p] = mesh.material;
        this.attributes[3 * p] = t0;
        this.attributes[3 * p + 1] = t1;
        this.attributes[3 * p + 2] = t2;
        for (let k = 0; k < 3; k++) this.normals[3 * p + k] = wa * normals[3 * a + k]! + wb * normals[3 * b + k]! + wc * normals[3 * c + k]!;
      }
    }
  }
}

/** Smooth normals of a grid mesh: sums of its triangles' normals, not yet of unit length, facing the viewer where the surface does. */
export function meshNormals(mesh: Mesh): Float32Array {
  const { columns, rows, positions: p } = mesh;
  const normals = new Float32Array(p.length);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const l = 3 * (j * columns + Math.max(0, i - 1));
      const r = 3 * (j * columns + Math.min(columns - 1, i + 1));
      const u = 3 * (Math.max(0, j - 1) * columns + i);
      const d = 3 * (Math.min(rows - 1, j + 1) * columns + i);
      const ux = p[r]! - p[l]!, uy = p[r + 1]! - p[l + 1]!, uz = p[r + 2]! - p[l + 2]!;
      const vx = p[d]! - p[u]!, vy = p[d + 1]! - p[u + 1]!, vz = p[d + 2]! - p[u + 2]!;
      const nx = uy * vz - uz * vy;
      const ny = uz * vx - ux * vz;
      const nz = ux * vy - uy * vx;
      const length = Math.hypot(nx, ny, nz) || 1;
      const n = 3 * (j * columns + i);
      normals[n] = nx / length;
      normals[n + 1] = ny / length;
      normals[n + 2] = nz / length;
    }
  }
  return normals;
}
