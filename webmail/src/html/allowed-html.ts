/**
 * What a message may use of HTML and CSS, as lists of what is allowed: what is not named here does not reach the screen.
 * Nothing on them can run, load, send, cover the page, or take a name that a script would look up.
 */

/** Longer HTML is cut: nobody reads it, and cleaning it would hold up the page. */
export const maxHtmlLength = 5_000_000;
/** A cleaner costs microseconds a tag, so a flood of tags is cut before it costs seconds. */
export const maxTags = 30_000;
/** Deeper than any layout; the parser's time grows with its square. */
export const maxOpenTags = 500;
/** Of what is copied: the parsers of browsers nest no deeper than about 512. */
export const maxDepth = 1_000;
export const maxCssLength = 200_000;
export const maxCssRules = 5_000;
/** Images past these are left out: each is a request on consent. */
export const maxImages = 500;
/** Longer values of a property or names of a class are nobody's layout. */
export const maxValueLength = 500;
export const maxClasses = 20;
/** Lengths past it make a page of a million screens. */
export const maxLengthPx = 4_000;

/** Classes and ids of a message carry it, so that they never meet ours. */
export const namePrefix = 'm-';
/** What stands for the message's own `body`. */
export const bodyClass = 'vm-body';
/** On an image that waits for consent, while it has the size that it will have. */
export const heldClass = 'vm-held';

export const allowedTags: ReadonlySet<string> = new Set(
  'a abbr acronym address article aside b bdi big blockquote br caption center cite code col colgroup dd del dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr'.split(
    ' ',
  ),
);

/** What these hold is not for reading; their text would stand on the page. */
export const unreadTags: ReadonlySet<string> = new Set(
  'audio head iframe noembed noframes noscript object option plaintext script select style template textarea title video xmp'.split(
    ' ',
  ),
);

export const allowedAttributes: ReadonlySet<string> = new Set(
  'abbr align alt bgcolor border cellpadding cellspacing class clear color colspan datetime dir face headers height hspace id lang noshade nowrap reversed rowspan rules scope size span start style summary text title type valign value vspace width'.split(
    ' ',
  ),
);

/** Longhands, because the browser's own parser has split what was written. No position, no content, no animation, no filter. */
export const allowedProperties: ReadonlySet<string> = new Set(
  [
    'color background-color background-image background-position-x background-position-y background-repeat background-size opacity',
    'font-family font-size font-style font-weight font-stretch font-variant-caps font-variant-numeric line-height',
    'letter-spacing word-spacing word-break overflow-wrap hyphens tab-size white-space white-space-collapse text-wrap-mode',
    'text-align text-align-last text-indent text-transform text-decoration-line text-decoration-style text-decoration-color',
    'text-decoration-thickness text-underline-offset text-overflow direction vertical-align',
    'margin-top margin-right margin-bottom margin-left padding-top padding-right padding-bottom padding-left',
    'border-top-width border-right-width border-bottom-width border-left-width',
    'border-top-style border-right-style border-bottom-style border-left-style',
    'border-top-color border-right-color border-bottom-color border-left-color',
    'border-top-left-radius border-top-right-radius border-bottom-left-radius border-bottom-right-radius',
    'border-collapse border-spacing border-block-spacing caption-side empty-cells table-layout box-sizing box-shadow',
    'width min-width max-width height min-height max-height display float clear visibility overflow-x overflow-y',
    'list-style-type list-style-position object-fit break-inside',
    'flex-direction flex-wrap flex-grow flex-shrink flex-basis order justify-content align-items align-self align-content row-gap column-gap',
  ].flatMap((line) => line.split(' ')),
);

/** Functions that only compute. `url`, `image-set`, `attr`, `var`, `element`, `paint` and what is not invented yet are not among them. */
export const allowedFunctions: ReadonlySet<string> = new Set(
  'rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix calc min max clamp linear-gradient radial-gradient conic-gradient repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient'.split(
    ' ',
  ),
);
