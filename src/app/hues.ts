/** The twelve peer hues: their order is the wire's (1–12), their names are for those who do not see them. */
export const hueNames = [
  'Blue',
  'Rust',
  'Green',
  'Plum',
  'Ochre',
  'Teal',
  'Violet',
  'Rose',
  'Olive',
  'Indigo',
  'Amber',
  'Sea',
] as const;

/** What each hue's class sets `--c` to: a peer's colour without a style attribute, which the content policy forbids. */
export const hueRules: readonly (readonly [selector: string, colour: string])[] = hueNames.map((_, index) => [
  `.hue-${String(index + 1)}`,
  `var(--peer-${String(index + 1)})`,
]);

/** A peer may claim any number; what is shown is always one of the twelve. */
export function hueClass(colour: number): string {
  const hue = Number.isInteger(colour) && colour >= 1 && colour <= hueNames.length ? colour : 1;
  return `hue-${String(hue)}`;
}
