/** Words that a search must find in exactly so many messages of mix10k, whatever the encoding of the part they stand in. */
export const rareFrom = 'quibblefax';
export const rareSubject = 'zanzibarite';

export const rare = {
  word: 'zyxquorum',
  inBody: (index: number) => index % 1429 === 611,
  inHeader: (index: number) => index % 3001 === 77,
  inFrom: (index: number) => index % 271 === 13,
  inSubject: (index: number) => index % 433 === 29,
};
