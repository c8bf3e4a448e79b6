/**
 * Pictures from strangers, rebuilt before a browser gets them: the container is read to its end, only the parts that draw are
 * written again, in order and with their lengths checked. What is a picture is decided by the octets alone. Text, comments,
 * EXIF, XMP, colour profiles, thumbnails, unknown parts and whatever follows the end are left out, so a file that is
 * also something else (a script, a page, an archive) is a picture afterwards and nothing more. Pixels are not decoded: that
 * is the browser's own sandboxed work.
 *
 * Linear in the octets; undefined for what is no picture of these kinds, is cut short, or would be larger on the screen than
 * `maxPixels`. SVG is a document with scripts and links and never taken.
 */
import { rebuildGif } from './gif.js';
import { rebuildJpeg } from './jpeg.js';
import { rebuildPng } from './png.js';
import { rebuildWebp } from './webp.js';

export interface Raster {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Views of the octets given, in the order in which they go out. */
  readonly pieces: readonly Buffer[];
}

export function rebuildRaster(octets: Buffer): Raster | undefined {
  switch (octets[0]) {
    case 0x89:
      return raster('image/png', rebuildPng(octets));
    case 0xff:
      return raster('image/jpeg', rebuildJpeg(octets));
    case 0x47:
      return raster('image/gif', rebuildGif(octets));
    case 0x52:
      return raster('image/webp', rebuildWebp(octets));
    default:
      return undefined;
  }
}

const raster = (type: Raster['type'], pieces: readonly Buffer[] | undefined): Raster | undefined =>
  pieces === undefined ? undefined : { type, pieces };
