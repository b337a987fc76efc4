import { describe, expect, it } from 'vitest';
import { droppedStep } from '../../../../../server/src/generation/corruption/strategies/droppedStep.ts';
import { corruptionsOf } from '../../../../support/corruptions.ts';

const MAGICIAN = 'Stan hires a magician for $60 an hour. He works 3 hours every day for 2 weeks.';
const STEPS = [
  'The magician works for 2*7=<<2*7=14>>14 days',
  'So the magician works 14*3=<<14*3=42>>42 hours',
  'So that means he pays 42*60=$<<42*60=2520>>2520',
  '#### 2520',
];

describe('a dropped step', () => {
  it('is forgotten: a number that went into it stands for its result', () => {
    const found = corruptionsOf(droppedStep, MAGICIAN, STEPS, true);
    expect(found).toContainEqual({
      steps: [
        'The magician works for 2*7=<<2*7=14>>14 days',
        'So that means he pays 14*60=$<<14*60=840>>840',
        '#### 840',
      ],
      at: 1,
      before: STEPS[1],
      after: null,
      consistent: true,
    });
    expect(found.map(({ steps }) => steps[0])).toContain('So the magician works 7*3=<<7*3=21>>21 hours');
  });

  it('leaves later lines as they were where the error is local', () => {
    const found = corruptionsOf(droppedStep, MAGICIAN, STEPS, false).map(({ steps }) => steps);
    expect(found).toContainEqual([STEPS[0], 'So that means he pays 14*60=$<<14*60=840>>840', '#### 2520']);
    // Every reader could find the 42 for himself: nothing would be wrong.
    expect(found).not.toContainEqual([STEPS[0], ...STEPS.slice(2)]);
  });

  it('takes money for money', () => {
    const steps = [
      'He spent 3 x $5 = $<<3*5=15>>15 for the meat.',
      'In all he spent $15 + $10 = $<<15+10=25>>25.',
      '#### 25',
    ];
    const found = corruptionsOf(droppedStep, 'Rice is $10, and 3 pounds of meat are $5 each.', steps, true);
    expect(found.map(({ steps: [first] }) => first)).toEqual(['In all he spent $5 + $10 = $<<5+10=15>>15.']);
  });

  it.each([
    ['nobody uses', ['3 * 5 = <<3*5=15>>15 were sold.', 'He had 8 + 9 = <<8+9=17>>17.', '#### 17']],
    [
      'another step names',
      [
        '3 * 5 = <<3*5=15>>15 were sold.',
        'The 15 were blue.',
        'So 15 + 9 = <<15+9=24>>24 are gone.',
        '#### 24',
      ],
    ],
    [
      'words may speak of',
      ['3 * 5 = <<3*5=15>>15 were sold.', 'That was too few.', '15 + 9 = <<15+9=24>>24 are gone.', '#### 24'],
    ],
    [
      'is used twice',
      ['They rode 6 + 5 = <<6+5=11>>11 miles.', 'And back, 11 + 11 = <<11+11=22>>22.', '#### 22'],
    ],
  ])('leaves alone what %s', (_, steps) => {
    expect(corruptionsOf(droppedStep, '', steps, false)).toEqual([]);
  });

  it('takes no half of a fraction for a quantity', () => {
    const steps = ['2/5 * 80 = <<2/5*80=32>>32 cracked.', 'So 80 - 32 = <<80-32=48>>48 are left.', '#### 48'];
    expect(corruptionsOf(droppedStep, 'Of 80 pots 2/5 cracked.', steps, true)).toEqual([]);
  });

  it('is not forgotten where its user calculates on in the same breath', () => {
    const steps = [
      'There were 2 x 20 = <<2*20=40>>40 tennis balls.',
      'So 20 + 40 + 17 = <<20+40+17=77>>77, and 145 - 77 = <<145-77=68>>68 were others.',
      '#### 68',
    ];
    expect(corruptionsOf(droppedStep, 'Of 145 balls 20 are for soccer.', steps, false)).toEqual([]);
  });
});
