/**
 * A fingerprint for eyes and ears: a woven cloth and four words. The first eight bytes say of each crossing which thread
 * runs over, the four after them name a word each. 96 bits in all, of which one compares by eye or over the telephone what one
 * can; whoever wants to be sure compares all 64 digits.
 *
 * Pure.
 */

/** Short, concrete, one spelling, no two that sound alike. */
const words = `
  acorn alder almond amber anchor antler apple apron arrow ash aspen autumn badge bagel balcony bamboo
  banjo barge barley basil basket bay beacon beaver beech bell berry birch biscuit bison blanket
  blossom boat bonfire bottle bramble brass bread breeze brick bridge brook broom bucket butter button
  cabin cable camel candle canoe canvas carpet carrot castle cedar cello chalk cherry chestnut chimney
  cinder circle citrus clay cliff clock cloud clover cobalt cocoa comet compass copper coral cotton
  cradle crane cricket crystal cuckoo curtain cypress daisy dawn desert dolphin donkey drum dune eagle
  east echo elbow elder elm ember emerald engine falcon feather fennel fern ferry fiddle field fig
  finch fir flag flame flint flute foam forest forge fountain fox frost garden garlic garnet gate
  ginger glacier glass goose granite grape gravel guitar hammer harbour harp harvest hazel heather
  hedge heron hill honey hood horizon igloo indigo iris iron island ivory ivy jacket jade jasmine
  juniper kettle kite ladder lagoon lake lantern larch lark laurel lavender leaf lemon lentil lilac
  lime linen lizard locket loom lotus magnet magpie mango maple marble marsh meadow melon mill mint
  mirror moss mountain mulberry needle nettle nickel north nutmeg oak oasis oat ocean olive onion onyx
  opal orchard orchid otter oyster paddle palm panther paper parsley path pear pebble pelican pier
  pine planet plum pocket pond poplar poppy quail quartz quill rabbit raven reed ribbon river robin
  rocket rope rose ruby saddle saffron sage salmon sand satin saucer shell silver sparrow spruce stone
  swan table tiger tulip velvet violet walnut willow winter
`
  .trim()
  .split(/\s+/);

/** Threads a side. */
export const weaveThreads = 8;

/** Row by row, whether the weft runs over the warp there. */
export function weaveOf(fingerprint: Uint8Array): readonly boolean[] {
  const crossings: boolean[] = [];
  for (let row = 0; row < weaveThreads; row++)
    for (let column = 0; column < weaveThreads; column++)
      crossings.push((((fingerprint[row] ?? 0) >> column) & 1) === 1);
  return crossings;
}

export function wordsOf(fingerprint: Uint8Array): readonly string[] {
  return Array.from(
    fingerprint.subarray(weaveThreads, weaveThreads + 4),
    byte => words[byte % words.length] ?? '',
  );
}
