import { describe, expect, it } from 'vitest';
import { unitSlip } from '../../../../../server/src/generation/corruption/strategies/unitSlip.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

const changed = (step: string, consistent = false): (string | null)[] =>
  corruptionsOf(unitSlip, 'How long is it?', [step, '#### 1'], consistent).map(({ after }) => after);

describe('a unit slip', () => {
  it('moves a percentage by a factor of ten', () => {
    const found = corruptionsOf(
      unitSlip,
      'A desk of $400 is sold for 20% less.',
      ['The discount is .2 * 400 = $<<.2*400=80>>80.', 'It costs 400 - 80 = $<<400-80=320>>320.', '#### 320'],
      true,
    );
    // Twice the price off is no result that can be carried on.
    expect(found.map(({ steps }) => steps.at(-1))).toEqual(['#### 392']);
  });

  it('makes no whole of a tenth', () => {
    expect(changed('He lost .1*50=<<.1*50=5>>5.')).toEqual([]);
    expect(changed('He lost .1*500=<<.1*500=50>>50.')).toEqual(['He lost .01*500=<<.01*500=5>>5.']);
  });

  it.each([
    ['He runs 3*20=<<3*20=60>>60 minutes.', 'He runs 3*20=<<3*20=60>>60 hours.'],
    ['It is 4*6=<<4*6=24>>24 inches long.', 'It is 4*6=<<4*6=24>>24 feet long.'],
    ['It is 4*6=<<4*6=24>>24 feet long.', 'It is 4*6=<<4*6=24>>24 yards long.'],
    ['It lasts 4-3=<<4-3=1>>1 hour.', 'It lasts 4-3=<<4-3=1>>1 day.'],
  ])('takes one unit for another: %s', (before, after) => {
    expect(changed(before)).toEqual([after]);
  });

  it.each([
    'There are 4*3=<<4*3=12>>12 second graders.',
    'He has 2*4=<<2*4=8>>8 pound bags.',
    'That leaves 5-5=<<5-5=0>>0 minutes.',
    'There are 3*2=<<3*2=6>>6 cars.',
  ])('leaves alone what is no unit of its number: %s', (step) => {
    expect(changed(step)).toEqual([]);
  });

  it('knows feet that are no length', () => {
    const steps = ['In total there are 24 + 4 = <<24+4=28>>28 feet in the garden.'];
    expect(corruptionsOf(unitSlip, 'Two dogs and ten ducks play in the garden.', steps, false)).toEqual([]);
  });

  it('takes a wrong factor between two units, and carries it on', () => {
    const steps = [
      'She reads 20 x 60 = <<20*60=1200>>1200 minutes.',
      'So 1200 / 4 = <<1200/4=300>>300.',
      '#### 300',
    ];
    const found = corruptionsOf(unitSlip, 'She will be reading for 20 hours.', steps, true);
    expect(found.map(({ steps: [first, , last] }) => [first, last])).toEqual(
      expect.arrayContaining([
        ['She reads 20 x 100 = <<20*100=2000>>2000 minutes.', '#### 500'],
        ['She reads 20 x 30 = <<20*30=600>>600 minutes.', '#### 150'],
      ]),
    );
    // In the problem it is a number like others, in words the step would say what is wrong with it.
    const own = corruptionsOf(unitSlip, 'In 20 hours she makes 60 pages.', steps, true);
    const said = steps.with(0, 'An hour has 60 minutes, so 20 x 60 = <<20*60=1200>>1200 minutes.');
    for (const { consistent } of [...own, ...corruptionsOf(unitSlip, 'It takes hours.', said, true)])
      expect(consistent).toBe(false);
  });
});
