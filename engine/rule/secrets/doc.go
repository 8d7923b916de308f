// Package secrets is the kind of rule that finds what must never be committed:
// private keys, tokens and passwords.
//
// What a secret looks like is data: the rules of gitleaks (rules/README.md), each
// an expression with the words that a file must hold, a least entropy, and lists
// of what is no secret after all. A file is judged in four steps, each over less
// text than the one before:
//
//  1. one pass looks for the words at known places of the expressions, and the
//     keywords, of all patterns at once (regexpset.Words, regexpset.Anchor);
//  2. of a pattern with such hits, a machine made as it is needed walks from each
//     hit as far as a match may still follow (machine.go): most die within a few
//     bytes;
//  3. where it saw an end, the expression itself runs, on the window around it;
//  4. entropy and allow lists judge what it found.
//
// Invariants: an expression finds in the windows what it finds in the whole text;
// every step is linear in the text; nothing that leaves this package holds more of
// a secret than its first four characters, so that reports, fingerprints and
// caches do not.
package secrets
