// Words around numbers: which are units, which of them convert into each other, and which spoil a reading.

/** Units that convert into each other, so that "60 minutes = 1 hour" is no arithmetic error. */
const DIMENSIONS: Readonly<Record<string, string>> = {
  time: 'second sec minute min hour hr h day week month year decade century',
  length:
    'inch in foot feet ft yard yd mile mi millimeter mm centimeter cm meter metre m kilometer km block lap',
  mass: 'ounce oz pound lb ton milligram mg gram g kilogram kg kilo',
  volume: 'teaspoon tsp tablespoon tbsp cup pint quart gallon milliliter ml liter litre l',
  money: '$ dollar buck cent penny pennie nickel dime quarter euro € £ pence',
  share: 'percent %',
};

const DIMENSION_OF = new Map<string, string>();
for (const [dimension, units] of Object.entries(DIMENSIONS)) {
  for (const unit of units.split(' ')) DIMENSION_OF.set(unit, dimension);
}

/** Words that stand for a factor of their own: "2 dozen * 3 = 72", "1.5 million / 3 = 500,000". */
const FACTORS = new Set(
  'dozen pair hundred thousand million billion trillion k score couple gross half halves third quarter fifth sixth eighth tenth tens ones'.split(
    ' ',
  ),
);

/** A word between numbers that no unit contains: text goes on, or another thing is counted. */
const NO_UNIT = new Set(
  `a an and so then is are was were be he she they it we i you which that this these those has have had to because since if
  when while after before where who therefore thus hence means mean meaning gives give makes make equals equal get gets now
  there will would can could she's he's but or let total remaining remain left`.split(/\s+/),
);

/** Before an expression: it is only a part of what is computed ("half of 48 + 2 = 26"). */
const DOUBT_BEFORE = new Set(
  `of half twice double triple thrice times plus minus by over than squared cubed root divided multiplied third thirds quarter
  quarters fourth fifth sixth tenth mod modulo log ln sin cos tan sqrt max min gcd lcm average mean sum product difference
  ratio hundred thousand million dozen add subtract`.split(/\s+/),
);

/** After an expression: it goes on in words, or is a quotient with remainder. */
const DOUBT_AFTER = new Set(
  'times plus minus remainder r rem mod modulo divided over squared cubed percent and/or factorial multiplied'.split(
    ' ',
  ),
);

export function isUnitWord(word: string): boolean {
  return !NO_UNIT.has(word);
}

export function spoilsBefore(word: string): boolean {
  return DOUBT_BEFORE.has(word);
}

export function spoilsAfter(word: string): boolean {
  return DOUBT_AFTER.has(word) || FACTORS.has(word);
}

/** Whether two of the units convert into each other, or one is a factor of its own or perhaps a variable. */
export function unitsConvert(units: Iterable<string>): boolean {
  const seen = new Map<string, string>();
  for (const word of units) {
    const unit = word.length > 1 ? singular(word) : word;
    // One letter is a unit or a variable: "2m + 55".
    if (FACTORS.has(unit) || /^[a-z]$/.test(unit)) return true;
    const dimension = DIMENSION_OF.get(unit);
    if (dimension === undefined) continue;
    const other = seen.get(dimension);
    if (other !== undefined && other !== unit) return true;
    seen.set(dimension, unit);
  }
  return false;
}

/** Letters that stand for a unit when written at a number ("5m", "10h"); any other letter is a variable. */
export function isUnitLetter(letter: string): boolean {
  return 'mghslLkK'.includes(letter);
}

function singular(word: string): string {
  if (DIMENSION_OF.has(word) || FACTORS.has(word)) return word;
  if (word === 'inches') return 'inch';
  if (word === 'centuries') return 'century';
  return word.endsWith('s') ? word.slice(0, -1) : word;
}
