/** What the settings are where nobody set them; package.json and the kernel say the same. */
export const defaultSeed = 12_345;
export const defaultSuffix = 'restored';
