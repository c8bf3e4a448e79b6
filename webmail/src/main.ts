/** Words and mail are fetched side by side; the page is drawn when the words are there, and, the first time, the reader's looks. */
import { mount } from 'svelte';
import App from './App.svelte';
import { t } from './i18n/text.svelte.js';
import { whenIdle } from './state/idle.js';
import { install } from './state/installed.js';
import { mail } from './state/mail.svelte.js';
import { applyPreferences, preferences } from './state/preferences.svelte.js';
import { settings } from './state/settings.svelte.js';
import './ui/tokens.css';
import './ui/base.css';

const target = document.getElementById('app');
applyPreferences();
const opening = mail.open();
await settings.first();
await t.ready(preferences.language);
applyPreferences();
if (target) mount(App, { target });
await opening;
whenIdle(install);
