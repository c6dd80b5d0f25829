import sharp from 'sharp';

/** Versions of what decodes and encodes pictures. */
export const pictureVersions: Readonly<Record<'sharp' | 'libvips', string>> = { sharp: sharp.versions.sharp, libvips: sharp.versions.vips };
