import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unformatted } from './unformatted.mjs';

const configuration = 'style_edition = "2024"\nmax_width = 60\n';
const places = (text) =>
  unformatted(new Map([['src/lib.rs', text]]), { configuration }).map((line) => line.split(' ')[1]);

test('a statement that rustfmt leaves alone because a text in it is too wide is found', () => {
  const wide = `fn f() -> String {
    let name = 1;
    match name {
        1 => g("a text that is wider than the width that is allowed").trim(),
        _ => h(),
    }
    .to_owned()
}
`;
  assert.deepEqual(places(wide), ['src/lib.rs:4']);
});

test('what rustfmt handles is no finding, whatever stands in macros, comments and texts', () => {
  const sound = `//! Of one idea.
use std::io;

/* A comment
that is out of line. */
dsl! {
      a   =>   b ;;
  c
}

#[error(
    "{}", .0
)]
struct E(u8);

/// A line of a comment that is wider than the width that is allowed.
fn f() -> &'static str {
    let object = json!({
          "a": 1,
    });
    // Why.
    let text = "one
 two";
    let wide = "a text that is wider than the width that is allowed";
    text
}
`;
  assert.deepEqual(places(sound), []);
});

test('a source that rustfmt cannot read is an error and not a pass', () => {
  assert.throws(() => places('fn f( {'), /rustfmt ended with/);
});
