// The cases of cases.mjs in Node.js, and the real program's answer.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {CASES} from './cases.mjs';

for (const [name, run] of Object.entries(CASES))
    test(name, () => run((is, expected) => assert.equal(is, expected)));
