// The pages that are not needed for the first frame, in one piece: together they pack much better than apart.
export { default as accounts } from './Accounts.svelte';
export { default as findings } from './Findings.svelte';
export { default as history } from './History.svelte';
export { default as settings } from './Settings.svelte';
export { default as welcome } from './Welcome.svelte';
