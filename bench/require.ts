/** A library's module, by the name in bench/package.json. Their types are not needed to check this project. */
export type Require = (name: string) => unknown;
