// How GNOME writes JavaScript (https://gjs.guide/guides/gjs/style-guide.html), and what the reviews of
// extensions.gnome.org ask for, as far as a linter sees it.

import js from '@eslint/js';
import stylistic from '@stylistic/eslint-plugin';
import {defineConfig} from 'eslint/config';

const writable = names => Object.fromEntries(names.map(name => [name, 'readonly']));

export default defineConfig([
    {ignores: ['**/node_modules/**']},
    {linterOptions: {reportUnusedDisableDirectives: 'error'}},
    js.configs.recommended,
    {
        files: ['**/*.js', '**/*.mjs'],
        plugins: {'@stylistic': stylistic},
        languageOptions: {ecmaVersion: 2022, sourceType: 'module'},
        rules: {
            'array-callback-return': 'error',
            'block-scoped-var': 'error',
            camelcase: ['error', {properties: 'never'}],
            'consistent-return': 'error',
            curly: ['error', 'multi-or-nest', 'consistent'],
            'default-case-last': 'error',
            eqeqeq: 'error',
            'no-eval': 'error',
            'no-implicit-coercion': 'error',
            'no-implied-eval': 'error',
            'no-new-func': 'error',
            'no-param-reassign': 'error',
            'no-restricted-globals': ['error', 'Debugger', 'imports', 'log', 'logError', 'window'],
            'no-shadow': 'error',
            'no-unused-vars': ['error', {argsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_'}],
            'no-use-before-define': ['error', {functions: false, classes: true, variables: true}],
            'no-useless-concat': 'error',
            'no-var': 'error',
            'object-shorthand': 'error',
            'one-var': ['error', 'never'],
            'prefer-arrow-callback': 'error',
            'prefer-const': 'error',
            'prefer-template': 'error',
            '@stylistic/arrow-parens': ['error', 'as-needed'],
            '@stylistic/brace-style': 'error',
            '@stylistic/comma-dangle': ['error', {arrays: 'always-multiline', objects: 'always-multiline', imports: 'always-multiline'}],
            '@stylistic/eol-last': 'error',
            '@stylistic/indent': ['error', 4, {SwitchCase: 0, ignoredNodes: [
                // A class within registerClass() begins where the call does.
                'CallExpression[callee.property.name=registerClass] > ClassExpression:first-child',
            ]}],
            '@stylistic/key-spacing': 'error',
            '@stylistic/keyword-spacing': 'error',
            '@stylistic/max-len': ['error', {code: 140}],
            '@stylistic/no-trailing-spaces': 'error',
            '@stylistic/operator-linebreak': ['error', 'after', {overrides: {'?': 'before', ':': 'before'}}],
            '@stylistic/quotes': ['error', 'single', {avoidEscape: true}],
            '@stylistic/semi': 'error',
            '@stylistic/space-before-blocks': 'error',
            '@stylistic/space-infix-ops': 'error',
        },
    },
    {
        // Runs inside of the shell, where nothing may wait.
        files: ['packaging/gnome-shell/**/*.js'],
        rules: {
            'no-console': 'error',
            'no-restricted-properties': ['error',
                ...['spawn_sync', 'spawn_command_line_sync', 'spawn_command_line_async', 'usleep']
                    .map(property => ({object: 'GLib', property})),
                ...['communicate', 'communicate_utf8', 'wait', 'wait_check', 'read_line', 'read_line_utf8', 'load_contents',
                    'replace_contents'].map(property => ({property, message: 'It blocks the shell.'})),
            ],
            'no-restricted-syntax': ['error',
                {selector: 'ImportExpression', message: 'Extensions import at their beginning.'},
                {selector: 'Program > VariableDeclaration[kind=let]', message: 'Nothing may outlive disable().'}],
        },
    },
    {
        // Plasma's engine knows no more. What it has of later editions is not said to the linter.
        files: ['packaging/panel/{status,words}.mjs', 'packaging/plasma/**/*.mjs', 'tests/panel/cases.mjs'],
        languageOptions: {ecmaVersion: 2020},
        rules: {
            'no-restricted-syntax': ['error',
                {selector: 'ObjectExpression > SpreadElement', message: 'Qt’s engine has no spread of objects.'},
                {selector: 'ObjectPattern > RestElement', message: 'Qt’s engine has no rest of objects.'},
                {selector: 'CatchClause[param=null]', message: 'Qt’s engine wants a parameter.'}],
        },
    },
    {
        files: ['tests/panel/**', 'packaging/panel/pack.mjs'],
        ignores: ['tests/panel/cases.mjs', 'tests/panel/*.gjs.js'],
        languageOptions: {globals: writable(['URL', 'console', 'process', 'setImmediate'])},
    },
    {
        files: ['tests/panel/*.gjs.js'],
        languageOptions: {globals: writable(['TextDecoder', 'print'])},
    },
]);
