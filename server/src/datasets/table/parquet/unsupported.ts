// Nothing is wrong with the file, as far as one can tell: it is written in a way that is not read here.
export class UnsupportedError extends Error {}
