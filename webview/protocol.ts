/** What a webview tells the extension. One union per direction; every switch over `kind` ends in `satisfies never`. */
export type FromWebview =
  /** The page has loaded and may be sent its state. */
  | { readonly kind: 'ready' };
