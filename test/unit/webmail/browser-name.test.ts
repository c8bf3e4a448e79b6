/** Which browser a session is in, as its owner would say it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browserName } from '@vaguemestre/webmail/settings/browser-name';

it('tells browsers that name each other apart', () => {
  const says = (agent: string) => {
    const name = browserName(agent);
    return name && `${name.browser}, ${name.system}`;
  };
  assert.equal(says('Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0'), 'Firefox, Linux');
  assert.equal(
    says(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36 Edg/156.0',
    ),
    'Edge, Windows',
  );
  assert.equal(
    says(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1',
    ),
    'Safari, iOS',
  );
  assert.equal(
    says('Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36'),
    'Chrome, Android',
  );
  assert.equal(says('curl/8.5'), undefined);
  assert.equal(says(''), undefined);
});
