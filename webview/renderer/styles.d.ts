/** The build puts style sheets into the renderer as text. */
declare module '*.css' {
  const text: string;
  export default text;
}
