/** The page that anybody may see: the values for a mail program, and what is open. Small, and apart from the webmail. */
import { mount } from 'svelte';
import '../ui/tokens.css';
import '../ui/base.css';
import SetUpPage from './SetUpPage.svelte';

const target = document.getElementById('app');
if (target) mount(SetUpPage, { target });
