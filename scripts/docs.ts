// Writes the parts of the documentation that follow from the code: `npm run docs`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandReference, REFERENCE } from './commandReference.ts';
import { ROOT } from './lib/paths.ts';

writeFileSync(path.join(ROOT, REFERENCE), await commandReference());
