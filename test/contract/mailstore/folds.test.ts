import { foldsSuite } from './suites/folds.js';

foldsSuite('fine');
