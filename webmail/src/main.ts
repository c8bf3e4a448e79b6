/** Words and mail are fetched side by side; the page is drawn when the words are there. */
import { mount } from 'svelte';
import App from './App.svelte';
import { t } from './i18n/text.svelte.js';
import { mail } from './state/mail.svelte.js';
import { applyPreferences, preferences } from './state/preferences.svelte.js';
import './ui/tokens.css';
import './ui/base.css';

const target = document.getElementById('app');
applyPreferences();
const opening = mail.open();
await t.ready(preferences.language);
if (target) mount(App, { target });
await opening;
