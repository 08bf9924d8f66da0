import assert from 'node:assert/strict';
import { test } from 'node:test';

import { check } from './architecture.mjs';
import { sharedNames } from './sizes.mjs';

const WITHOUT_EXCEPTIONS = { length: { most: 380, warnAbove: 350 }, names: {} };

/** The findings on a crate of these files, without the width of places. */
function findings(files) {
  const tree = new Map(Object.entries(files).map(([path, text]) => [`src/${path}`, text]));
  return check(tree, WITHOUT_EXCEPTIONS).errors;
}

const library = (...floors) => floors.map((floor) => `mod ${floor};`).join('\n');

test('siblings that use each other are a circle, told with both places', () => {
  const found = findings({
    'lib.rs': library('failure'),
    'failure/mod.rs': 'mod body;\nmod hint;',
    'failure/body.rs': 'use super::hint::Hint;\npub struct Body(Hint);',
    'failure/hint.rs': '\npub struct Hint;\nfn read() { super::body::Body; }',
  });
  assert.deepEqual(found, [
    'circle: 2 modules (failure::body, failure::hint); the shortest: ' +
      'failure::body -> failure::hint (src/failure/body.rs:1), failure::hint -> failure::body (src/failure/hint.rs:3)',
  ]);
});

test('the shortest circle of a large one is told', () => {
  const [found, ...more] = findings({
    'lib.rs': library('failure'),
    'failure.rs': 'mod a; mod b; mod c;',
    'failure/a.rs': 'use crate::failure::{b::B, c::C}; pub struct A;',
    'failure/b.rs': 'use super::c::C as Other; pub struct B;',
    'failure/c.rs': 'use super::a; pub struct C(a::A);',
  });
  assert.deepEqual(more, []);
  assert.match(found, /^circle: 3 modules .*; the shortest: failure::a -> failure::c .*, failure::c -> failure::a /);
});

test('a re-export is followed to what it stands for', () => {
  const files = {
    'lib.rs': library('failure'),
    'failure/mod.rs': 'mod body; mod record;\npub use record::Record;\npub use body::read;',
    'failure/body.rs': 'use super::Record; pub fn read() -> Record { Record }',
  };
  assert.deepEqual(findings({ ...files, 'failure/record.rs': 'pub struct Record;' }), []);
  const circular = findings({ ...files, 'failure/record.rs': 'pub struct Record; fn f() { super::read(); }' });
  assert.match(circular.join(), /circle: 2 modules \(failure::body, failure::record\)/);
});

const parent = (code) => ({
  'lib.rs': library('store'),
  'store/mod.rs': `mod lock;\npub use lock::Guard;\npub struct Store;\n${code}`,
  'store/lock.rs': 'use super::Store;\npub struct Guard(Store);\npub fn take() {}',
});

test('a child may use what its parent defines while the parent only lists and re-exports it', () => {
  assert.deepEqual(findings(parent('')), []);
});

test('a parent whose own code uses a child that uses the parent is a circle', () => {
  for (const code of ['fn f() { lock::take(); }', 'use lock::take;', 'fn f(guard: Guard) {}\nuse lock::Guard;']) {
    assert.match(findings(parent(code)).join(), /circle: 2 modules \(store, store::lock\)/, code);
  }
});

test('names that come through a glob are needs of where they are defined', () => {
  const files = {
    'lib.rs': library('failure'),
    'failure.rs': 'mod a; mod b;',
    'failure/b.rs': 'pub struct B; use super::a::A;',
  };
  const used = { ...files, 'failure/a.rs': 'use super::b::*; pub struct A(B);' };
  assert.match(findings(used).join(), /circle: 2 modules/);
  assert.deepEqual(findings({ ...files, 'failure/a.rs': 'use super::b::*; pub struct A;' }), []);
});

test('what is compiled for tests only has no part in it', () => {
  const tests = [
    '#[cfg(test)] mod tests { use super::super::b::B; }',
    '#[cfg(all(test, unix))] #[expect(dead_code, reason = "a test")] fn f() -> [u8; 2] { super::b::B; [0, 1] }',
    '#[cfg(test)] use super::b::{B};',
    '#[cfg(test)] mod more;',
  ];
  for (const code of tests) {
    const found = findings({
      'lib.rs': library('failure'),
      'failure.rs': 'mod a; mod b;',
      'failure/a.rs': `pub struct A;\n${code}`,
      'failure/a/more.rs': 'use crate::failure::b::B;',
      'failure/b.rs': 'use super::a::A; pub struct B;',
    });
    assert.deepEqual(found, [], code);
  }
});

test('comments, texts and other crates name no module', () => {
  const found = findings({
    'lib.rs': library('error', 'store'),
    'error.rs':
      '// crate::store::f\n/* use crate::store; /* nested */ */\nuse std::store::X;\nuse ::store::Y;\nconst T: &str = r#"crate::store"#;\nconst C: char = \'"\'; // crate::store',
    'store.rs': 'pub fn f() {}',
  });
  assert.deepEqual(found, []);
});

test('knowledge goes downwards only', () => {
  const found = findings({
    'lib.rs': library('rotation', 'store'),
    'rotation.rs': 'use crate::store::Store;',
    'store.rs': 'pub struct Store;',
  });
  assert.deepEqual(found, [
    'import: src/rotation.rs:1 rotation must not know store; it may know profiles, failure, error, time, trace',
  ]);
});

test('a re-export does not carry knowledge past its floor', () => {
  const found = findings({
    'lib.rs': library('profiles', 'failure', 'gemini'),
    'gemini.rs': 'use crate::failure::Window;',
    'failure.rs': 'pub use crate::profiles::Window;',
    'profiles.rs': 'pub struct Window;',
  });
  assert.deepEqual(found, [
    'import: src/failure.rs:1 failure must not know profiles; it may know error, time, trace',
    'import: src/gemini.rs:1 gemini must not know profiles; it may know api, http, failure, error, time, trace',
  ]);
});

test('a floor may be allowed a part of another', () => {
  const files = {
    'lib.rs': library('pool', 'store'),
    'store/mod.rs': 'pub mod file;\npub use file::replace;',
    'store/file.rs': 'pub fn replace() {}',
  };
  assert.deepEqual(findings({ ...files, 'pool.rs': 'use crate::store::file::replace;' }), []);
  assert.match(findings({ ...files, 'pool.rs': 'use crate::store::replace;' }).join(), /pool must not know store;/);
});

test('a floor without a line in the table is a finding', () => {
  const found = findings({
    'lib.rs': library('extra', 'error'),
    'extra.rs': 'use crate::error::E;',
    'error.rs': 'pub struct E;',
  });
  assert.match(found.join(), /extra is not in the table MAY_KNOW/);
});

test('napi is named in binding only', () => {
  const found = findings({
    'lib.rs': library('binding', 'error'),
    'binding.rs': '#[napi] pub fn f() -> napi::Result<()> {}',
    'error.rs': '//! Without napi.\nimpl From<napi::Error> for E {}\n#[cfg(test)]\nuse napi_derive::napi;',
  });
  assert.deepEqual(
    found,
    ['src/error.rs:2', 'src/error.rs:4', 'src/error.rs:4'].map(
      (place) => `napi: ${place} names napi outside src/binding`,
    ),
  );
});

test('a folder with too many source files is a finding, tests not counted', () => {
  const files = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`failure/f${i}.rs`, '']));
  const tests = {
    'lib.rs': '',
    'failure/tests.rs': '',
    'failure/rule_tests.rs': '',
    'failure/tests/scene.rs': '',
    'failure/rule_tests/a.rs': '',
  };
  assert.deepEqual(findings({ ...files(14), ...tests }), []);
  assert.deepEqual(findings({ ...files(15), ...tests }), [
    'folder: src/failure holds 15 source files; at most 14 are one idea',
  ]);
});

test('a long file is a finding, one that is nearly so a warning', () => {
  const tree = new Map([
    ['src/lib.rs', '\n'.repeat(350)],
    ['src/a.rs', '\n'.repeat(351)],
    ['src/b.rs', '\n'.repeat(381)],
  ]);
  const { errors, warnings } = check(tree, WITHOUT_EXCEPTIONS);
  assert.deepEqual(errors, ['length: src/b.rs has 381 lines; at most 380, better 350']);
  assert.deepEqual(warnings, ['length: src/a.rs has 351 lines; at most 380, better 350']);
});

test('a file name stands for one thing, on whatever floor', () => {
  const found = findings({
    'lib.rs': '',
    'cli/mod.rs': '',
    'store/mod.rs': '',
    'cli/watch.rs': '',
    'store/a/watch.rs': '',
    'store/watch.rs': '',
  });
  assert.deepEqual(found, [
    'name: watch.rs stands on several floors: src/cli/watch.rs, src/store/a/watch.rs, src/store/watch.rs',
  ]);
});

test('an exception holds while there is something to except', () => {
  const files = new Map([
    ['src/cli/watch.rs', ''],
    ['src/store/watch.rs', ''],
  ]);
  const exceptions = { 'watch.rs': 'a reason' };
  assert.deepEqual(sharedNames(files, { exceptions }), []);
  files.delete('src/cli/watch.rs');
  assert.deepEqual(sharedNames(files, { exceptions }), [
    'exception: watch.rs needs none any more; take it out of the table',
  ]);
});

test('the ground may be named by every floor and names none', () => {
  const found = findings({
    'lib.rs': library('failure', 'time'),
    'failure.rs': 'use crate::time::Now; pub struct Failure;',
    'time.rs': 'pub struct Now(crate::failure::Failure);',
  });
  assert.deepEqual(found.slice(1), ['import: src/time.rs:1 time must not know failure; it may know nothing']);
  assert.match(found[0], /^circle: /);
});

test('what plays a thing in tests may have its name', () => {
  const files = new Map([
    ['src/pool/choose.rs', ''],
    ['src/simulation/choose.rs', ''],
  ]);
  assert.deepEqual(sharedNames(files, { testFloors: ['simulation'] }), []);
  assert.equal(sharedNames(files, {}).length, 1);
});
